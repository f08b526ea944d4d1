"""Sentences and tables that follow the choice of a country: what is stored, and that it is what the record gives."""

import json
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter

from ascn_analysis import audit, loaders, metrics, notebooks, tables
from ascn_analysis import vocabulary as v
from ascn_analysis.selections import MIME, Selections, by_country

KEYS = ["all", *v.COUNTRY_NAMES]
LISTED = sorted(set(v.COUNTRY_NAMES) - {"TLS"})
PATHS = notebooks.paths()
FOLLOWING = ["00", "01", "02", "03", "04", "05", "06", "07", "09", "10"]
each = pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])


@pytest.fixture
def rows() -> pd.DataFrame:
    """Two rows of Indonesia, one of Viet Nam, one of no country."""
    return pd.DataFrame({"iso3": ["IDN", "IDN", "VNM", None], "n": [1, 2, 4, 8]})


def add_up(frame: pd.DataFrame) -> str:
    return f"{frame['n'].sum()} in {len(frame)}"


# The function and its frames


def test_all_and_each_country_stand_in_alphabetical_order(rows):
    assert list(by_country(add_up, rows).texts) == KEYS


def test_the_answer_for_all_is_made_of_every_row(rows):
    assert by_country(add_up, rows).texts["all"] == "15 in 4"


def test_the_answer_of_a_country_is_made_of_its_rows(rows):
    assert by_country(add_up, rows).texts["IDN"] == "3 in 2"


def test_a_country_without_rows_says_so_under_its_name(rows):
    assert by_country(add_up, rows).texts["TLS"] == "Timor-Leste: nothing is listed."


def test_a_country_without_rows_is_given_the_words_that_the_notebook_has_for_it(rows):
    assert by_country(add_up, rows, empty="no plan.").texts["TLS"] == "Timor-Leste: no plan."


def test_words_for_nothing_are_not_said_of_a_country_with_rows(rows):
    texts = by_country(add_up, rows, empty="no plan.").texts
    assert {key for key, text in texts.items() if not text.endswith(": no plan.")} == {"all", "IDN", "VNM"}


def test_the_function_is_not_called_for_a_country_without_rows(rows):
    called = []
    by_country(lambda frame: called.append(len(frame)) or "", rows)
    assert called == [4, 2, 1]


def test_the_first_frame_decides_whether_a_country_has_something_to_say(rows):
    second = pd.DataFrame({"iso3": ["TLS", "IDN"], "n": [1, 1]})
    texts = by_country(lambda first, _: add_up(first), rows, second).texts
    assert texts["TLS"] == "Timor-Leste: nothing is listed."


def test_a_second_frame_may_be_empty_for_a_country(rows):
    second = rows[rows["iso3"] == "VNM"]
    assert by_country(lambda _, frame: add_up(frame), rows, second).texts["IDN"] == "0 in 0"


def test_other_frames_with_a_country_are_reduced_to_it(rows):
    tenfold = rows.assign(n=10 * rows["n"])
    assert by_country(lambda _, frame: add_up(frame), rows, tenfold).texts["IDN"] == "30 in 2"


def test_frames_without_a_country_are_passed_whole(rows):
    assert by_country(lambda _, frame: add_up(frame), rows, rows[["n"]]).texts["IDN"] == "15 in 4"


def test_the_frames_are_left_as_they_were(rows):
    before = rows.copy()
    by_country(lambda first, _: add_up(first), rows, rows)
    pd.testing.assert_frame_equal(rows, before)


def test_a_first_frame_without_a_country_is_refused(rows):
    with pytest.raises(ValueError, match=r"the first frame has no column iso3; it has \['n'\]"):
        by_country(add_up, rows[["n"]])


def test_a_table_is_written_as_tables_write_it(rows):
    answer = by_country(lambda frame: frame[["n"]], rows).texts["VNM"]
    assert answer == tables.markdown(rows.loc[[2], ["n"]]) == "| n |\n| ---: |\n| 4 |"


@given(st.lists(st.sampled_from([*v.COUNTRY_NAMES, None])))
def test_rows_of_countries_and_of_none_sum_to_all(codes):
    frame = pd.DataFrame({"iso3": pd.Series(codes, dtype="object")})
    texts = by_country(lambda own: str(len(own)), frame).texts
    counted = {iso3: int(text) for iso3, text in texts.items() if text.isdigit()}
    assert counted.pop("all") == sum(counted.values()) + codes.count(None) == len(codes)


# What a notebook shows and stores


def test_the_bundle_holds_the_answer_for_all_and_carries_the_others(rows):
    bundle = by_country(add_up, rows)._repr_mimebundle_()
    assert set(bundle) == {"text/markdown", "text/plain", MIME}


@pytest.mark.parametrize("kind", ["text/markdown", "text/plain"])
def test_a_reader_without_the_control_sees_the_answer_for_all(rows, kind):
    assert by_country(add_up, rows)._repr_mimebundle_()[kind] == "15 in 4"


def test_the_stored_answers_are_all_answers(rows):
    made = by_country(add_up, rows)
    assert made._repr_mimebundle_()[MIME] == {"texts": made.texts}


def test_jupyter_shows_the_bundle():
    data, _ = DisplayFormatter().format(Selections(dict.fromkeys(KEYS, "words")))
    assert data[MIME]["texts"]["IDN"] == data["text/markdown"] == "words"


# The stored notebooks


def outputs(path: Path) -> list[tuple[str, dict[str, object]]]:
    """Return the source and the data of each stored output that follows the choice of a country."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    shown = [("".join(c["source"]), o.get("data", {})) for c in cells for o in c.get("outputs", [])]
    return [(source, data) for source, data in shown if MIME in data]


def stored(number: str, call: str) -> dict[str, str]:
    """Return the stored answers of the one cell of a notebook that ends with a call."""
    (path,) = [path for path in PATHS if path.stem.startswith(number)]
    (texts,) = [data[MIME]["texts"] for source, data in outputs(path) if source.endswith(call)]
    return texts


def cells_of(table: str) -> list[list[str]]:
    """Return the cells of a Markdown table, without its head."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


@each
def test_every_stored_output_has_all_and_the_eleven_countries(path):
    assert all(sorted(data[MIME]["texts"]) == sorted(KEYS) for _, data in outputs(path))


@each
def test_every_stored_output_shows_its_answer_for_all(path):
    shown = [("".join(data["text/markdown"]), "".join(data["text/plain"])) for _, data in outputs(path)]
    assert shown == [(data[MIME]["texts"]["all"],) * 2 for _, data in outputs(path)]


@each
def test_no_stored_answer_is_empty_or_shows_a_gap_as_a_number(path):
    texts = [text for _, data in outputs(path) for text in data[MIME]["texts"].values()]
    assert not [text for text in texts if not text.strip() or re.search(r"\b(nan|inf|None|NaT)\b|<NA>", text)]


@pytest.mark.parametrize("number", FOLLOWING)
def test_a_notebook_that_counts_by_country_follows_the_choice(number):
    assert any(outputs(path) for path in PATHS if path.stem.startswith(number))


@pytest.fixture(scope="module")
def counted() -> Counter[tuple[str, int]]:
    """Rows of the published flat table by country and report, counted without the library."""
    return Counter((row.iso3, int(row.report_year)) for row in pd.read_csv(loaders.DATA / "panel.csv").itertuples())


@pytest.mark.parametrize("number", ["00", "02"])
@pytest.mark.parametrize("iso3", LISTED)
def test_the_totals_of_a_country_are_its_rows_in_each_report(counted, number, iso3):
    texts = stored(number, """.astype({"change": "Int64", "days": "Int64"}), projects)""")
    stated = {int(year): int(n) for year, _, n, *_ in cells_of(texts[iso3])}
    assert stated == {year: n for (code, year), n in counted.items() if code == iso3}


def test_the_sentence_on_growth_says_of_indonesia_what_the_measure_says_of_its_rows(panel):
    growth = metrics.growth(panel[panel["iso3"] == "IDN"])
    first, last, yearly = growth.iloc[0], growth.iloc[-1], growth["annualised_percent"]
    text = stored("02", "by_country(rise, projects)")["IDN"]
    assert text.startswith(f"From {first['n']} ({first['as_of']}) to {last['n']} ({last['as_of']})")
    assert text.endswith(f"between {yearly.min():.1f} and {yearly.max():.1f} per cent.")


def test_a_country_whose_number_never_changed_is_said_not_to_have_changed(counted):
    texts = stored("02", "by_country(rise, projects)")
    constant = {iso3 for iso3 in LISTED if len({n for (code, _), n in counted.items() if code == iso3}) == 1}
    assert {iso3 for iso3, text in texts.items() if "no change" in text} == constant


@pytest.mark.parametrize("selection", KEYS)
def test_what_came_and_what_left_sum_to_the_total_of_the_report(selection):
    for _, *parts, total in cells_of(stored("02", "by_country(balance, projects)")[selection]):
        assert sum(map(int, parts)) == int(total)


@pytest.mark.parametrize("column", range(5))
def test_what_came_and_what_left_in_the_countries_sum_to_the_network(column):
    texts = stored("02", "by_country(balance, projects)")
    total = Counter()
    for iso3 in LISTED:
        total.update({year: int(parts[column]) for year, *parts in cells_of(texts[iso3])})
    assert total == Counter({year: int(parts[column]) for year, *parts in cells_of(texts["all"])})


def test_the_cohorts_of_a_country_name_its_cities(cities):
    texts = stored("01", "by_country(cohorts, cities)")
    named = {iso3: set(re.split(r", |: |\n", re.sub(r"- \*\*.*?: ", "", texts[iso3]))) for iso3 in v.COUNTRY_NAMES}
    assert named == {iso3: set(own["city"]) for iso3, own in cities.groupby("iso3")}


def test_a_member_without_a_project_is_named_as_one_that_no_report_lists_yet():
    text = " ".join(stored("01", "by_country(members, cities)")["TLS"].split())
    assert re.fullmatch(
        r"\*\*1 member city\.\*\* With projects in the report of [\d-]+: none\. In no report yet: Dili\. In earlier reports only: none\.",
        text,
    )


@pytest.mark.parametrize("iso3", LISTED)
def test_the_shares_of_a_country_are_those_of_its_rows(panel, iso3):
    own = panel[(panel["iso3"] == iso3) & (panel["report_year"] == panel["report_year"].max())]
    stated = {area: float(share) for area, *_, share in cells_of(stored("03", "by_country(share, projects)")[iso3])}
    expected = {area: round(100 * n / len(own), 1) for area, n in Counter(own["focus_area"]).items()}
    assert {area: share for area, share in stated.items() if share} == expected


def test_contradictions_of_the_countries_sum_to_those_that_are_about_one():
    texts = stored("09", "by_country(local, cities, found)")
    counts = {key: next(iter(numbers(text)), 0) for key, text in texts.items()}
    assert counts.pop("all") == sum(counts.values())


def test_a_contradiction_about_a_city_counts_for_its_country():
    subjects = audit.findings()["subject"]
    names = ("Indonesia", "Banyuwangi", "Denpasar", "Jakarta", "Makassar", "Semarang", "Sumedang")
    expected = sum(subject.startswith(names) for subject in subjects)
    assert numbers(stored("09", "by_country(local, cities, found)")["IDN"])[0] == expected

"""A list of one's own in the notebook: read, columns confirmed, every problem shown as text, then explored."""

import io
import json
import re
from datetime import UTC, datetime

import ipywidgets as w
import pandas as pd
import pytest

from ascn_analysis import loaders, own
from ascn_analysis.errors import AscnError
from ascn_analysis.explorers.bring import MOST_SHOWN, OwnProjects, cities_of
from ascn_analysis.measures.choosing import NOT_GIVEN
from ascn_analysis.widgets import Choice, bring_your_own

WIDGET = "application/vnd.jupyter.widget-view+json"
VEGALITE = "application/vnd.vegalite.v5+json"
HEADER = "Project title,Country,City,Sector,Year,Status"
GOOD = f"""{HEADER}
Flood sensors,Indonesia,Banyuwangi,Quality Environment,2023,planning
Flood sensors,Indonesia,Banyuwangi,Quality Environment,2024,ongoing
Night bus,Viet Nam,Ha Noi,Built Infrastructure,2023,ongoing
Night bus,Viet Nam,Ha Noi,Built Infrastructure,2024,completed
Open data portal,Viet Nam,Vinh,Civic & Social,2024,
"""
BAD = f"""{HEADER}
Flood sensors,Indonesia,Banyuwangi,Quality Environment,2023,planning
Night bus,Wakanda,Ha Noi,Built Infrastructure,2023,ongoing
,Viet Nam,Ha Noi,Built Infrastructure,2024,completed
Open data portal,Viet Nam,Ha Noi,Civic & Social,twenty,planning
"""
MAPPING = {"title": "Project title", "country": "Country", "city": "City", "focus_area": "Sector", "report_year": "Year", "status": "Status"}  # fmt: skip


@pytest.fixture
def path(tmp_path):
    (tmp_path / "good.csv").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.csv").write_text(BAD, encoding="utf-8")
    return tmp_path / "good.csv"


@pytest.fixture(scope="module")
def explored(tmp_path_factory):
    """A list that is explored, for tests that change nothing but its choice."""
    path = tmp_path_factory.mktemp("lists") / "good.csv"
    path.write_text(GOOD, encoding="utf-8")
    return bring_your_own(path, mapping=MAPPING)


def upload(widget, name, content):
    """Hand a file over as the browser does with ipywidgets 8."""
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    widget.upload.value = (
        {"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": moment},
    )


def within(widget, kind):
    """Yield the widgets of a kind within a widget."""
    if isinstance(widget, kind):
        yield widget
    for child in getattr(widget, "children", ()):
        yield from within(child, kind)


def press(widget, label):
    next(button for button in within(widget, w.Button) if button.description == label).click()


def said(widget):
    return " ".join(text.value for text in within(widget, w.HTML))


# Reading


def test_before_a_file_is_chosen_there_is_nothing_to_check():
    widget = OwnProjects()
    assert (widget.projects, widget.explorer, widget.check(), len(widget.problems)) == (None, None, None, 0)
    assert [button.disabled for button in within(widget, w.Button)] == [True, True]


def test_the_columns_are_guessed_and_nothing_is_checked_before_they_are_confirmed(path):
    widget = bring_your_own(path)
    frame = own.read(path)
    assert widget.confirmed() == own.guess(frame.columns, frame)
    assert {name: widget.confirmed()[name] for name in MAPPING} == MAPPING
    assert (widget.checked, widget.explorer) == (None, None)
    assert "good.csv: 5 rows, 6 columns" in said(widget)


def test_every_field_can_be_any_column_or_none(path):
    widget = bring_your_own(path)
    for control in widget.mapping.values():
        assert list(control.options) == ["(no column)", *HEADER.split(",")]


def test_a_confirmed_list_is_explored(path):
    widget = bring_your_own(path)
    press(widget, "Check this list")
    pd.testing.assert_frame_equal(widget.projects, own.load(path))
    assert "good.csv: 5 rows without a problem." in said(widget)
    assert widget.explorer in list(within(widget, type(widget.explorer)))
    assert len(widget.explorer.selection) == (widget.projects["report_year"] == 2024).sum()


def test_with_a_mapping_the_list_is_checked_at_once(explored):
    assert len(explored.projects) == 5
    assert len(explored.problems) == 0


def test_a_path_in_the_box_is_read(path):
    widget = OwnProjects()
    widget.path.value = f" {path} "
    widget.check()
    assert len(widget.projects) == 5


def test_an_upload_is_read(path):
    widget = OwnProjects()
    upload(widget, "mine.csv", GOOD.encode())
    widget.check()
    pd.testing.assert_frame_equal(widget.projects, own.load(path))
    assert "mine.csv: 5 rows" in said(widget)


def test_a_parquet_file_gives_the_same_projects(path, tmp_path):
    pytest.importorskip("pyarrow")
    content = io.BytesIO()
    pd.read_csv(path, dtype={"Year": "int64"}).to_parquet(content)
    (tmp_path / "good.parquet").write_bytes(content.getvalue())
    by_path, by_upload = bring_your_own(tmp_path / "good.parquet", mapping=MAPPING), OwnProjects()
    upload(by_upload, "good.parquet", content.getvalue())
    by_upload.check()
    expected = own.load(path).drop(columns="row_no")
    for widget in (by_path, by_upload):
        pd.testing.assert_frame_equal(widget.projects.drop(columns="row_no"), expected)


def test_the_explorer_shows_the_notes_on_how_the_list_was_read(explored):
    assert len(explored.checked.notes) > 1
    assert said(explored).count("<li>") == len(explored.checked.notes)


# Problems


def test_three_errors_are_listed_with_their_rows(path):
    widget = bring_your_own(path.with_name("bad.csv"), mapping=MAPPING)
    found = widget.problems
    assert found[["row", "column"]].to_numpy().tolist() == [[3, "Country"], [4, "Project title"], [5, "Year"]]
    assert found["value"].fillna("").tolist() == ["Wakanda", "", "twenty"]
    assert list(found.columns) == ["row", "column", "value", "expected", "text"]
    assert (widget.projects, widget.explorer) == (None, None)


def test_the_problems_are_shown_in_a_table(path):
    shown = said(bring_your_own(path.with_name("bad.csv"), mapping=MAPPING))
    assert "bad.csv: 3 problems." in shown
    assert shown.count("<tr>") == 4
    for cell in ("3", "Country", "Wakanda", "5", "Year", "twenty"):
        assert re.search(f"<td[^>]*>{cell}</td>", shown)


def test_of_many_problems_the_first_are_shown_and_the_rest_counted():
    widget = OwnProjects()
    upload(widget, "bad.csv", (f"{HEADER}\n" + "a,Wakanda,x,y,2024,\n" * 1500).encode())
    widget.check()
    assert said(widget).count("<tr>") == MOST_SHOWN + 1
    assert f"and {len(widget.problems) - MOST_SHOWN} more" in said(widget)
    assert f"bad.csv: {len(widget.problems) + widget.checked.more} problems" in said(widget)


HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("line", [f"a,{HOSTILE},x,y,2024,", f"{HOSTILE},Viet Nam,x,y,never,", f"a,Viet Nam,x,y,2024,{HOSTILE}"])  # fmt: skip
def test_hostile_cells_are_shown_as_text(line):
    widget = OwnProjects()
    upload(widget, f"{HOSTILE}.csv", f"{HEADER}\n{line}\n".encode())
    widget.check()
    assert widget.projects is None
    assert "<img" not in said(widget)
    assert "&lt;img src=x" in said(widget)


def test_hostile_text_in_a_good_list_is_shown_as_text():
    widget = OwnProjects()
    upload(widget, "list.csv", f"{HEADER}\n{HOSTILE},Viet Nam,{HOSTILE},{HOSTILE},2024,ongoing\n".encode())
    widget.check()
    assert widget.projects["city"].tolist() == [HOSTILE]
    assert "<img" not in said(widget)
    assert not any(box.description_allow_html for box in within(widget, w.Checkbox))
    bundle = widget._repr_mimebundle_()
    assert "<img" not in bundle["image/svg+xml"]


def test_a_hostile_header_is_shown_as_text():
    widget = OwnProjects()
    upload(widget, "list.csv", f"{HOSTILE},Country,Year\na,Nowhere,2024\n".encode())
    widget.mapping["title"].value = HOSTILE
    widget.check()
    assert "<img" not in said(widget)


# Countries


KENYA = f"{HEADER}\nBus lanes,Kenia,Nairobi,Transport,2024,ongoing\n"


def test_a_country_given_in_the_box_is_known():
    widget = OwnProjects()
    upload(widget, "list.csv", KENYA.encode())
    assert widget.check().projects is None
    widget.spellings.value = "Kenia = ken; Uganda=UGA"
    widget.check()
    assert widget.projects["iso3"].tolist() == ["KEN"]


def test_a_country_given_in_python_is_known(tmp_path):
    (tmp_path / "list.csv").write_text(KENYA, encoding="utf-8")
    widget = bring_your_own(tmp_path / "list.csv", mapping=MAPPING, countries={"Kenia": "KEN"})
    assert widget.projects["country"].tolist() == ["Kenia"]


@pytest.mark.parametrize("text", ["Kenia", "Kenia = KENYA", "Indonesia = VNM", "= KEN"])
def test_a_country_that_cannot_be_taken_is_said(text):
    widget = OwnProjects()
    upload(widget, "list.csv", KENYA.encode())
    widget.spellings.value = text
    assert widget.check() is None or widget.projects is None
    assert "Not checked" in said(widget) or "problem" in said(widget)


# Code


def test_the_code_rebuilds_the_selection(explored):
    explored.explorer.choice = Choice(countries=("VNM",), statuses=("completed", "ongoing"))
    names = {}
    exec(explored.explorer.code, names)
    pd.testing.assert_frame_equal(names["selection"], explored.explorer.selection)
    assert names["selection"]["title"].tolist() == ["Night bus", "Night bus"]


def test_the_code_carries_the_columns_and_countries_that_were_confirmed(tmp_path):
    (tmp_path / "it's mine.csv").write_text(KENYA.replace("Sector", "Heading"), encoding="utf-8")
    widget = bring_your_own(tmp_path / "it's mine.csv")
    widget.mapping["focus_area"].value, widget.mapping["status"].value = "Heading", "(no column)"
    widget.spellings.value = "Kenia = KEN"
    widget.check()
    names = {}
    exec(widget.explorer.code, names)
    pd.testing.assert_frame_equal(names["selection"], widget.explorer.selection)
    assert names["selection"]["focus_area"].tolist() == ["Transport"]


def test_the_code_of_an_upload_runs_where_the_file_stands(path, monkeypatch):
    widget = OwnProjects()
    upload(widget, path.name, path.read_bytes())
    widget.check()
    widget.explorer.choice = Choice(countries=("VNM",))
    monkeypatch.chdir(path.parent)
    names = {}
    exec(widget.explorer.code, names)
    pd.testing.assert_frame_equal(names["selection"], widget.explorer.selection)
    assert len(names["selection"]) > 0


# Failures


@pytest.mark.parametrize("content", [b"", b"Title,Title\n", b"Title,Year\na\n", b"Title\n\xff\n", b"PK\x03\x04"])
def test_a_file_that_cannot_be_read_is_said_and_the_previous_list_forgotten(path, content):
    widget = bring_your_own(path, mapping=MAPPING)
    upload(widget, "broken.csv", content)
    assert "Not read: broken.csv" in said(widget)
    assert (widget.projects, widget.explorer, widget.check()) == (None, None, None)
    assert list(within(widget, w.GridBox)) == [widget._columns]
    assert widget._columns.children == ()


def test_a_path_that_is_not_there_is_said(path):
    widget = bring_your_own(path, mapping=MAPPING)
    widget.path.value = str(path.with_name("missing.csv"))
    assert "Not read: missing.csv: the file is missing" in said(widget)
    assert widget.projects is None


def test_from_python_a_file_that_cannot_be_read_is_an_error_and_the_previous_list_forgotten(path):
    widget = bring_your_own(path, mapping=MAPPING)
    with pytest.raises(AscnError, match=r"missing\.csv"):
        widget.read(path.with_name("missing.csv"))
    assert (widget.projects, widget.check()) == (None, None)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"title": "Titel"}, "column 'Titel' for title; expected one of Project title, Country"),
        ({"titel": "Project title"}, "a field 'titel'; expected only title, country"),
    ],
)
def test_a_mapping_that_does_not_fit_is_an_error(path, mapping, words):
    with pytest.raises(AscnError, match=words):
        bring_your_own(path, mapping=mapping)


def test_a_column_that_is_confirmed_twice_is_said(path):
    widget = bring_your_own(path)
    widget.mapping["city"].value = "Country"
    assert widget.check() is None
    assert "Not checked: the mapping uses column" in said(widget)


def test_a_list_put_right_can_be_read_again_with_the_same_columns(path):
    bad = path.with_name("bad.csv")
    widget = bring_your_own(bad, mapping={**MAPPING, "status": None})
    assert len(widget.problems) == 3
    bad.write_text(GOOD, encoding="utf-8")
    press(widget, "Read again")
    assert widget.confirmed() == {**dict.fromkeys(own.FIELDS), **MAPPING, "status": None}
    press(widget, "Check this list")
    assert len(widget.projects) == 5


def test_after_a_path_was_missing_it_can_be_read_again(tmp_path):
    widget = OwnProjects()
    widget.path.value = str(tmp_path / "late.csv")
    (tmp_path / "late.csv").write_text(GOOD, encoding="utf-8")
    press(widget, "Read again")
    widget.check()
    assert len(widget.projects) == 5


def test_columns_of_another_file_are_not_kept(path, tmp_path):
    widget = bring_your_own(path, mapping={**MAPPING, "status": None})
    widget.path.value = str(tmp_path / "late.csv")
    (tmp_path / "late.csv").write_text(GOOD, encoding="utf-8")
    press(widget, "Read again")
    assert widget.confirmed()["status"] == "Status"


def test_an_upload_cannot_be_read_again(path):
    widget = bring_your_own(path)
    upload(widget, "mine.csv", GOOD.encode())
    (again,) = [button for button in within(widget, w.Button) if button.description == "Read again"]
    assert again.disabled


# What is shown and stored


def test_without_a_list_the_stored_output_says_what_it_does():
    bundle = OwnProjects()._repr_mimebundle_()
    assert set(bundle) == {WIDGET, "text/plain", "text/markdown"}
    assert bundle["text/plain"].startswith("Your own projects. Choose a CSV")


def test_with_a_list_the_stored_output_shows_its_figures(explored):
    bundle, figures = explored._repr_mimebundle_(), explored.explorer._repr_mimebundle_()
    assert bundle[WIDGET]["model_id"] == explored.model_id
    for kind in (VEGALITE, "image/svg+xml", "text/plain"):
        assert bundle[kind] == figures[kind]


def test_member_cities_get_their_place_and_others_none(path):
    cities = cities_of(own.load(path)).set_index("city")
    members = loaders.load_cities().set_index("city_id")
    assert cities.loc["Banyuwangi", ["lat", "lon"]].tolist() == members.loc["banyuwangi", ["lat", "lon"]].tolist()
    assert cities.loc["Ha Noi", ["lat", "lon"]].tolist() == members.loc["ha-noi", ["lat", "lon"]].tolist()
    assert cities.loc["Vinh", ["lat", "lon"]].isna().all()


def test_a_member_citys_name_in_another_country_has_no_place():
    projects = own.check(own.read_bytes("a.csv", f"{HEADER}\na,Kenia,Phuket,y,2024,\n".encode()), MAPPING, countries={"Kenia": "KEN"}).projects  # fmt: skip
    assert cities_of(projects)[["lat", "lon"]].isna().all(axis=None)


def test_rows_without_a_country_or_a_city_are_explored():
    widget = OwnProjects()
    upload(widget, "list.csv", f"{HEADER}\na,Indonesia,Banyuwangi,x,2024,\nb,,Lost,x,2024,\nc,Viet Nam,,x,2024,\n".encode())  # fmt: skip
    widget.check()
    countries = dict(widget.explorer.countries.options)
    assert countries == {"Indonesia": "IDN", "Viet Nam": "VNM", "not given": NOT_GIVEN}
    widget.explorer.choice = Choice(countries=(NOT_GIVEN,))
    assert widget.explorer.selection["title"].tolist() == ["b"]


def test_a_million_rows_send_few_to_the_browser(monkeypatch):
    """Checking such a list is tested elsewhere; here a checked one is handed over."""
    text = "\n".join([HEADER, *(f"Project {i},Viet Nam,Ha Noi,Transport,{2022 + i % 3},ongoing" for i in range(30))])
    widget = OwnProjects()
    upload(widget, "list.csv", text.encode())
    checked = own.check(widget._frame, widget.confirmed())
    words = dict.fromkeys(["country", "city", "iso3", "city_id", "focus_area", "focus_area_id", "status", "title", "project_printed", "project_id"], "category")  # fmt: skip
    small = checked.projects.astype(words)
    many = small.loc[small.index.repeat(34_000)].reset_index(drop=True)
    monkeypatch.setattr(own, "check", lambda *_, **__: own.Checked(many, [], [], 0, True, 2))
    widget.check()
    views = widget.explorer._views
    assert len(widget.explorer.selection) == len(many) // 3 > 300_000
    assert {name: len(view["rows"]) for name, view in views.state["views"].items()} == {"map": 1, "growth": 3, "focus": 1, "status": 1}  # fmt: skip
    assert len(widget.explorer.table.state["rows"]) == 10
    assert len(json.dumps([views.state, views.charts, widget.explorer.table.state])) < 100_000

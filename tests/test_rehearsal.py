"""The rehearsal: the next report, which nobody has written, is added as CONTRIBUTING.md says, by editing tables only.

What follows from it (loaders, checks, audit, figures, notebooks, site) must take it in without a line of code changed. Most
of it runs in processes of its own, because `ASCN_DATA` is read when the package is imported.
"""

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import NamedTuple

import nbformat
import pandas as pd
import pytest

from ascn_analysis import audit, cli, loaders, notebooks, package, spelling
from ascn_analysis import vocabulary as v
from ascn_analysis.draft import PRINTED
from ascn_analysis.selections import MIME as SELECTIONS

pytestmark = pytest.mark.xdist_group("rehearsal")

LAST = int(loaders.load_table("project_reports")["report_year"].max())
YEAR = LAST + 1
SOURCE = f"me-{YEAR}"
AS_OF = f"{YEAR}-09-28"
NEW_CITY = {"city_id": "sampleville", "city": "Sampleville", "iso3": "THA"}
RENAMED = "johor-bahru"  # a city of which one project gets another title
LEFT = "bangkok"  # a city that the report no longer lists
LONG = "Integrated Command and Control Centre for the Whole of the City, Its River and Its Markets (Second Phase)"
TOPICS = "Two indicators are named."


class Rehearsal(NamedTuple):
    """A copy of data/ with the next report, and the draft that it was made from."""

    data: Path
    draft: Path
    appendix: pd.DataFrame


# The report that nobody has written


def appendix() -> pd.DataFrame:
    """Invent the appendix: rows of the latest report, some gone, completed or renamed, and new ones."""
    known = loaders.load_table("project_reports")
    rows = known[known["report_year"] == known["report_year"].max()]
    rows = rows[(rows["city_id"] != LEFT) & (rows["row_no"] != 40)].copy()
    rows.loc[rows["row_no"].isin([21, 49, 71, 90]) & (rows["list"] != "completed"), "list"] = "completed"
    first = rows.index[rows["city_id"] == RENAMED][0]
    rows.loc[first, "project_printed"] = f"{rows.loc[first, 'project_printed']}, Second Phase"
    rows = pd.concat([rows, _new_rows()], ignore_index=True).assign(row_no=0)
    order = rows["country_printed"].map(list(v.COUNTRY_NAMES.values()).index)
    rows = rows.assign(order=order).sort_values(
        ["list", "order", "city_printed"], ascending=[False, True, True], kind="stable"
    )
    lists = rows["list"].map(["ongoing_or_planning", "completed"].index)
    rows = rows.assign(lists=lists).sort_values("lists", kind="stable", ignore_index=True)
    numbers = rows.groupby("list").cumcount() + 1
    return rows.assign(row_no=numbers, planned=(rows["list"] != "completed") & (numbers % 14 == 0))


def _new_rows() -> pd.DataFrame:
    new = [
        ("Timor-Leste", "Dili", "dili", LONG, "safety-security"),
        ("Timor-Leste", "Dili", "dili", "Waste Collection by Route", "quality-environment"),
        ("Indonesia", "Denpasar", "denpasar", "Beach Water Sensors", "quality-environment"),
        ("Indonesia", "Semarang", "semarang", "Tidal Flood Warning", "safety-security"),
        ("Thailand", NEW_CITY["city"], NEW_CITY["city_id"], "Night Market Data Platform", "industry-innovation"),
        ("Thailand", NEW_CITY["city"], NEW_CITY["city_id"], "Electric Boats", "built-infrastructure"),
        ("Indonesia", "Jakarta", "jakarta", "Air Quality for Schools", "health-well-being"),
    ]
    rows = pd.DataFrame(new, columns=["country_printed", "city_printed", "city_id", "project_printed", "focus_area_id"])
    ids = [
        f"{city}-{spelling.slug(title)}" for city, title in zip(rows["city_id"], rows["project_printed"], strict=True)
    ]
    names = rows["focus_area_id"].map(v.FOCUS_AREA_NAMES)
    return rows.assign(list="ongoing_or_planning", project_id=ids, focus_area_printed=names)


def draw(path: Path, rows: pd.DataFrame, draw_report: Callable[..., Path]) -> Path:
    """Draw the report as PDF."""
    said = [
        f"ASCN Monitoring and Evaluation Report {YEAR} (As of 28 September {YEAR})",
        f"As of September {YEAR}, the ASCN has a total of {len(rows)} smart city projects.",
        f"The membership grew to {rows['city_id'].nunique() + 1} cities. {TOPICS}",
        *(f"Exhibit {number}: a picture" for number in (1, 2, 3)),
    ]
    headings = {
        "ongoing_or_planning": "A. List of ongoing and planned projects",
        "completed": "B. List of completed projects",
    }
    lists = {
        headings[str(name)]: list(part[list(PRINTED)].itertuples(index=False, name=None))
        for name, part in rows.groupby("list", sort=False)
    }
    return draw_report(path, said, lists)


# The steps of CONTRIBUTING.md


def add(data: Path, name: str, rows: pd.DataFrame) -> None:
    """Add rows to a table; columns that are not given stay empty."""
    path = data / name
    columns = path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    assert set(rows.columns) <= set(columns), f"{name}: {set(rows.columns) - set(columns)}"
    with path.open("a", encoding="utf-8") as file:
        file.write(rows.reindex(columns=columns).to_csv(index=False, header=False, lineterminator="\n"))


def decide(draft: Path, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Fill what the draft leaves empty: city, identity, what the searches found."""
    made = {path.relative_to(draft).as_posix(): loaders.read_strings(path) for path in draft.rglob("*.csv")}
    reports = made["project_reports.csv"]
    assert reports["city_id"].isna().sum() == 2
    asked = reports["project_id"].isna().reset_index(drop=True)
    assert rows.loc[asked, "city_id"].tolist().count(RENAMED) == 1
    reports["city_id"], reports["project_id"] = rows["city_id"].tolist(), rows["project_id"].tolist()
    made["sources.csv"] = made["sources.csv"].assign(published=f"{YEAR}-11", url=f"https://asean.org/me-{YEAR}.pdf", accessed=f"{YEAR}-11-30", licence_note="Made up for a rehearsal")  # fmt: skip
    searches = made["searches.csv"]
    made["searches.csv"] = searches.assign(
        about=searches["about"].where(searches["hits"] == "0", "Words of a rehearsal")
    )
    return made


def enter(data: Path, draft: Path, rows: pd.DataFrame) -> None:
    """Add the decided draft, the new city, new and renamed projects."""
    made = decide(draft, rows)
    made.pop("projects.csv").to_csv(data / "projects.csv", index=False, lineterminator="\n")
    for name, frame in made.items():
        add(data, name, frame)
    add(data, "coding/project_reports_by_eye.csv", made["coding/project_reports_by_program.csv"])
    _new_city(data)
    _identity(data, rows)


def _new_city(data: Path) -> None:
    place = {"lat": 15.5, "lon": 101.5, "joined_year": YEAR, "admin_level": "city", "scope": "Made up for a rehearsal"}
    add(data, "cities.csv", pd.DataFrame([NEW_CITY | place]))
    add(data, "city_names.csv", pd.DataFrame([{"printed": NEW_CITY["city"], "city_id": NEW_CITY["city_id"]}]))
    said = {"joined": str(YEAR), "used": "true", "wording_note": "made up for a rehearsal", "source_id": SOURCE}
    add(data, "membership.csv", pd.DataFrame([{"city_id": NEW_CITY["city_id"], **said}]))


def _identity(data: Path, rows: pd.DataFrame) -> None:
    """Enter new projects, the renamed one with its link and evidence, and both readings of the links."""
    projects, known = loaders.read_strings(data / "projects.csv"), loaders.load_table("project_reports", loaders.DATA)
    new = rows[~rows["project_id"].isin(projects["project_id"])].rename(columns={"project_printed": "title"})
    add(data, "projects.csv", new[["project_id", "city_id", "title"]].assign(link_note="listed in one report"))
    row = rows[rows["city_id"] == RENAMED].iloc[0]
    before = known[(known["report_year"] == LAST) & (known["project_id"] == row["project_id"])].iloc[0]
    link = {"year_from": LAST, "list_from": before["list"], "row_from": before["row_no"], "year_to": YEAR, "list_to": row["list"],
            "row_to": row["row_no"], "kind": "renamed", "confidence": "likely", "evidence": "made up: the same work, p. 1"}  # fmt: skip
    add(data, "project_links.csv", pd.DataFrame([link]))
    links = loaders.read_strings(data / "project_links.csv")
    for reader in (1, 2):
        add(data, f"coding/project_links_reader_{reader}.csv", links[links["year_to"] == str(YEAR)])
    text = (data / "projects.csv").read_text(encoding="utf-8")
    old = f"{row['project_id']},{RENAMED},{before['project_printed']},"
    assert text.count(old) == 1
    (data / "projects.csv").write_text(
        text.replace(old, f'{row["project_id"]},{RENAMED},"{row["project_printed"]}",'), encoding="utf-8"
    )


def percent(n: int, total: int, decimals: int = 0) -> Decimal:
    return (Decimal(100 * int(n)) / Decimal(int(total))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def read_exhibits(data: Path, rows: pd.DataFrame) -> None:
    """Enter the exhibits as a reader would: here they agree with the appendix."""
    status = rows["list"].where(rows["list"] == "completed", "ongoing").where(~rows["planned"], "planning")
    rows = rows.assign(status=status, focus_area=rows["focus_area_id"], iso3=_iso3(data, rows), report_year=YEAR)
    common = {"read_from": "picture", "source_id": SOURCE}
    cells = (
        rows.groupby(["report_year", "city_id", "focus_area", "status"], as_index=False)
        .size()
        .rename(columns={"size": "n"})
    )
    add(data, "exhibit_status.csv", cells.assign(**common, page=6))
    areas = rows.groupby(["report_year", "iso3", "focus_area"], as_index=False).size().rename(columns={"size": "n"})
    labels = loaders.load_sub_areas().drop_duplicates("focus_area_id").set_index("focus_area_id")
    named = areas.assign(
        sub_area=areas["focus_area"].map(labels["sub_area"]), sub_area_id=areas["focus_area"].map(labels["sub_area_id"])
    )
    add(data, "exhibit_sub_areas.csv", named.assign(**common, page=7))
    totals = rows.groupby("iso3").size()
    rings = areas.assign(percent_drawn=(100 * areas["n"] / areas["iso3"].map(totals)).round(1)).drop(columns="n")
    add(data, "exhibit_rings.csv", rings.assign(**common, page=7))
    counts = rows.groupby(["report_year", "iso3", "status"], as_index=False).size()
    printed = [str(percent(n, totals[iso3], 2)) for iso3, n in zip(counts["iso3"], counts["size"], strict=True)]
    shares = counts.assign(n_projects=counts["iso3"].map(totals), percent_printed=printed).drop(columns="size")
    add(data, "exhibit_country_status.csv", shares.assign(**common, page=7))
    for end in ("by_eye", "by_program"):
        add(data, f"coding/exhibit_status_{end}.csv", cells.assign(page=6))
        add(data, f"coding/exhibit_sub_areas_{end}.csv", named.drop(columns="sub_area_id").rename(columns={"sub_area": "sub_area_printed"}).assign(page=7))  # fmt: skip
        add(data, f"coding/exhibit_country_status_{end}.csv", shares.assign(page=7))


def _iso3(data: Path, rows: pd.DataFrame) -> pd.Series:
    return rows["city_id"].map(loaders.read_strings(data / "cities.csv").set_index("city_id")["iso3"])


def state_figures(data: Path, rows: pd.DataFrame) -> None:
    """Enter what the report states: a total that agrees, and two numbers that do not (one share, one count)."""
    counts, total = rows["focus_area_id"].value_counts(), len(rows)
    shares = {area: int(percent(n, total)) for area, n in counts.items()}
    shares["civic-social"] += 2
    done = int((rows["list"] == "completed").sum())
    common = {"as_of": AS_OF, "source_id": SOURCE, "page": 1, "read_from": "text", "basis": "stated"}
    stated = [
        {
            "measure": "projects_total",
            "value": total,
            "unit": "projects",
            "printed": f"a total of {total} smart city projects",
        }
    ]
    stated += [
        {"measure": "focus_area_share", "breakdown": area, "value": n, "unit": "percent"} for area, n in shares.items()
    ]
    stated += [{"measure": "status_count", "breakdown": "completed", "value": done + 1, "unit": "projects"}]
    stated += [{"measure": "member_cities", "value": rows["city_id"].nunique() + 1, "unit": "cities"}]
    add(data, "stated_figures.csv", pd.DataFrame([common | row for row in stated]))


def tell_the_rest(data: Path) -> None:
    """Enter the events; what is read later (partners, challenges, described cities) is left for later."""
    events = [
        {
            "date": f"{YEAR}-08-20",
            "kind": "annual-meeting",
            "event": "9th Annual Meeting (made up)",
            "source_id": SOURCE,
        },
        {
            "date": AS_OF,
            "kind": "document",
            "event": f"Monitoring and Evaluation Report {YEAR} (as-of date)",
            "source_id": SOURCE,
        },
    ]
    add(data, "events.csv", pd.DataFrame(events))


def accept(data: Path, found: pd.DataFrame) -> None:
    """Enter the new contradictions: one explained, the others with an empty explanation."""
    new = found[found["state"] == "unknown"][["year", "subject", "stated", "recomputed", "pages"]]
    why = (
        new["subject"]
        .str.startswith("completed: number")
        .map({True: "made up: the text counts one project twice", False: ""})
    )
    add(data, "known_contradictions.csv", new.assign(explanation=why))


@pytest.fixture(scope="session")
def rehearsal(tmp_path_factory: pytest.TempPathFactory, draw_report: Callable[..., Path]) -> Rehearsal:
    """Follow the recipe up to the first `make data`; contradictions are not yet entered."""
    work = tmp_path_factory.mktemp("rehearsal")
    data, rows = Path(shutil.copytree(loaders.DATA, work / "data")), appendix()
    pdf = draw(work / "report.pdf", rows, draw_report)
    assert (
        cli.main(["new-report", str(YEAR), "--pdf", str(pdf), "--data", str(data), "--output", str(work / "draft")])
        == 0
    )
    enter(data, work / "draft", rows)
    read_exhibits(data, rows)
    state_figures(data, rows)
    tell_the_rest(data)
    package.build(data)
    return Rehearsal(data, work / "draft", rows)


# What follows from it


@pytest.fixture(scope="session")
def findings(rehearsal: Rehearsal) -> pd.DataFrame:
    """What the audit finds before anybody has looked at it."""
    return audit.findings(rehearsal.data)


@pytest.fixture(scope="session")
def accepted(rehearsal: Rehearsal, findings: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy of data/ after the contradictions are entered, as `make data` leaves it."""
    data = Path(shutil.copytree(rehearsal.data, tmp_path_factory.mktemp("accepted") / "data"))
    accept(data, findings)
    package.build(data)
    return data


def run(data: Path, *arguments: str, cwd: Path) -> str:
    """Run the interpreter with another folder of tables; a failure shows what it said."""
    own = {"ASCN_DATA": str(data), "ASCN_CACHE": str(cwd / "cache")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env={**os.environ, **own}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def test_the_draft_reads_every_row_of_the_report(rehearsal):
    drafted = loaders.read_strings(rehearsal.draft / "project_reports.csv")
    assert drafted[list(PRINTED)].to_numpy().tolist() == rehearsal.appendix[list(PRINTED)].to_numpy().tolist()
    assert f"Total stated by the report: {len(drafted)} (p. 1" in (rehearsal.draft / "decide.md").read_text(
        encoding="utf-8"
    )


def test_the_draft_names_no_project_that_the_decision_names_otherwise(rehearsal):
    drafted = loaders.read_strings(rehearsal.draft / "project_reports.csv")["project_id"].reset_index(drop=True)
    named = drafted.notna()
    assert named.sum() > 100
    assert drafted[named].tolist() == rehearsal.appendix.loc[named, "project_id"].tolist()


def test_only_tables_changed(rehearsal):
    def files(folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    old, new = files(loaders.DATA), files(rehearsal.data)
    changed = {path.as_posix() for path in new if new[path] != old.get(path)}
    assert set(new) == set(old)
    assert all(name.endswith(".csv") or name in ("README.md", "datapackage.json") for name in changed)


def test_every_table_and_link_is_sound(accepted, capsys):
    assert cli.main(["check", str(accepted)]) == 0
    assert "all tables are as their schemas say" in capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name in dir(loaders) if name.startswith("load_")])
def test_every_loader_reads_it(accepted, name):
    arguments = {"load_table": ["panel"], "load_topology": ["asean"]}.get(name, [])
    place = "path" if name == "load_projects" else "folder"
    assert len(getattr(loaders, name)(*arguments, **{place: accepted})) > 0


def test_the_panel_holds_the_report_with_its_statuses(accepted, rehearsal):
    panel = loaders.load_panel(accepted)
    rows = panel[panel["report_year"] == YEAR]
    assert len(rows) == len(rehearsal.appendix)
    assert set(rows["as_of"]) == {AS_OF}
    assert (rows["status_basis"] == "exhibit").sum() > 80
    renamed = rows[rows["title"].str.endswith(", Second Phase")].iloc[0]
    assert (renamed["change"], renamed["first_year"] < YEAR) == ("continued", True)


def test_contradictions_are_found_and_shown_as_unexplained(findings):
    subjects = set(findings.query("state == 'unknown'")["subject"])
    assert {
        "completed: number in the text against Exhibit 2",
        "share of Civic & Social: text against appendix",
    } <= subjects
    assert not any("appendix against Exhibit 2" in subject for subject in subjects)
    assert not audit.is_clean(findings)
    assert "[UNKNOWN]" in audit.as_text(findings)


def test_a_contradiction_that_is_entered_is_known(accepted):
    found = audit.findings(accepted)
    assert audit.is_clean(found)
    explained = found[(found["year"] == YEAR) & (found["explanation"] != "")]
    assert explained["subject"].tolist() == ["completed: number in the text against Exhibit 2"]


# Notebooks and site, in processes of their own

PATHS = notebooks.paths()
SAMPLE = random.Random(2026).sample([path.name for path in PATHS if path.stat().st_size > 300_000], 2)
CODE = """
import sys
from pathlib import Path
from ascn_analysis import notebooks
for name in sys.argv[1:]:
    Path(name).write_text(notebooks.to_text(notebooks.execute(notebooks.FOLDER / name)), encoding="utf-8")
"""
NOT_TRUE = re.compile(r"\bnan\b|<NA>|np\.int64|NaT|four yearly|two latest reports|^ has no row")


def told(folder: Path) -> dict[str, list[str]]:
    """Return what each executed notebook says, in all selections, without the words of the record itself."""
    said: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.ipynb")):
        outputs = [output for cell in nbformat.read(path, 4).cells for output in cell.get("outputs", [])]
        texts = [
            text for output in outputs for text in output.get("data", {}).get(SELECTIONS, {}).get("texts", {}).values()
        ]
        texts += [output["data"]["text/markdown"] for output in outputs if "text/markdown" in output.get("data", {})]
        said[path.name] = ["".join(text) for text in texts]
    return said


def check_prose(folder: Path) -> None:
    for name, texts in told(folder).items():
        assert texts, name
        wrong = [text[:300] for text in texts if not text.startswith("|") and NOT_TRUE.search(text)]
        assert wrong == [], name


def test_a_sample_of_notebooks_takes_it_in(accepted, tmp_path):
    run(accepted, "-c", CODE, *SAMPLE, cwd=tmp_path)
    check_prose(tmp_path)


FIGURES = """
import ascn_analysis as ascn
from ascn_analysis import audit, figures, membership, metrics
p, c, icons, stated, sources = ascn.load_panel(), ascn.load_cities(), ascn.load_icons(), ascn.load_stated_figures(), ascn.load_sources()
links, last, as_of = ascn.load_project_links(), int(p["report_year"].max()), p["as_of"].max()
by = metrics.by_selection
parts = by(metrics.growth_parts, p)
places = ascn.load_topology("asean"), ascn.load_topology("insets")
cells = metrics.chosen_and_listed(ascn.load_action_plan_focus_areas(), p, ascn.load_action_plan_projects()).merge(c)
m = ascn.load_partner_mentions()
read = metrics.documents_read(ascn.load_action_plan_cities(), p, m)
challenges = ascn.load_challenges().merge(c[["city_id", "city", "iso3"]], how="left")
drawn = [
    figures.project_squares(p, last), figures.city_map(c, p, *places),
    figures.membership_steps(membership.steps(c, ascn.load_membership(), stated, sources)),
    figures.growth_steps(parts, by(metrics.growth, p), stated), figures.growth_parts(parts, "membership", as_of),
    figures.growth_parts(parts, "completion", as_of), figures.focus_multiples(by(metrics.shares, p), as_of),
    figures.stated_dots(audit.compare_shares(p, stated), as_of), figures.status_bars(by(metrics.status_counts, icons), as_of),
    figures.status_groups(icons, last, "country"), figures.status_flows(by(metrics.transitions, p), as_of),
    figures.cohort_bars(by(metrics.cohorts, p), as_of), figures.history_strips(p, metrics.history(p, links)),
    figures.plan_matrix(cells, sources), figures.choice_bars(by(metrics.listed_by_choice, cells), as_of),
    figures.city_populations(c, as_of), figures.event_timeline(ascn.load_events(), sources, as_of),
    figures.framework_diagram(ascn.load_framework(), by(metrics.shares, p), as_of),
    figures.partners_by_document(metrics.named_by_document(m, read), metrics.named_again(m, read), c, as_of),
    figures.partner_matrix(metrics.named_support(m, p), read, ascn.load_partners(), c, sources),
    figures.target_squares(ascn.load_action_plan_targets().merge(c), sources, as_of),
    figures.challenge_matrix(metrics.challenge_counts(challenges, ["city_id", "kind", "about"]), c, as_of),
    figures.challenge_list(metrics.challenge_catalogue(challenges, c, sources), as_of),
    figures.urban_multiples(ascn.load_urbanisation(), 2018, as_of),
]
for chart in drawn:
    print(chart.to_dict()["description"])
"""


def test_figures_draw_the_new_report(accepted, rehearsal, tmp_path):
    said = run(accepted, "-c", FIGURES, cwd=tmp_path).splitlines()
    assert f"{len(rehearsal.appendix)} projects in {rehearsal.appendix['city_id'].nunique()} cities" in said[0]
    assert sum(str(YEAR) in line for line in said) >= 13


@pytest.mark.full
@pytest.mark.parametrize("name", [path.name for path in PATHS])
def test_every_notebook_takes_it_in(accepted, tmp_path, name):
    run(accepted, "-c", CODE, name, cwd=tmp_path)
    check_prose(tmp_path)


@pytest.mark.full
def test_the_site_takes_it_in(accepted, rehearsal, tmp_path):
    run(accepted, "-m", "ascn_analysis.cli", "site", "--output", "site", cwd=tmp_path)
    home = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert f"{len(rehearsal.appendix)} in {YEAR}" in home
    for page in (
        f"cities/{NEW_CITY['city_id']}.html",
        "cities/dili.html",
        f"cities/{LEFT}.html",
        "contradictions.html",
    ):
        text = (tmp_path / "site" / page).read_text(encoding="utf-8")
        assert not re.search(r">\s*(?:nan|None|&lt;NA&gt;)\s*<", text), page


def test_the_minutes_of_the_recipe_sum_to_what_is_said_of_them():
    text = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    steps = [line.strip("|").split("|") for line in text.splitlines() if re.match(r"\| \d+\. ", line)]
    person, machine = (sum(int(n) for step in steps for n in re.findall(r"\d+", step[at])) for at in (2, 3))
    long = sum(int(n) for step in steps[13:15] for n in re.findall(r"\d+", step[3]))
    assert f"Those of a person sum to {person};" in text
    assert f"Those of the machine sum to at least {machine}, of which {long} are steps 14 and 15" in text

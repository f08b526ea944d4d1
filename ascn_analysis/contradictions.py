"""Where the documents contradict each other or themselves: found by recomputing, never smoothed.

Each check takes the record (a mapping of table names to frames) and yields findings. A finding names the year and the
subject, what is stated and what the rows or exhibits give, the smallest change of rows that would reconcile the two
(found by search), and the pages. A stated number is compared as it is printed: rounded half up to its own decimals.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import pandas as pd

from ascn_analysis import metrics
from ascn_analysis import vocabulary as v

Record = Mapping[str, pd.DataFrame]
Counts = Counter[str]

TABLES: Final = (
    "project_reports", "projects", "cities", "stated_figures", "exhibit_status", "exhibit_sub_areas",
    "exhibit_country_status", "exhibit_rings", "sub_areas", "highlights", "action_plan_cities", "action_plan_projects",
)  # fmt: skip
RING_TOLERANCE: Final = 3.0
"""Percentage points by which a measured sector may differ from the share of its labels."""


@dataclass(frozen=True)
class Finding:
    """A contradiction, as the audit names it."""

    year: int
    subject: str
    stated: str
    recomputed: str
    change: str
    pages: str


def find(record: Record) -> list[Finding]:
    """Run every check.

    Parameters
    ----------
    record
        Table name to frame, for the names in `TABLES`.

    Returns
    -------
    list of Finding
        By year and subject, each subject once a year.
    """
    found = itertools.chain.from_iterable(check(record) for check in CHECKS)
    return sorted(found, key=lambda finding: (finding.year, finding.subject))


def compare_shares(projects: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Compare the focus-area shares that each report prints with the shares of its own appendix rows.

    Parameters
    ----------
    projects
        Projects, one row per project and report.
    stated
        Stated figures; those of measure ``focus_area_share`` are used, once per report and area.

    Returns
    -------
    DataFrame
        ``report_year``, ``focus_area_id``, ``n`` and ``total`` (projects), ``rows_percent``, ``stated_percent``, ``agrees``
        (whether the rows' share, rounded half up as printed shares are, equals the stated one). An area without a row
        has ``n`` 0; a stated share of a report without rows is left out.

    Raises
    ------
    ValueError
        If one report states two different shares of one area: then there is no single figure to compare with.
    """
    printed = stated[stated["measure"] == "focus_area_share"]
    once = printed.assign(report_year=printed["as_of"].str[:4].astype("int64"))[["report_year", "breakdown", "value"]]
    once = once.drop_duplicates().rename(columns={"breakdown": "focus_area_id", "value": "stated_percent"})
    doubled = once[once.duplicated(["report_year", "focus_area_id"], keep=False)]
    if not doubled.empty:
        raise ValueError(f"stated_figures.csv holds two shares of one area: {doubled.to_dict('records')}")
    keys = ["report_year", "focus_area_id"]
    counted = once.merge(metrics.totals(projects, by=["focus_area_id"]), on=keys, how="left", validate="one_to_one")
    total = counted["report_year"].map(metrics.totals(projects).set_index("report_year")["n"])
    counted = counted.assign(n=counted["n"].fillna(0).astype("int64"), total=total)[total.notna()].astype(
        {"total": "int64"}
    )
    rounded = metrics.whole_percent(counted["n"], counted["total"])
    compared = counted.assign(
        rows_percent=100 * counted["n"] / counted["total"], agrees=rounded == counted["stated_percent"]
    )
    order = [*keys, "n", "total", "rows_percent", "stated_percent", "agrees"]
    return compared.sort_values(keys, ignore_index=True)[order]


def compare_statuses(projects: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Compare the statuses that each report states in its text with what its own rows leave possible.

    Parameters
    ----------
    projects
        Projects, one row per project and report, with ``status``.
    stated
        Stated figures; those of measure ``status_count`` and ``status_share`` are used.

    Returns
    -------
    DataFrame
        ``report_year``, ``status``, ``value`` and ``unit`` as stated, ``least``, ``most`` and ``total`` (projects; see
        `metrics.status_bounds`), ``projects`` (the whole numbers of projects in that range that give the printed figure,
        as text; empty if none does).
    """
    printed = stated[stated["measure"].isin(["status_count", "status_share"])]
    once = printed.assign(report_year=printed["as_of"].str[:4].astype("int64"), status=printed["breakdown"])
    bounds = metrics.status_bounds(projects)
    joined = once.merge(bounds, on=["report_year", "status"]).sort_values(
        ["report_year", "unit", "status"], ignore_index=True
    )
    possible = [
        [n for n in range(row.least, row.most + 1) if _gives(Decimal(f"{row.value:g}"), str(row.unit), n, row.total)]
        for row in joined.itertuples()
    ]
    columns = ["report_year", "status", "value", "unit", "least", "most", "total"]
    return joined[columns].assign(projects=[" or ".join(str(n) for n in some) for some in possible])


def _gives(printed: Decimal, unit: str, n: int, total: int) -> bool:
    return printed == n if unit == "projects" else fits(printed, n, total)


# Stated numbers of the text and of Exhibit 1


def totals(record: Record) -> Iterator[Finding]:
    """Compare each stated total of projects with the appendix and with both exhibits."""
    for year, stated, pages in _stated_once(record, "projects_total", ""):
        for name, counts in _places(record, year).items():
            if counts.total() != stated:
                where = f"{pages}; {_pages_of(record, name, year)}"
                yield Finding(year, f"projects: text against {name}", f"{stated:g}", str(counts.total()), "", where)


def shares(record: Record) -> Iterator[Finding]:
    """Compare each stated share of a focus area with the appendix and with both exhibits."""
    for year in _report_years(record):
        printed = {area: list(_stated_once(record, "focus_area_share", area, year)) for area in v.FOCUS_AREA_NAMES}
        wanted = {area: Decimal(f"{rows[0][1]:g}") for area, rows in printed.items() if rows}
        for name, counts in _places(record, year).items():
            total = counts.total()
            wrong = [area for area, percent in wanted.items() if not fits(percent, counts[area], total)]
            change = _moves(counts, wanted) if wrong else ""
            for area in wrong:
                subject = f"share of {v.FOCUS_AREA_NAMES[area]}: text against {name}"
                pages = f"{printed[area][0][2]}; {_pages_of(record, name, year)}"
                yield Finding(year, subject, f"{wanted[area]} %", _share(counts[area], total), change, pages)


def icons_of_exhibit_1(record: Record) -> Iterator[Finding]:
    """Compare the icons that Exhibit 1 draws for a focus area with the appendix and with both other exhibits."""
    for year in _report_years(record):
        stated = {area: list(_stated_once(record, "focus_area_icons", area, year)) for area in v.FOCUS_AREA_NAMES}
        drawn = Counter({area: int(rows[0][1]) for area, rows in stated.items() if rows})
        for name, counts in _places(record, year).items() if drawn else ():
            for area in (area for area in drawn if counts[area] != drawn[area]):
                subject = f"{v.FOCUS_AREA_NAMES[area]}: icons of Exhibit 1 against {name}"
                pages = f"{stated[area][0][2]}; {_pages_of(record, name, year)}"
                yield Finding(year, subject, str(drawn[area]), str(counts[area]), _refile(counts, drawn), pages)


def statuses(record: Record) -> Iterator[Finding]:
    """Compare stated shares and counts of statuses with Exhibit 2, and whether the stated shares add to 100."""
    for year in _report_years(record):
        icons = _by(record["exhibit_status"], year, "status")
        exhibit, shares = _pages_of(record, "Exhibit 2", year), {}
        for status in v.STATUSES_REPORTED:
            for _, stated, pages in _stated_once(record, "status_count", status, year):
                if stated != icons[status]:
                    subject = f"{status}: number in the text against Exhibit 2"
                    yield Finding(year, subject, f"{stated:g}", str(icons[status]), "", f"{pages}; {exhibit}")
            for _, stated, pages in _stated_once(record, "status_share", status, year):
                percent = Decimal(f"{stated:g}")
                shares[status] = (percent, pages)
                if not fits(percent, icons[status], icons.total()):
                    subject, said = f"share {status}: text against Exhibit 2", _share(icons[status], icons.total())
                    change = _nearest(percent, icons[status], icons.total())
                    yield Finding(year, subject, f"{percent} %", said, change, f"{pages}; {exhibit}")
        yield from _sum_to_100(year, "shares of the statuses in the text", shares)


def stated_twice(record: Record) -> Iterator[Finding]:
    """Compare statements of the same measure for the same year with each other."""
    stated = record["stated_figures"]
    stated = stated[
        stated["measure"].isin(["projects_total", "member_cities", "focus_area_share", "status_share", "partnerships"])
    ]
    keys = [stated["as_of"].str[:4], stated["measure"], stated["breakdown"].fillna("")]
    for (year, measure, breakdown), rows in stated.groupby(keys):
        values = sorted(set(rows["value"]))
        if len(values) > 1 and not (measure == "member_cities" and _all_dated(rows)):
            said = [
                f"{row.value:g} ({row.source_id})" for row in rows.drop_duplicates(["value", "source_id"]).itertuples()
            ]
            subject = f"{measure}{' ' + breakdown if breakdown else ''}: documents against each other"
            yield Finding(int(year), subject, said[0], ", ".join(said[1:]), "", _pages(rows))


def _all_dated(rows: pd.DataFrame) -> bool:
    """Say whether different numbers of one year are all dated to a month, and so may both be right."""
    return bool((rows["as_of"].str.len() > 4).all())


# Exhibits against the appendix and against each other


def cities_of_exhibit_2(record: Record) -> Iterator[Finding]:
    """Compare Exhibit 2 with the appendix by city and focus area, and its completed icons with the completed list."""
    rows, icons = record["project_reports"], record["exhibit_status"]
    for (year, city), name in _listed_or_drawn(record).items():
        mine = rows[(rows["report_year"] == year) & (rows["city_id"] == city)]
        theirs = icons[icons["city_id"] == city]
        listed, drawn = Counter(mine["focus_area_id"]), _by(theirs, year, "focus_area")
        pages = f"appendix {_pages(mine)}; {_pages_of(record, 'Exhibit 2', year)}"
        if listed != drawn:
            subject = f"{name}: focus areas, appendix against Exhibit 2"
            change = _refile(listed, drawn, mine)
            yield Finding(year, subject, _say(listed - drawn), _say(drawn - listed), change, pages)
        done, framed = int((mine["list"] == "completed").sum()), _by(theirs, year, "status")["completed"]
        if (mine["list"] != "all").any() and done != framed:
            yield Finding(year, f"{name}: completed, list against Exhibit 2", str(done), str(framed), "", pages)


def _listed_or_drawn(record: Record) -> dict[tuple[int, str], str]:
    """Return report and city, with its name, wherever the appendix or Exhibit 2 holds one."""
    names = record["cities"].set_index("city_id")["city"]
    both = pd.concat([record[table][["report_year", "city_id"]] for table in ("project_reports", "exhibit_status")])
    pairs = sorted({(int(year), str(city)) for year, city in both.itertuples(index=False)})
    return {pair: str(names[pair[1]]) for pair in pairs}


def countries_of_exhibit_3(record: Record) -> Iterator[Finding]:
    """Compare Exhibit 3 by country and focus area with the appendix and with Exhibit 2, and its totals with its labels."""
    iso3 = record["cities"].set_index("city_id")["iso3"]
    labels, percents = record["exhibit_sub_areas"], record["exhibit_country_status"]
    for year in _report_years(record):
        own = _pages_of(record, "Exhibit 3", year)
        others = {"appendix": _rows_by_country(record, year, iso3), "Exhibit 2": _icons_by_country(record, year, iso3)}
        for country in sorted(set(labels.loc[labels["report_year"] == year, "iso3"])):
            name, drawn = v.COUNTRY_NAMES[country], _by(labels[labels["iso3"] == country], year, "focus_area")
            for other, by_country in others.items():
                counts = by_country.get(country, Counter())
                if counts != drawn:
                    subject, pages = (
                        f"{name}: focus areas, Exhibit 3 against {other}",
                        f"{own}; {_pages_of(record, other, year)}",
                    )
                    yield Finding(
                        year, subject, _say(drawn - counts), _say(counts - drawn), _refile(counts, drawn), pages
                    )
            printed = set(percents.loc[(percents["report_year"] == year) & (percents["iso3"] == country), "n_projects"])
            if printed != {drawn.total()}:
                subject = f"{name}: projects of Exhibit 3 against its labels"
                yield Finding(year, subject, _list(printed), str(drawn.total()), "", own)


def percentages_of_exhibit_3(record: Record) -> Iterator[Finding]:
    """Compare the percentages of Exhibit 3 with the icons of Exhibit 2, and whether they add to 100."""
    iso3 = record["cities"].set_index("city_id")["iso3"]
    percents, icons = record["exhibit_country_status"], record["exhibit_status"]
    for (year, country), rows in percents.groupby(["report_year", "iso3"]):
        name, pages = (
            v.COUNTRY_NAMES[str(country)],
            f"Exhibit 3 {_pages(rows)}; Exhibit 2 {_pages(icons[icons['report_year'] == year])}",
        )
        counts = _by(icons[icons["city_id"].map(iso3) == country], int(year), "status")
        printed = {row.status: Decimal(row.percent_printed) for row in rows.itertuples()}
        for status in v.STATUSES_REPORTED:
            percent, n = printed.get(status), counts[status]
            if percent is None and n:
                yield Finding(
                    int(year),
                    f"{name}: {status}, Exhibit 3 against Exhibit 2",
                    "no percentage",
                    _share(n, counts.total()),
                    "",
                    pages,
                )
            elif percent is not None and not fits(percent, n, counts.total()):
                nearest = _nearest(percent, n, counts.total())
                yield Finding(
                    int(year), f"{name}: {status}, Exhibit 3 against Exhibit 2", f"{percent} %", _share(n, counts.total()), nearest, pages
                )  # fmt: skip
        both = {status: (percent, pages) for status, percent in printed.items()}
        yield from _sum_to_100(int(year), f"{name}: percentages of Exhibit 3", both)


def rings_of_exhibit_3(record: Record) -> Iterator[Finding]:
    """Compare the sectors that Exhibit 3 draws with its own labels, beyond what measuring a picture can miss."""
    labels, rings = record["exhibit_sub_areas"], record["exhibit_rings"]
    for (year, country), sectors in rings.groupby(["report_year", "iso3"]):
        named = _by(labels[labels["iso3"] == country], int(year), "focus_area")
        drawn = {str(row.focus_area): float(row.percent_drawn) for row in sectors.itertuples()}
        wanted = {area: 100 * named[area] / named.total() for area in named}
        off = [a for a in v.FOCUS_AREA_NAMES if abs(drawn.get(a, 0.0) - wanted.get(a, 0.0)) > RING_TOLERANCE]
        if off:
            said, seen = (
                ", ".join(f"{v.FOCUS_AREA_NAMES[area]} {side.get(area, 0.0):.1f} %" for area in off)
                for side in (wanted, drawn)
            )
            subject = f"{v.COUNTRY_NAMES[str(country)]}: labels of Exhibit 3 against its ring"
            yield Finding(int(year), subject, said, seen, "", f"Exhibit 3 {_pages(sectors)}")


def sub_areas(record: Record) -> Iterator[Finding]:
    """Compare the focus area under which Exhibit 3 files a sub-area with the one under which Exhibit 1 names it."""
    owner = record["sub_areas"].set_index("sub_area_id")["focus_area_id"]
    labels = record["exhibit_sub_areas"]
    for row in labels[labels["sub_area_id"].map(owner) != labels["focus_area"]].itertuples():
        subject = f"{v.COUNTRY_NAMES[row.iso3]}: {row.sub_area}, Exhibit 3 against Exhibit 1"
        names = (v.FOCUS_AREA_NAMES[row.focus_area], v.FOCUS_AREA_NAMES[owner[row.sub_area_id]])
        yield Finding(int(row.report_year), subject, *names, "", f"{row.source_id} p. {row.page}")


# Text against appendix, report against report


def highlighted_cities(record: Record) -> Iterator[Finding]:
    """Check that a city named as an example of a focus area has a row there, and that each listed city is named once."""
    rows, named = record["project_reports"], record["highlights"]
    names = record["cities"].set_index("city_id")["city"]
    listed = set(zip(rows["report_year"], rows["city_id"], rows["focus_area_id"], strict=True))
    for row in named.itertuples():
        if (row.report_year, row.city_id, row.focus_area) not in listed:
            mine = rows[(rows["report_year"] == row.report_year) & (rows["city_id"] == row.city_id)]
            subject, area = (
                f"{names[row.city_id]}: highlighted in the text against appendix",
                v.FOCUS_AREA_NAMES[row.focus_area],
            )
            change = f"file one of its rows ({', '.join(mine['project_printed'])}) under {area}"
            pages = f"{row.source_id} p. {row.page}; appendix {_pages(mine)}"
            yield Finding(int(row.report_year), subject, area, _say(Counter(mine["focus_area_id"])), change, pages)
    for year in sorted(set(named["report_year"])):
        times = Counter(named.loc[named["report_year"] == year, "city_id"])
        for city in sorted(set(rows.loc[rows["report_year"] == year, "city_id"])):
            if times[city] != 1:
                pages = _pages(named[named["report_year"] == year])
                yield Finding(
                    int(year), f"{names[city]}: highlighted once, as the text says", "1", str(times[city]), "", pages
                )


def refiled_projects(record: Record) -> Iterator[Finding]:
    """List projects that a report files under another focus area than the report before."""
    rows = record["project_reports"].sort_values("report_year")
    titles = record["projects"].set_index("project_id")["title"]
    names = record["cities"].set_index("city_id")["city"]
    for project, mine in rows.groupby("project_id"):
        for before, after in itertools.pairwise(mine.itertuples()):
            if before.focus_area_id != after.focus_area_id:
                subject = f"{names[after.city_id]}, {titles[project]}: focus area, {before.report_year} against {after.report_year}"
                areas = (v.FOCUS_AREA_NAMES[before.focus_area_id], v.FOCUS_AREA_NAMES[after.focus_area_id])
                pages = f"{before.source_id} p. {before.page}; {after.source_id} p. {after.page}"
                yield Finding(int(after.report_year), subject, *areas, f"file one of the {len(mine)} rows alike", pages)


def member_cities(record: Record) -> Iterator[Finding]:
    """Compare each stated number of members with the official roster by year, and with the cities that have rows."""
    stated = record["stated_figures"]
    joined, rows = record["cities"]["joined_year"], record["project_reports"]
    for row in (
        stated[stated["measure"] == "member_cities"].drop_duplicates(["as_of", "value", "source_id"]).itertuples()
    ):
        year, roster = int(row.as_of[:4]), int((joined <= int(row.as_of[:4])).sum())
        pages = f"{row.source_id}{f' p. {row.page}' if pd.notna(row.page) else ''}; the network's roster"
        if roster != row.value:
            yield Finding(
                year, f"member cities: {row.source_id} against the roster", f"{row.value:g}", str(roster), "", pages
            )
        listed = rows.loc[rows["source_id"] == row.source_id, "city_id"].nunique()
        if listed and listed != row.value:
            yield Finding(
                year, f"member cities: {row.source_id} against its appendix", f"{row.value:g}", str(listed), "", pages
            )
    for year in _report_years(record):
        listed, roster = rows.loc[rows["report_year"] == year, "city_id"].nunique(), int((joined <= year).sum())
        if listed != roster:
            pages = f"appendix {_pages(rows[rows['report_year'] == year])}; the network's roster"
            yield Finding(
                year, "cities with a row against the roster of that year", str(listed), str(roster), "", pages
            )


# The action plans of 2018


def plan_densities(record: Record) -> Iterator[Finding]:
    """Check that a plan's density can be its population over its land area, each as far as its digits go."""
    names = record["cities"].set_index("city_id")["city"]
    plans = record["action_plan_cities"]
    for row in plans[plans["density_printed"].notna()].itertuples():
        printed = (row.population_printed, row.land_area_printed, row.density_printed)
        people, land, density = (_interval(text) for text in printed)
        if people is None or land is None or density is None or land[0] <= 0:
            continue
        low, high = people[0] / land[1], people[1] / land[0]
        if density[1] < low or density[0] > high:
            between = (
                f"{low:,.1f} to {high:,.1f} / km2 (population {row.population_printed}, area {row.land_area_printed})"
            )
            subject = f"{names[row.city_id]}: density of the action plan against population and area"
            yield Finding(2018, subject, row.density_printed, between, "", f"{row.source_id} p. {row.page}")


def plan_projects(record: Record) -> Iterator[Finding]:
    """Compare the stated number of projects per plan with the headings, and cities per state with the pilot list."""
    names = record["cities"].set_index("city_id")["city"]
    plans, stated = record["action_plan_projects"], record["stated_figures"]
    for year, number, pages in _stated_once(record, "projects_per_city_planned", "", sources=None):
        for city, rows in plans.groupby("city_id"):
            if len(rows) != number:
                subject, where = f"{names[city]}: projects of the action plan", f"{pages}; {_pages(rows)}"
                yield Finding(year, subject, f"{number:g}", str(len(rows)), "", where)
    pilots = record["cities"][record["cities"]["joined_year"] == 2018]
    for year, number, pages in _stated_once(record, "cities_per_country_max", "", sources=None):
        where = f"{pages}; list {_pages(stated[(stated['measure'] == 'pilot_cities') & (stated['as_of'] < '2019')])}"
        for iso3, n in pilots.groupby("iso3").size().items():
            if n > number:
                subject = f"{v.COUNTRY_NAMES[str(iso3)]}: pilot cities against the number a state"
                yield Finding(year, subject, f"up to {number:g}", str(n), "", where)


CHECKS: Final[tuple[Callable[[Record], Iterable[Finding]], ...]] = (
    totals, shares, icons_of_exhibit_1, statuses, stated_twice, cities_of_exhibit_2, countries_of_exhibit_3,
    percentages_of_exhibit_3, rings_of_exhibit_3, sub_areas, highlighted_cities, refiled_projects, member_cities, plan_densities, plan_projects,
)  # fmt: skip


# Arithmetic of printed numbers


def fits(printed: Decimal, n: int, total: int) -> bool:
    """Say whether a printed percentage is ``n / total``, rounded half up to its own decimals.

    Examples
    --------
    >>> fits(Decimal("2.6"), 2, 77), fits(Decimal("2.94"), 2, 77)
    (True, False)
    """
    if total == 0:
        return False
    step = Decimal(1).scaleb(int(printed.as_tuple().exponent))
    return (Decimal(100 * n) / Decimal(total)).quantize(step, ROUND_HALF_UP) == printed


def _sum_to_100(year: int, subject: str, printed: Mapping[str, tuple[Decimal, str]]) -> Iterator[Finding]:
    """Find shares whose sum is further from 100 than rounding each of them can bring it."""
    total = sum((percent for percent, _ in printed.values()), Decimal(0))
    slack = sum((Decimal(5).scaleb(int(p.as_tuple().exponent) - 1) for p, _ in printed.values()), Decimal(0))
    if printed and abs(total - 100) > slack:
        yield Finding(year, f"{subject}: sum", f"{total} %", "100 %", "", next(iter(printed.values()))[1])


def _nearest(printed: Decimal, n: int, total: int) -> str:
    """Find the number nearest to n, of a total at most ten rows larger or smaller, that gives a printed percentage."""
    options = [
        (abs(m - n) + abs(t - total), m, t)
        for t in range(max(1, total - 10), total + 11)
        for m in range(t + 1)
        if fits(printed, m, t)
    ]
    if not options:
        return "no number near gives it"
    _, m, t = min(options)
    return f"nearest that gives it: {m} of {t}" if t != total else f"nearest that gives it: {m} of the {total}"


def _moves(counts: Counts, wanted: Mapping[str, Decimal]) -> str:
    """Find the fewest rows that must move between focus areas so that all printed shares come out."""
    total = counts.total()
    if set(counts) - set(wanted):
        return ""  # an area without a stated share could take any number
    options = [[m for m in range(total + 1) if fits(percent, m, total)] for percent in wanted.values()]
    best: tuple[int, dict[str, int]] | None = None
    for numbers in itertools.product(*options):
        target = dict(zip(wanted, numbers, strict=True))
        moved = sum(abs(target[area] - counts[area]) for area in wanted)
        if sum(numbers) == total and (best is None or moved < best[0]):
            best = (moved, target)
    if best is None:
        return f"no whole numbers of {total} give all the printed shares"
    more = Counter({area: n - counts[area] for area, n in best[1].items() if n > counts[area]})
    less = Counter({area: counts[area] - n for area, n in best[1].items() if n < counts[area]})
    return f"move {best[0] // 2} of {total}: from {_say(less)} to {_say(more)}"


def _refile(counts: Counts, drawn: Counts, rows: pd.DataFrame | None = None) -> str:
    """Say which rows would have to be filed elsewhere so that counts become what is drawn; name them where they are few."""
    less, more = counts - drawn, drawn - counts
    if less.total() != more.total():
        return f"{more.total()} more and {less.total()} fewer"
    which = f"{less.total()} under {_say(less)}"
    if rows is not None:
        titles = rows.loc[rows["focus_area_id"].isin(list(less)), "project_printed"]
        which = (" and " if len(titles) == less.total() else " or ").join(titles)
    return f"file {which} under {', '.join(v.FOCUS_AREA_NAMES[area] for area in v.FOCUS_AREA_NAMES if more[area])}"


def _interval(text: str) -> tuple[float, float] | None:
    """Return the range that a printed number can stand for: half a unit of its last digit, final zeros being rounding.

    A text that is no plain number before its unit gives no range.
    """
    match = re.match(r"([0-9][0-9,]*(?:[.][0-9]+)?)(?![0-9.,]| [0-9])", text)
    if match is None:
        return None
    digits = match.group(1).replace(",", "")
    zeros = 0 if "." in digits else len(digits) - len(digits.rstrip("0"))
    number = Decimal(digits)
    half = Decimal(5).scaleb(int(number.as_tuple().exponent) - 1 + zeros)
    factor = 10**6 if "million" in text.casefold() else 1
    return float((number - half) * factor), float((number + half) * factor)


# Looking things up, and saying them


def _report_years(record: Record) -> list[int]:
    return sorted(int(year) for year in set(record["project_reports"]["report_year"]))


def _stated_once(
    record: Record, measure: str, breakdown: str, year: int | None = None, sources: str | None = "me-"
) -> Iterator[tuple[int, float, str]]:
    """Yield year, value and pages of each different statement, by the reports on their own year or by any source."""
    stated = record["stated_figures"]
    rows = stated[(stated["measure"] == measure) & (stated["breakdown"].fillna("") == breakdown)]
    if sources is not None:
        rows = rows[rows["source_id"] == sources + rows["as_of"].str[:4]]
    for (as_of, value), same in rows.groupby([rows["as_of"].str[:4], "value"]):
        if year is None or int(as_of) == year:
            yield int(as_of), float(value), _pages(same)


def _by(frame: pd.DataFrame, year: int, column: str) -> Counts:
    return Counter({str(k): int(n) for k, n in frame[frame["report_year"] == year].groupby(column)["n"].sum().items()})


def _places(record: Record, year: int) -> dict[str, Counts]:
    """Return the projects of a report by focus area, as its three places show them."""
    rows = record["project_reports"]
    return {
        "appendix": Counter(rows.loc[rows["report_year"] == year, "focus_area_id"]),
        "Exhibit 2": _by(record["exhibit_status"], year, "focus_area"),
        "Exhibit 3": _by(record["exhibit_sub_areas"], year, "focus_area"),
    }


def _pages_of(record: Record, place: str, year: int) -> str:
    table = {"appendix": "project_reports", "Exhibit 2": "exhibit_status", "Exhibit 3": "exhibit_sub_areas"}[place]
    return f"{place} {_pages(record[table][record[table]['report_year'] == year])}"


def _rows_by_country(record: Record, year: int, iso3: pd.Series) -> dict[str, Counts]:
    rows = record["project_reports"]
    rows = rows[rows["report_year"] == year]
    return {str(c): Counter(part["focus_area_id"]) for c, part in rows.groupby(rows["city_id"].map(iso3))}


def _icons_by_country(record: Record, year: int, iso3: pd.Series) -> dict[str, Counts]:
    icons = record["exhibit_status"]
    return {str(c): _by(part, year, "focus_area") for c, part in icons.groupby(icons["city_id"].map(iso3))}


def _share(n: int, total: int) -> str:
    return f"{n} of {total} ({100 * n / total:.2f} %)" if total else f"{n} of {total}"


def _say(counts: Counts) -> str:
    """Spell counts by focus area, in the framework's order."""
    said = [f"{v.FOCUS_AREA_NAMES[area]} {counts[area]}" for area in v.FOCUS_AREA_NAMES if counts[area]]
    return ", ".join(said) or "nothing more"


def _list(values: Iterable[Any]) -> str:
    return ", ".join(str(value) for value in sorted(values)) or "nothing"


def _pages(rows: pd.DataFrame) -> str:
    """Spell the pages of some rows, by document."""
    said = []
    for source, part in rows.groupby("source_id"):
        pages = sorted({int(page) for page in part["page"].dropna()})
        said.append(f"{source} p. {', '.join(str(page) for page in pages)}" if pages else str(source))
    return "; ".join(said)

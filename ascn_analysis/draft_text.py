"""What a person must still decide about a draft, as a list in Markdown: every proposal is marked as one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from ascn_analysis import documents, report_pdf, spelling, tables
from ascn_analysis import vocabulary as v
from ascn_analysis.draft import PRINTED, Draft, labels

_NEAREST: Final = 3  # former titles that are shown beside a new one
_PLACE: Final = ["list", "row_no", "city_printed", "project_printed", "page"]


def similarity(one: str, other: str) -> float:
    """Return how alike two titles are, from 0 to 1, without case, accents and spacing (Ratcliff and Obershelp).

    Examples
    --------
    >>> similarity("Smart Bus", "smart  bus"), similarity("Smart Bus", "Green Port")
    (1.0, 0.21)
    """
    return round(difflib.SequenceMatcher(None, spelling.plain(one), spelling.plain(other), autojunk=False).ratio(), 2)


def write(draft: Draft) -> str:
    """Write the list.

    Returns
    -------
    str
        Markdown: the counts and checks first, then one section for each kind of decision.
    """
    parts = [
        f"# What is still to decide for the report of {draft.year}",
        f"Read from `{draft.report.path.name}` (sha256 `{draft.report.sha256}`). What the program could not know is empty in "
        "the draft and asked for here. Nearest titles, spellings and ids are proposals: none of them stands in the draft.",
        _section("Counts and checks", _counts(draft), _checks(draft)),
        _section("Identity: rows without one row of the same city and title in the report before", *_identity(draft)),
        _section("Projects of the report before that no row matches", *_left(draft)),
        _section("Cities", *_cities(draft)),
        _section("Focus areas", *_areas(draft)),
        _section("Exhibits 1, 2 and 3, to be read by eye, twice", *_exhibits(draft)),
        _section("Stated figures", *_stated(draft)),
        _section("Source, membership and the other tables", *_others(draft)),
    ]
    return "\n\n".join(parts) + "\n"


def _section(heading: str, *parts: str) -> str:
    return "\n\n".join([f"## {heading}", *(part for part in parts if part)])


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(rows: pd.DataFrame) -> str:
    return tables.markdown(rows) if len(rows) else "None."


def counts_agree(draft: Draft) -> bool:
    """Say whether the text states a total, and every total that it states is the number of rows."""
    stated = report_pdf.totals(draft.report)
    return bool(stated) and all(total.value == len(draft.rows) for total in stated)


def _counts(draft: Draft) -> str:
    sizes = draft.rows.groupby("list", sort=False).size()
    stated = report_pdf.totals(draft.report)
    told = "; ".join(f"{total.value} (p. {total.page}: “{total.words}”)" for total in stated)
    verdict = "They agree." if counts_agree(draft) else "**To decide: they do not all agree.**"
    lines = [
        f"Rows read from the appendix: {len(draft.rows)} ({', '.join(f'{name} {n}' for name, n in sizes.items())}).",
        f"Total stated by the report: {told}. {verdict}"
        if stated
        else "Total stated by the report: **none found in its text; look for it.**",
        f"Cities with a row: {draft.rows['city_printed'].nunique()}. Stated by the text: "
        + ("; ".join(f"{s.value} (p. {s.page}: “{s.words}”)" for s in report_pdf.members(draft.report)) or "none found")
        + ".",
        f"Matched with the report of {draft.before}: {draft.rows['project_id'].notna().sum()} of {len(draft.rows)} rows."
        if draft.before
        else "There is no report before it.",
    ]
    return _list(lines)


def _checks(draft: Draft) -> str:
    found = [*_empty(draft), *_absent(draft), *_foreign(draft), *_doubled(draft)]
    return "Rows to look at on their page:\n\n" + _list(found) if found else "Every row passed the checks of its texts."


def _where(row: Any) -> str:
    return f"{row.list} {row.row_no} (p. {row.page})"


def _empty(draft: Draft) -> list[str]:
    return [
        f"{_where(row)}: {column} is empty"
        for row in draft.rows.itertuples()
        for column in PRINTED
        if not getattr(row, column)
    ]


def _absent(draft: Draft) -> list[str]:
    """Look each printed text up in the text of its page as another reader of PDFs gives it."""
    return [
        f"{_where(row)}: {column} {getattr(row, column)!r} is not in the text of the page as a second program reads it"
        for row in draft.rows.itertuples()
        for column in PRINTED[1:]
        if getattr(row, column) and not documents.stands(getattr(row, column), draft.report.texts[row.page - 1])
    ]


def _foreign(draft: Draft) -> list[str]:
    iso3 = draft.record["cities"].set_index("city_id")["iso3"]
    countries = draft.rows["city_id"].map(iso3).map(v.COUNTRY_NAMES)
    return [
        f"{_where(row)}: {row.city_printed} stands under {row.country_printed!r}; the record has it in {country}"
        for row, country in zip(draft.rows.itertuples(), countries, strict=True)
        if isinstance(country, str) and row.country_printed != country
    ]


def _doubled(draft: Draft) -> list[str]:
    keys = ["city_printed", "project_printed"]
    rows = draft.rows[draft.rows.duplicated(keys, keep=False)]
    return [
        f"{_where(row)}: {row.city_printed}, {row.project_printed!r} stands more than once" for row in rows.itertuples()
    ]


def _identity(draft: Draft) -> tuple[str, ...]:
    unmatched = draft.rows[draft.rows["project_id"].isna()]
    if unmatched.empty:
        return ("None.",)
    taken = set(draft.record["projects"]["project_id"])
    shown = unmatched[_PLACE].assign(
        nearest_former_titles_of_the_city=[_nearest(draft, row) for row in unmatched.itertuples()],
        id_if_new=[_new_id(row, taken) for row in unmatched.itertuples()],
    )
    words = (
        "For each: is it a project that was listed before under another title (a row of `project_links.csv`, with its evidence "
        "and pages), or a new one (a row of `projects.csv`)? Two readers judge, by the rules of `data/coding/README.md`; when unsure, keep "
        "apart. In brackets: similarity of the letters from 0 to 1, and the last report that lists the title."
    )
    return words, _table(shown)


def _nearest(draft: Draft, row: Any) -> str:
    """Name the former titles of the city that are nearest, leaving out those that another row matches to the letter."""
    city, title = row.city_id, str(row.project_printed)
    known = draft.record["project_reports"]
    mine = known[(known["city_id"] == city) & ~known["project_id"].isin(draft.rows["project_id"].dropna())]
    last = mine.drop_duplicates("project_printed", keep="last")
    scored = sorted(
        (-similarity(title, r.project_printed), str(r.project_printed), int(r.report_year), str(r.project_id)) for r in last.itertuples()
    )[:_NEAREST]  # fmt: skip
    return "; ".join(f"{known_title} ({-score:.2f}, {year}: {project})" for score, known_title, year, project in scored)


def _new_id(row: Any, taken: set[str]) -> str:
    city, title = row.city_id, str(row.project_printed)
    if not isinstance(city, str):
        return ""
    named = spelling.slug(title)
    new = named if named.startswith(f"{city}-") else f"{city}-{named}"
    return f"{new} (taken)" if new in taken else new


def _left(draft: Draft) -> tuple[str, ...]:
    gone = draft.latest[~draft.latest["project_id"].isin(draft.rows["project_id"].dropna())]
    if gone.empty:
        return ("None.",)
    words = "Each one is renamed (see above) or no longer listed. The report need not say why."
    return words, _table(gone[[*_PLACE[:4], "focus_area_printed", "project_id"]])


def _cities(draft: Draft) -> tuple[str, ...]:
    rows, names = draft.rows, tuple(sorted(draft.record["city_names"]["printed"]))
    new = rows[rows["city_id"].isna()].drop_duplicates(["country_printed", "city_printed"])
    lines = [
        f"“{row.city_printed}” ({row.country_printed}, p. {row.page}) is no known spelling. Nearest: "
        f"{spelling.nearest(row.city_printed, names) or 'none'}. A row of `city_names.csv`; for a new member also rows of "
        "`cities.csv` and `membership.csv`."
        for row in new.itertuples()
    ]
    listed = set(draft.record["project_reports"]["city_id"])
    first = rows[rows["city_id"].notna() & ~rows["city_id"].isin(listed)].drop_duplicates("city_id")
    lines += [f"{row.city_printed} is listed for the first time." for row in first.itertuples()] if listed else []
    missing = sorted(set(draft.latest["city_printed"]) - set(rows["city_printed"]))
    lines += [f"{name} had a row in the report before, and none under this spelling now." for name in missing]
    return (_list(lines) if lines else "Every city is known, and the same cities are listed as before.",)


def _areas(draft: Draft) -> tuple[str, ...]:
    known = tuple(sorted(labels(draft.record)))
    odd = draft.rows[draft.rows["focus_area_id"].isna()]
    lines = [
        f"{_where(row)}: label “{row.focus_area_printed}” is not known. Nearest: {spelling.nearest(row.focus_area_printed, known) or 'none'}."
        for row in odd.itertuples()
    ]
    both = draft.rows.merge(
        draft.latest[["project_id", "focus_area_printed", "focus_area_id"]], on="project_id", suffixes=("", "_before")
    )
    moved = both[both["focus_area_id"] != both["focus_area_id_before"]]
    lines += [
        f"{_where(row)}: {row.city_printed}, {row.project_printed!r} stood under {row.focus_area_printed_before}, now under {row.focus_area_printed}."
        for row in moved.itertuples()
    ]
    return (_list(lines) if lines else "Every label is known, and no matched project is filed elsewhere.",)


def _exhibits(draft: Draft) -> tuple[str, ...]:
    pages = report_pdf.exhibit_pages(draft.report)
    goals = {
        1: "`stated_figures.csv` (a share for each focus area, the total), `sub_areas.csv` (new labels)",
        2: "`exhibit_status.csv` (icons by city, focus area and status)",
        3: "`exhibit_sub_areas.csv`, `exhibit_country_status.csv`, `exhibit_rings.csv`",
    }
    lines = [
        f"Exhibit {n} (caption on {'p. ' + ', '.join(map(str, found)) if found else 'no page found'}): {goals[n]}."
        for n, found in pages.items()
    ]
    by_city = draft.rows.groupby(["city_printed", "focus_area_printed"]).size().unstack(fill_value=0)
    words = "For comparison, not to be copied: rows of the appendix by city and focus area. Exhibit 2 may differ."
    return _list(lines), words, _table(by_city.reset_index())


def _stated(draft: Draft) -> tuple[str, ...]:
    words = (
        "Each number that the report states about the network goes into `stated_figures.csv`, with its page and the words as printed: "
        "total, members, shares of focus areas (Exhibit 1 and the sections of the text), counts and shares of statuses. Candidates from the text:"
    )
    found = [*report_pdf.totals(draft.report), *report_pdf.members(draft.report), *report_pdf.shares(draft.report)]
    return words, _list(f"p. {s.page}: “{s.words}”" for s in found) if found else "None found."


def _others(draft: Draft) -> tuple[str, ...]:
    own, hits = report_pdf.own_date(draft.report), "rows of `searches.csv` with places found need `about`"
    lines = [
        f"`sources.csv`: published, url, accessed and licence_note are empty. As-of date by the head of the pages: {own[1] if own else 'not found'}.",
        "`membership.csv` and `cities.csv`: has anybody joined since? The roster is the page `asean-network-page` of `sources.csv`.",
        "`events.csv`: the report itself (kind document) and the annual meetings since the report before.",
        f"`searches.csv`: {hits}, in our own words.",
        "`highlights.csv`: which city each section of the text describes.",
        "`project_reports.csv`: read the appendix a second time, from pictures of the pages, into `coding/project_reports_by_eye.csv`.",
        "Later, after two independent readings: `partner_mentions.csv` and `challenges.csv`.",
    ]
    return (_list(lines),)

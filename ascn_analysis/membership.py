"""When the network grew: what the roster and the documents say on its number of member cities."""

from __future__ import annotations

import pandas as pd

from ascn_analysis.metrics import ALL


def steps(cities: pd.DataFrame, membership: pd.DataFrame, stated: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Collect every dated statement on the number of member cities, and the counts of the official roster.

    Parameters
    ----------
    cities
        Member cities, with ``iso3``.
    membership
        Statements on when each city joined; those marked ``used`` are the roster.
    stated
        Stated figures; those of measure ``member_cities`` are used.
    sources
        Sources, for their titles and grades.

    Returns
    -------
    DataFrame
        ``selection`` (``"all"`` or an iso3), ``as_of`` (as stated; the last day of the year for a roster count), ``day``
        (where it is drawn), ``n`` (cities), ``basis`` (``primary``, ``secondary`` or ``roster``), ``source``. Sorted.

    Notes
    -----
    The roster gives years only, so a roster count is one "by the end of the year"; it is left out where a primary
    document states the same number no later. A statement dated to a month or a year is drawn in its middle. Statements
    that contradict the roster stay in.
    """
    said = _statements(stated, sources)
    primary = said[said["basis"] == "primary"]
    roster = _roster(cities, membership, sources)
    known = roster.apply(lambda row: row["selection"] == ALL and _is_stated(row["n"], row["as_of"], primary), axis=1)
    both = pd.concat([said, roster[~known]], ignore_index=True)
    return both.assign(day=both["as_of"].map(middle)).sort_values(["selection", "day", "n"], ignore_index=True)


def _is_stated(n: int, by: str, primary: pd.DataFrame) -> bool:
    return bool(((primary["n"] == n) & (primary["as_of"] <= by)).any())


def _statements(stated: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    said = stated[stated["measure"] == "member_cities"].drop_duplicates(["source_id", "as_of", "value"])
    known = sources.set_index("source_id")
    return pd.DataFrame(
        {
            "selection": ALL,
            "as_of": said["as_of"],
            "n": said["value"].astype("int64"),
            "basis": said["source_id"].map(known["grade"]),
            "source": said["source_id"].map(known["publisher"]) + ": " + said["source_id"].map(known["title"]),
        }
    )


def _roster(cities: pd.DataFrame, membership: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    used = membership[membership["used"] == "true"]
    known = sources.set_index("source_id")
    joined = pd.DataFrame(
        {
            "iso3": used["city_id"].map(cities.set_index("city_id")["iso3"]),
            "as_of": _by(used["joined"], used["source_id"].map(known["as_of"])),
        }
    )
    source = f"{known.loc[used['source_id'].iloc[0], 'publisher']}: the network's roster, by year of joining"
    parts = [_counted(ALL, joined), *(_counted(str(iso3), part) for iso3, part in joined.groupby("iso3"))]
    return pd.concat(parts, ignore_index=True).assign(basis="roster", source=source)


def _by(joined: pd.Series, roster_as_of: pd.Series) -> pd.Series:
    """Turn a year into "by its last day", or by the roster's own date where that is earlier."""
    last_day = joined.where(joined.str.len() > 4, joined + "-12-31")
    return last_day.combine(roster_as_of, min)


def _counted(selection: str, joined: pd.DataFrame) -> pd.DataFrame:
    counts = joined.groupby("as_of").size().cumsum()
    return pd.DataFrame({"selection": selection, "as_of": counts.index, "n": counts.array})


def middle(day: str) -> str:
    """Return the day at which a date of reduced precision is drawn: the middle of its month or year.

    Examples
    --------
    >>> middle("2025"), middle("2025-09"), middle("2025-09-30")
    ('2025-07-02', '2025-09-15', '2025-09-30')
    """
    return {4: f"{day}-07-02", 7: f"{day}-15"}.get(len(day), day)


def disputed(membership: pd.DataFrame, sources: pd.DataFrame) -> list[str]:
    """Return the cities on whose joining statements contradict each other.

    Returns
    -------
    list of str
        City ids. Two dates of joining contradict if their years differ. "Not yet a member" at a date contradicts a date of
        joining that is wholly past by then; a joining known only by its year may still lie ahead within that year.
    """
    said = membership.assign(at=membership["source_id"].map(sources.set_index("source_id")["as_of"]))
    return [str(city) for city, rows in said.groupby("city_id", sort=False) if _contradict(rows)]


def _contradict(rows: pd.DataFrame) -> bool:
    joined = rows["joined"].dropna()
    denied = rows.loc[rows["joined"].isna(), "at"].dropna()
    past = any(at[: len(day)] > day or (at[: len(day)] == day and len(day) > 4) for at in denied for day in joined)
    return past or joined.str[:4].nunique() > 1

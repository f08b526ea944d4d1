"""What surrounds the projects: the challenges that documents name, the network's dates, and urbanisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import narwhals as nw
from narwhals.typing import IntoFrameT

from ascn_analysis.measures import frames

_CATALOGUE: Final = (
    "country",
    "iso3",
    "city",
    "year",
    "kind",
    "about",
    "summary",
    "source_id",
    "source",
    "page",
    "url",
)
_MOST_NAMES: Final = 6


def challenge_counts(frame: IntoFrameT, by: Sequence[str] = ("kind", "about")) -> IntoFrameT:
    """Count the challenges that documents name.

    Parameters
    ----------
    frame
        Challenges, one row each, as `loaders.load_challenges` gives them.
    by
        Columns to group by.

    Returns
    -------
    Frame
        The columns of `by`, ``n`` (challenges). Groups without a row are absent, not 0.

    Notes
    -----
    A count of what texts name. The reports' style changed: no trend can be read from a count by year, and a city
    without a row is "not named in the documents read", not without problems.
    """
    return frames.native(frames.count(frames.rows(frame), by), by)


def challenge_catalogue(challenges: IntoFrameT, cities: Any, sources: Any) -> IntoFrameT:
    """Put beside each challenge its city, its country, and the address of the page that names it.

    Parameters
    ----------
    challenges
        Challenges; those of the network as a whole have no ``city_id``.
    cities
        Member cities, with ``city_id``, ``city``, ``iso3`` and ``country``.
    sources
        Sources, with ``source_id``, ``title`` and ``url``.

    Returns
    -------
    Frame
        One row a challenge: ``country``, ``iso3``, ``city`` (missing for the network as a whole), ``year``, ``kind``,
        ``about``, ``summary``, ``source_id``, ``source`` (its title), ``page``, ``url`` (of that page where the address is a
        PDF file). Alphabetical by country and city, the network last.
    """
    named, members, origins = frames.together(challenges=challenges, cities=cities, sources=sources)
    known = origins.select("source_id", nw.col("title").alias("source"), nw.col("url").alias("address"))
    homes = members.select("city_id", "city", "iso3", "country")
    joined = named.join(homes, on="city_id", how="left").join(known, on="source_id", how="left")
    page = nw.concat_str(nw.col("address"), nw.lit("#page="), nw.col("page").cast(nw.String))
    linked = nw.when(nw.col("address").str.ends_with(".pdf")).then(page).otherwise(nw.col("address"))
    rows = joined.with_columns(linked.alias("url")).select(*_CATALOGUE)
    return frames.native(rows, ["country", "city", "year", "page", "kind", "summary"], nulls_last=True)


def event_gaps(events: IntoFrameT) -> IntoFrameT:
    """Count the days from each event to the next.

    Parameters
    ----------
    events
        Events, such as the annual meetings alone; those without a full date are left out.

    Returns
    -------
    Frame
        ``date``, ``kind``, ``event``, ``place``, ``days`` (from the event before to this one, by their first days;
        missing for the first), by date.
    """
    dated = frames.rows(events).filter(nw.col("date").str.len_chars() == len("2018-04-28"))
    days = frames.with_day(frames.few(dated), "date", "day")
    before = frames.shifted(days, ["date", "event"], before=("day", 1))
    gaps = before.with_columns((nw.col("day") - nw.col("before")).alias("days"))
    return frames.native(gaps.select("date", "kind", "event", "place", "days"), ["date", "event"])


def joinings(membership: IntoFrameT, cities: Any, sources: Any) -> IntoFrameT:
    """Tell the joinings of the official roster as events.

    Parameters
    ----------
    membership
        Statements on when each city joined; those marked ``used`` are the roster.
    cities, sources
        Member cities and sources, for names and as-of dates.

    Returns
    -------
    Frame
        One row a date of joining: ``date`` (the roster gives years; its own as-of date in a year that is not over by
        then), ``kind`` (``membership``), ``event`` (which cities, or how many), ``source_id``.
    """
    stated, members, origins = frames.together(membership=membership, cities=cities, sources=sources)
    names, dates = members.select("city_id", "city"), origins.select("source_id", "as_of")
    used = stated.filter(nw.col("used") == "true")
    rows = used.join(names, on="city_id", how="left").join(dates, on="source_id", how="left")
    found: dict[tuple[str, str], list[str]] = {}
    date, event = nw.col("joined"), nw.lit(None, dtype=nw.String)
    for city, joined, as_of, source in sorted(frames.tuples(rows.select("city", "joined", "as_of", "source_id"))):
        day = as_of if as_of is not None and as_of.startswith(joined) else joined
        date = nw.when(_both(joined=joined, source_id=source)).then(nw.lit(day)).otherwise(date)
        found.setdefault((day, source), []).append(city)
    for (day, source), cities_then in found.items():
        event = nw.when(_both(date=day, source_id=source)).then(nw.lit(_joining(cities_then))).otherwise(event)
    days = used.select("joined", "source_id").unique().select(date.alias("date"), "source_id").unique()
    told = days.select("date", nw.lit("membership").alias("kind"), event.alias("event"), "source_id")
    return frames.native(told, ["date", "source_id"])


def _both(**values: str) -> Any:
    return nw.all_horizontal(*(nw.col(name) == value for name, value in values.items()), ignore_nulls=False)


def _joining(cities: list[str]) -> str:
    if len(cities) > _MOST_NAMES:
        return f"{len(cities)} cities join, by the roster"
    *head, last = cities
    listed = f"{', '.join(head)} and {last} join" if head else f"{last} joins"
    return f"{listed}, by the roster"


def urban_growth(frame: IntoFrameT, since: int, until: int) -> IntoFrameT:
    """Measure how many more people live in urban areas, and split them into two exact parts.

    Parameters
    ----------
    frame
        One row a country and year, with ``iso3``, ``year``, ``population`` and ``urban_share_percent``.
    since, until
        First and last year.

    Returns
    -------
    Frame
        One row a country that has both years: ``iso3``, ``share_since``, ``share_until`` (per cent), ``points`` (change),
        ``urban_since``, ``urban_until`` (people), ``added`` (change), ``from_population``, ``from_share`` (people).

    Notes
    -----
    Urban people are population times urban share. With population ``p``, share ``s`` and means over the two years,
    ``added = mean(s) * change of p + mean(p) * change of s``, exactly; ``from_population`` is the first term, what the
    growth of the whole population would bring, ``from_share`` the second, the shift towards urban areas. It is
    arithmetic, not a cause: reclassified places count as a shift. National definitions of urban differ, and
    both figures are estimates without a stated margin.
    """
    first, last = _year(frames.rows(frame), since, "since"), _year(frames.rows(frame), until, "until")
    p0, p1 = nw.col("population_since"), nw.col("population_until")
    s0, s1 = nw.col("share_since") / 100, nw.col("share_until") / 100
    measured = first.join(last, on="iso3", how="inner").select(
        "iso3",
        "share_since",
        "share_until",
        (100 * (s1 - s0)).alias("points"),
        (p0 * s0).alias("urban_since"),
        (p1 * s1).alias("urban_until"),
        (p1 * s1 - p0 * s0).alias("added"),
        ((p1 - p0) * (s0 + s1) / 2).alias("from_population"),
        ((s1 - s0) * (p0 + p1) / 2).alias("from_share"),
    )
    return frames.native(measured, ["iso3"])


def _year(rows: Any, year: int, name: str) -> Any:
    """Return the figures of one year, named after it."""
    population = nw.col("population").cast(nw.Float64).alias(f"population_{name}")
    share = nw.col("urban_share_percent").alias(f"share_{name}")
    return rows.filter(nw.col("year") == year).select("iso3", population, share)

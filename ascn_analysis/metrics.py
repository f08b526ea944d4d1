"""Pure measures of the panel: totals and growth, growth and its parts, shares, concentration.

Every function takes a frame of projects, one row per project and report, as `loaders.load_projects` gives it
(columns ``report_year``, ``as_of``, ``project_id``, ``city_id``, ``iso3``, ``focus_area_id``, ``list``, ``joined_year``
where used), and gives back a new frame of the same kind. Nothing is read, cached or changed in place, the order of rows does
not matter, and results are sorted.

**Engines.** The frame that goes in decides which engine works: pandas, PyArrow or Polars in memory; a lazy Polars frame, a
DuckDB relation, a Dask or a PySpark frame without being read into memory. Functions that join several frames want all of
one kind. From a lazy frame comes a lazy frame of the same engine: nothing is computed before it is collected (``collect()`` in
Polars, ``df()`` or ``fetchall()`` in DuckDB, ``compute()`` in Dask, ``toPandas()`` in PySpark). Five functions must know a few
values first and look them up at once: `by_selection` the countries, `transitions` the reports and statuses, `relink` and
`profiles.cities` the reports, `joinings` the roster; `completion_rate` gives plain numbers. Checks that need all
rows are made for frames in memory only; `loaders.load_projects` with an engine makes them when it reads. Whole numbers
come back with 64 bits.

The rows are a full list, not a sample: there are no confidence intervals. What a single disputed row can do to
a share is given by `one_project_shift` instead.
"""

from __future__ import annotations

from ascn_analysis.measures import profiles
from ascn_analysis.measures.choosing import select
from ascn_analysis.measures.context import challenge_catalogue, challenge_counts, event_gaps, joinings, urban_growth
from ascn_analysis.measures.delivery import (
    CASES,
    SUPPORT_OF_MENTION,
    chosen_and_listed,
    chosen_and_listed_rows,
    delivery_counts,
    listed_by_choice,
    planned_projects,
    support_asked_and_named,
    targets_by_deadline,
)
from ascn_analysis.measures.frames import NO_REPORT
from ascn_analysis.measures.growth import changes, growth, growth_parts, per_city, totals
from ascn_analysis.measures.histories import (
    cohorts,
    completion_rate,
    history,
    intervals,
    relink,
    steadiness,
)
from ascn_analysis.measures.selection import ALL, by_selection
from ascn_analysis.measures.shares import concentration, one_project_shift, shares, whole_percent
from ascn_analysis.measures.statuses import (
    completion,
    status_bounds,
    status_counts,
    status_steps,
    transitions,
)
from ascn_analysis.measures.support import (
    documents_read,
    highlights_with_partner,
    named_again,
    named_by_document,
    named_support,
    support_bounds,
)

__all__ = [
    "ALL",
    "CASES",
    "NO_REPORT",
    "SUPPORT_OF_MENTION",
    "by_selection",
    "challenge_catalogue",
    "challenge_counts",
    "changes",
    "chosen_and_listed",
    "chosen_and_listed_rows",
    "cohorts",
    "completion",
    "completion_rate",
    "concentration",
    "delivery_counts",
    "documents_read",
    "event_gaps",
    "growth",
    "growth_parts",
    "highlights_with_partner",
    "history",
    "intervals",
    "joinings",
    "listed_by_choice",
    "named_again",
    "named_by_document",
    "named_support",
    "one_project_shift",
    "per_city",
    "planned_projects",
    "profiles",
    "relink",
    "select",
    "shares",
    "status_bounds",
    "status_counts",
    "status_steps",
    "steadiness",
    "support_asked_and_named",
    "support_bounds",
    "targets_by_deadline",
    "totals",
    "transitions",
    "urban_growth",
    "whole_percent",
]

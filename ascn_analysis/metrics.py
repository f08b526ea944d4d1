"""Pure measures of the panel: totals and growth, growth and its parts, shares, concentration.

Every function takes a frame of projects, one row per project and report, as `loaders.load_projects` gives it
(columns ``report_year``, ``as_of``, ``project_id``, ``city_id``, ``iso3``, ``focus_area_id``, ``list``, ``joined_year``
where used), and gives back a new frame of the same kind: any frame that narwhals takes. Nothing is read, cached
or changed in place, the order of rows does not matter, and results are sorted.

The rows are a full list, not a sample: there are no confidence intervals. What a single disputed row can do to
a share is given by `one_project_shift` instead.
"""

from __future__ import annotations

from ascn_analysis.measures.frames import NO_REPORT
from ascn_analysis.measures.growth import changes, growth, growth_parts, per_city, totals
from ascn_analysis.measures.selection import ALL, by_selection
from ascn_analysis.measures.shares import concentration, one_project_shift, shares, whole_percent

__all__ = [
    "ALL",
    "NO_REPORT",
    "by_selection",
    "changes",
    "concentration",
    "growth",
    "growth_parts",
    "one_project_shift",
    "per_city",
    "shares",
    "totals",
    "whole_percent",
]

"""The open record of the ASEAN Smart Cities Network: loaders, metrics and figures.

>>> import ascn_analysis as ascn
>>> projects = ascn.load_projects()
>>> ascn.metrics.totals(projects)["n"].tolist()
[77, 86, 108, 134]

Nothing heavy is imported until it is used (PEP 562).
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_LOADERS = (
    "load_action_plan_cities",
    "load_action_plan_focus_areas",
    "load_action_plan_projects",
    "load_action_plan_targets",
    "load_boundaries",
    "load_challenges",
    "load_cities",
    "load_city_names",
    "load_countries",
    "load_events",
    "load_exhibit_country_status",
    "load_exhibit_rings",
    "load_exhibit_status",
    "load_exhibit_sub_areas",
    "load_focus_areas",
    "load_framework",
    "load_highlights",
    "load_icons",
    "load_known_contradictions",
    "load_membership",
    "load_panel",
    "load_partner_mentions",
    "load_partners",
    "load_project_links",
    "load_projects",
    "load_searches",
    "load_sources",
    "load_stated_figures",
    "load_sub_areas",
    "load_table",
    "load_topology",
    "load_urbanisation",
)
_MODULES = (
    "audit",
    "coding",
    "errors",
    "figures",
    "loaders",
    "membership",
    "metrics",
    "own",
    "schemas",
    "selections",
    "status",
    "tables",
    "vocabulary",
    "widgets",
)

__all__ = [*_LOADERS, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _LOADERS:
        return getattr(importlib.import_module("ascn_analysis.loaders"), name)
    if name in _MODULES:
        return importlib.import_module(f"ascn_analysis.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

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
    "load_boundaries", "load_cities", "load_city_names", "load_countries", "load_focus_areas", "load_membership",
    "load_panel", "load_project_links", "load_projects", "load_sources", "load_stated_figures", "load_sub_areas", "load_table",
    "load_topology",
)  # fmt: skip
_MODULES = ("errors", "figures", "loaders", "metrics", "schemas", "vocabulary", "widgets")

__all__ = [*_LOADERS, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _LOADERS:
        return getattr(importlib.import_module("ascn_analysis.loaders"), name)
    if name in _MODULES:
        return importlib.import_module(f"ascn_analysis.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

"""Explorers for JupyterLab: choose countries, cities, focus areas, statuses and a report, and see what is left.

An explorer needs a kernel. Where there is none (GitHub, a rendered page, a reopened notebook) its stored output shows
the same figures for everything, with the chart's own drop-down. Nothing comes from the network.
"""

from __future__ import annotations

from ascn_analysis.explorers.bring import OwnProjects, bring_your_own
from ascn_analysis.explorers.choice import Choice, Origin
from ascn_analysis.explorers.compare import compare
from ascn_analysis.explorers.controls import CountryFilter
from ascn_analysis.explorers.linked import Explorer
from ascn_analysis.explorers.single import Figure, FigureExplorer
from ascn_analysis.explorers.table import ProjectTable

__all__ = [
    "Choice",
    "CountryFilter",
    "Explorer",
    "Figure",
    "FigureExplorer",
    "Origin",
    "OwnProjects",
    "ProjectTable",
    "bring_your_own",
    "compare",
]

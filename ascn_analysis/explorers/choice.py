"""A choice of projects: what an explorer has selected, as a value that can be kept, compared and written as code."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from ascn_analysis import metrics

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Choice:
    """Which projects are chosen; None stands for every value, also for rows that do not give one.

    Attributes
    ----------
    countries, cities, focus_areas, statuses, reports
        As `metrics.select` takes them.
    """

    countries: Values | None = None
    cities: Values | None = None
    focus_areas: Values | None = None
    statuses: Values | None = None
    reports: Values | None = None

    def given(self) -> dict[str, list[Any]]:
        """Return what is restricted, by name: the arguments of `metrics.select`."""
        return {name: list(values) for name, values in asdict(self).items() if values is not None}

    def rows(self, projects: pd.DataFrame) -> pd.DataFrame:
        """Return the chosen projects."""
        return metrics.select(projects, **self.given())

    def code(self, origin: Origin) -> str:
        """Write the two lines that select the same rows again."""
        arguments = "".join(f", {name}={values!r}" for name, values in self.given().items())
        return f"{origin.imports}\nselection = metrics.select({origin.projects}{arguments})"


@dataclass(frozen=True)
class Origin:
    """Where the projects of an explorer come from, as code.

    Attributes
    ----------
    imports
        A line that imports `metrics` and what `projects` needs.
    projects
        An expression that gives the projects.
    """

    imports: str = "from ascn_analysis import metrics"
    projects: str = "projects"

    @classmethod
    def of(cls, projects: pd.DataFrame) -> Origin:
        """Recognise the record's own frames; any other is called ``projects``, as whoever made it knows it."""
        from ascn_analysis import loaders

        for name in ("load_panel", "load_projects", "load_icons"):
            frame = getattr(loaders, name)()
            if len(frame) == len(projects) and frame.equals(projects):
                return cls(f"from ascn_analysis import {name}, metrics", f"{name}()")
        return cls()

"""One line of the table of benchmarks."""

from __future__ import annotations

from typing import TypedDict


class Measure(TypedDict):
    """A value (none where there is nothing to measure), its budget (none for a comparison), and whether it holds."""

    name: str
    value: float | None
    unit: str
    budget: float | None
    holds: bool


def measure(name: str, value: float | None, unit: str, budget: float | None) -> Measure:
    """Put a value beside its budget."""
    holds = budget is None or (value is not None and value <= budget)
    rounded = None if value is None else round(value, 3)
    return {"name": name, "value": rounded, "unit": unit, "budget": budget, "holds": holds}

"""One function a figure: frames in, an Altair chart out, with a title, alt text and a source line.

Importing this package registers the renderer of `figures.display`, so that a figure at the end of a cell shows itself
in JupyterLab, on GitHub, in print and in a terminal.
"""

from ascn_analysis.figures import display
from ascn_analysis.figures.charts import focus_multiples, growth_parts, growth_steps, membership_steps, stated_dots
from ascn_analysis.figures.context import (
    challenge_list,
    challenge_matrix,
    city_populations,
    event_timeline,
    framework_diagram,
    urban_multiples,
)
from ascn_analysis.figures.histories import cohort_bars, history_strips
from ascn_analysis.figures.maps import city_map
from ascn_analysis.figures.partners import partner_matrix, partners_by_document
from ascn_analysis.figures.plans import choice_bars, plan_matrix, target_squares
from ascn_analysis.figures.squares import project_squares
from ascn_analysis.figures.status import status_bars, status_flows, status_groups

display.register()

__all__ = [
    "challenge_list",
    "challenge_matrix",
    "choice_bars",
    "city_map",
    "city_populations",
    "cohort_bars",
    "display",
    "event_timeline",
    "focus_multiples",
    "framework_diagram",
    "growth_parts",
    "growth_steps",
    "history_strips",
    "membership_steps",
    "partner_matrix",
    "partners_by_document",
    "plan_matrix",
    "project_squares",
    "stated_dots",
    "status_bars",
    "status_flows",
    "status_groups",
    "target_squares",
    "urban_multiples",
]

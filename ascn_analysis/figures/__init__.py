"""One function a figure: frames in, an Altair chart out, with a title, alt text and a source line.

Importing this package registers the renderer of `figures.display`, so that a figure at the end of a cell shows itself
in JupyterLab, on GitHub, in print and in a terminal.
"""

from ascn_analysis.figures import display
from ascn_analysis.figures.charts import focus_multiples, growth_parts, growth_steps, membership_steps, stated_dots
from ascn_analysis.figures.maps import city_map
from ascn_analysis.figures.squares import project_squares

display.register()

__all__ = [
    "city_map",
    "display",
    "focus_multiples",
    "growth_parts",
    "growth_steps",
    "membership_steps",
    "project_squares",
    "stated_dots",
]

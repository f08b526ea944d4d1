"""What all pages share: the template, the navigation, and the content security policy."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ascn_analysis import vocabulary as v
from ascn_analysis.site.inputs import HERE

POLICY: Final = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file: data: blob:; font-src 'self' file:; "
    "base-uri 'none'; form-action 'none'"
)
"""No inline script, no eval, nothing from elsewhere. ``file:`` is for the folder on a stick."""


@cache
def environment() -> Environment:
    """Return the templates, with every value escaped unless it is marked as HTML."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(policy=POLICY, countries=v.COUNTRIES)
    return made


def render(template: str, *, root: str, title: str, **values: Any) -> str:
    """Render a page.

    Parameters
    ----------
    template
        Name of the template.
    root
        Way from the page to the site's root: ``""`` or ``"../"``.
    title
        Title of the page.
    values
        What the template uses.
    """
    return environment().get_template(template).render(root=root, title=title, **values)

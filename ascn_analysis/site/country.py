"""One member state's part of the record, for its brief and its verification sheet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from ascn_analysis import loaders, membership, metrics
from ascn_analysis import vocabulary as v
from ascn_analysis.tables import Link

ROSTER: Final = "asean-network-page"
"""The source whose list of member cities `cities.csv` follows."""
_TABLES: Final = (
    "action_plan_focus_areas", "action_plan_projects", "action_plan_targets", "action_plan_cities", "challenges",
    "exhibit_country_status", "exhibit_status", "exhibit_sub_areas", "known_contradictions", "membership",
    "partner_mentions", "project_links",
)  # fmt: skip
_ROW: Final = ("report_year", "list", "row_no")


def in_text(name: str) -> str:
    """Return a country's name as it stands within a sentence.

    Examples
    --------
    >>> in_text("Philippines"), in_text("Viet Nam")
    ('the Philippines', 'Viet Nam')
    """
    return f"the {name}" if name == "Philippines" else name


def quantity(n: int, one: str, many: str) -> str:
    """Write a number and its noun.

    Examples
    --------
    >>> quantity(1, "city", "cities"), quantity(0, "city", "cities")
    ('1 city', '0 cities')
    """
    return f"{n} {one if n == 1 else many}"


class Record:
    """The whole record, with every table that knows a city also knowing its country.

    Parameters
    ----------
    folder
        Folder of tables; by default the data that came with the package.
    """

    def __init__(self, folder: loaders.Folder = None) -> None:
        self.panel, self.icons = loaders.load_panel(folder), loaders.load_icons(folder)
        self.cities = loaders.load_cities(folder)
        self.sources = loaders.load_sources(folder).set_index("source_id")
        iso3 = self.cities.set_index("city_id")["iso3"]
        self.tables = {name: _with_country(loaders.load_table(name, folder), iso3) for name in _TABLES}
        self.years = sorted(int(year) for year in self.panel["report_year"].unique())

    @property
    def latest(self) -> int:
        """Year of the latest report."""
        return self.years[-1]

    @property
    def before(self) -> int:
        """Year of the report before the latest."""
        return self.years[-2]

    def rows(self, year: int) -> pd.DataFrame:
        """Return the rows of a report, in print order."""
        return self.reports[year]

    @cached_property
    def reports(self) -> dict[int, pd.DataFrame]:
        """The rows of each report, in print order."""
        return {year: self.panel[self.panel["report_year"] == year] for year in self.years}

    def as_of(self, year: int) -> str:
        """Return the date that a report speaks of."""
        return str(self.rows(year)["as_of"].iloc[0])

    def source(self, year: int) -> str:
        """Return the source id of a report."""
        return str(self.rows(year)["source_id"].iloc[0])

    def title(self, source_id: str) -> str:
        """Return the title of a source."""
        return str(self.sources.loc[source_id, "title"])

    def link(self, source_id: str, page: Any = None) -> Link:
        """Return a link to a source, or to a page of its PDF."""
        url = self.sources.loc[source_id, "url"]
        if pd.isna(page):
            return Link(self.title(source_id), "" if pd.isna(url) else str(url))
        return Link(f"PDF p. {page}", "" if pd.isna(url) else f"{url}#page={page}")

    @cached_property
    def profiles(self) -> pd.DataFrame:
        """What the record counts of each member city."""
        t, plans = self.tables, self.tables["action_plan_projects"]
        choices = metrics.chosen_and_listed(t["action_plan_focus_areas"], self.panel, plans)
        read = metrics.documents_read(t["action_plan_cities"], self.panel, t["partner_mentions"])
        return metrics.profiles.cities(
            self.cities, self.panel, self.icons, choices, t["action_plan_targets"], plans, read, t["partner_mentions"], t["challenges"]
        )  # fmt: skip

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Each project from every report to the next, with its country."""
        homes = self.panel.drop_duplicates("project_id").set_index("project_id")["iso3"]
        steps = metrics.status_steps(self.panel)
        return steps.assign(iso3=steps["project_id"].map(homes))

    @cached_property
    def history(self) -> pd.DataFrame:
        """Each row with its marks of renaming and of filing elsewhere."""
        marked = metrics.history(self.panel, self.tables["project_links"])
        kept = ["report_year", "project_id", "iso3", "city", "focus_area"]
        return marked.merge(self.panel[kept], on=["report_year", "project_id"], how="left")

    @cached_property
    def judged_links(self) -> pd.DataFrame:
        """Links between reports that are likely or doubtful, with both rows."""
        links = self.tables["project_links"]
        links = links[links["confidence"] != "sure"]
        kept = self.panel[[*_ROW, "iso3", "city", "project_printed", "url", "page"]]
        ends = [kept.add_suffix(f"_{end}").rename(columns=_link_columns(end)) for end in ("from", "to")]
        for end in ends:
            links = links.merge(end, how="left")
        return links.sort_values(["year_to", "row_to"], ascending=[False, True], ignore_index=True)

    @cached_property
    def doubtful_heirs(self) -> dict[tuple[int, str, int], str]:
        """Title of the next report's row that a doubtful link leads to, by report, list and number of the row."""
        links = self.judged_links[self.judged_links["confidence"] == "doubtful"]
        rows = zip(links["year_from"], links["list_from"], links["row_from"], strict=True)
        return dict(zip(rows, links["project_printed_to"], strict=True))


def _with_country(frame: pd.DataFrame, iso3: pd.Series) -> pd.DataFrame:
    return frame.assign(iso3=frame["city_id"].map(iso3)) if "city_id" in frame and "iso3" not in frame else frame


def _link_columns(end: str) -> dict[str, str]:
    return {f"report_year_{end}": f"year_{end}", f"row_no_{end}": f"row_{end}"}


@dataclass(frozen=True)
class Country:
    """A member state and its part of the record."""

    record: Record
    iso3: str

    @property
    def name(self) -> str:
        """ASEAN's name of the country."""
        return v.COUNTRY_NAMES[self.iso3]

    @property
    def in_text(self) -> str:
        """The name as it stands within a sentence."""
        return in_text(self.name)

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the country's rows of a frame."""
        return frame[frame["iso3"] == self.iso3]

    def table(self, name: str) -> pd.DataFrame:
        """Return the country's rows of a table."""
        return self.of(self.record.tables[name])

    def rows(self, year: int | None = None) -> pd.DataFrame:
        """Return the country's projects in a report, by default the latest."""
        return self.of(self.record.rows(year or self.record.latest))

    @cached_property
    def cities(self) -> pd.DataFrame:
        """The country's member cities, alphabetical, with everything that is counted of them."""
        return self.of(self.record.profiles)

    @cached_property
    def contradictions(self) -> pd.DataFrame:
        """Known contradictions whose subject is the country or one of its cities, the newest first."""
        known = self.record.tables["known_contradictions"]
        names = {self.name, *self.cities["city"]}
        # A subject is "Country: what", "City: what" or "City, project: what".
        heads = known["subject"].str.split(":").str[0].str.split(",").str[0]
        return known[heads.isin(names)].sort_values(["year", "subject"], ascending=[False, True])

    @cached_property
    def disputed(self) -> list[str]:
        """Ids of the country's cities on whose joining sources contradict each other."""
        found = membership.disputed(self.table("membership"), self.record.sources.reset_index())
        return [city for city in found if city in set(self.cities["city_id"])]

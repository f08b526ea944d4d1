"""Named support: who is named for which city, and how many documents could have named somebody."""

import csv
from collections import defaultdict

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ascn_analysis import loaders, metrics

some = settings(max_examples=25, deadline=None, derandomize=True)

PLANS = pd.DataFrame({"source_id": ["scaps-2018"] * 2, "city_id": ["ayu", "bima"]})
PROJECTS = pd.DataFrame(
    [
        ("me-2022", 2022, "p1", "ayu", "civic-social"),
        ("me-2022", 2022, "p2", "ayu", "civic-social"),
        ("me-2023", 2023, "p1", "ayu", "safety-security"),
        ("me-2023", 2023, "p3", "cato", "safety-security"),
    ],
    columns=["source_id", "report_year", "project_id", "city_id", "focus_area_id"],
)
MENTIONS = pd.DataFrame(
    [
        ("scaps-2018", 2018, "ayu", "p1", "bank", "funding", 3),
        ("me-2022", 2022, "ayu", "p2", "bank", "other", 9),
        ("me-2022", 2022, "ayu", None, "bank", "training", 10),
        ("me-2022", 2022, "ayu", "p3", "school", "training", 10),
        ("me-2023", 2023, "ayu", "p1", "school", "training", 8),
        ("me-2023", 2023, None, None, "fund", "funding", 20),
    ],
    columns=["source_id", "report_year", "city_id", "project_id", "partner_id", "kind", "page"],
)
HIGHLIGHTS = pd.DataFrame(
    [
        (2022, "civic-social", "ayu"),
        (2022, "safety-security", "bima"),
        (2023, "safety-security", "ayu"),
        (2023, "safety-security", "bima"),
    ],
    columns=["report_year", "focus_area", "city_id"],
)
SETTLED = pd.DataFrame(
    [
        ("a", "ayu", "Bank", "both", "funding"),
        ("a", "ayu", "School", "reader_1", "training"),
        ("b", "ayu", "Bank", "both", "other"),
        ("b", "bima", "Shop", "both", "dropped"),
        ("b", None, "Fund", "both", "funding"),
    ],
    columns=["source_id", "city_id", "partner", "found_by", "settled"],
)


def records(frame):
    """Return the rows of a frame as plain tuples, missing as None."""
    return [tuple(None if pd.isna(x) else x for x in row) for row in frame.itertuples(index=False)]


def read(name):
    with (loaders.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def documents():
    return metrics.documents_read(PLANS, PROJECTS)


@pytest.fixture(scope="module")
def real():
    """The documents, mentions and support of the record."""
    mentions, panel = loaders.load_partner_mentions(), loaders.load_panel()
    documents = metrics.documents_read(loaders.load_action_plan_cities(), panel)
    return documents, mentions, metrics.named_support(mentions, panel)


@st.composite
def cases(draw):
    """Draw documents of some cities, and mentions in some of them."""
    described = draw(st.sets(st.tuples(st.sampled_from("abc"), st.integers(2018, 2022)), min_size=1))
    documents = pd.DataFrame(
        [(c, y, f"d{y}") for c, y in sorted(described)], columns=["city_id", "report_year", "source_id"]
    )
    chosen = draw(
        st.lists(st.tuples(st.sampled_from(sorted(described)), st.sampled_from("xyz")), min_size=1, max_size=12)
    )
    rows = [(f"d{y}", y, c, p) for (c, y), p in chosen]
    return documents, pd.DataFrame(rows, columns=["source_id", "report_year", "city_id", "partner_id"])


# The documents that describe a city


def test_a_city_of_the_plans_has_its_chapter_its_profile_and_the_reports_that_list_it(documents):
    assert documents[documents["city_id"] == "ayu"]["report_year"].tolist() == [2018, 2019, 2022, 2023]


def test_a_city_of_the_plans_that_no_report_lists_has_two_documents(documents):
    assert documents[documents["city_id"] == "bima"]["source_id"].tolist() == ["scaps-2018", "report-2019"]


def test_a_city_that_joined_later_has_the_reports_that_list_it(documents):
    assert documents[documents["city_id"] == "cato"]["source_id"].tolist() == ["me-2023"]


def test_two_projects_of_a_city_make_one_document(documents):
    assert not documents.duplicated(["city_id", "source_id"]).any()


def test_the_documents_of_the_record_are_those_that_the_tables_name(real):
    expected = defaultdict(set)
    for row in read("action_plan_projects"):
        expected[row["city_id"]] |= {row["source_id"]} | (
            {"report-2019"} if "2019 report" in row["evidence"] else set()
        )
    for row in read("project_reports"):
        expected[row["city_id"]].add(row["source_id"])
    assert real[0].groupby("city_id")["source_id"].agg(set).to_dict() == expected


def test_the_2019_report_has_a_profile_of_each_city_of_the_plans(pdfs):
    pypdfium2 = pytest.importorskip("pypdfium2")
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdfs["report-2019"])]
    profiles = " ".join(" ".join(pages[14:31]).casefold().split())  # the profiles stand on PDF pages 15 to 31
    found = {row["city_id"] for row in read("city_names") if row["printed"].casefold() in profiles}
    assert {row["city_id"] for row in read("action_plan_cities")} <= found


def test_every_mention_stands_in_a_document_that_describes_its_city(real):
    documents, mentions, _ = real
    described = set(zip(documents["source_id"], documents["city_id"], strict=True))
    of_city = mentions.dropna(subset=["city_id"])
    assert set(zip(of_city["source_id"], of_city["city_id"], strict=True)) <= described


def test_every_yearly_report_describes_each_city_that_it_lists():
    listed = {(row["report_year"], row["city_id"]) for row in read("project_reports")}
    assert sorted((row["report_year"], row["city_id"]) for row in read("highlights")) == sorted(listed)


# The focus area of a mention


def support_of(*keys):
    rows = metrics.named_support(MENTIONS, PROJECTS)
    return [row[-1] for row in records(rows[["partner_id", "report_year", "kind", "focus_area_id"]]) if row[:3] == keys]


def test_a_mention_has_the_area_of_its_project_in_the_same_year():
    assert support_of("school", 2023, "training") == ["safety-security"]


def test_a_mention_older_than_the_reports_has_the_area_of_the_first_report():
    assert support_of("bank", 2018, "funding") == ["civic-social"]


def test_a_mention_of_a_project_listed_later_has_the_area_of_the_first_report():
    assert support_of("school", 2022, "training") == ["safety-security"]


def test_a_mention_without_a_project_has_no_area():
    assert support_of("bank", 2022, "training") == [None]


def test_no_mention_is_lost_or_doubled(real):
    _, mentions, support = real
    back = support[mentions.columns].sort_values(list(mentions.columns), ignore_index=True)
    assert_frame_equal(back, mentions.sort_values(list(mentions.columns), ignore_index=True))


def test_the_area_is_missing_just_where_no_project_is_named(real):
    support = real[2]
    assert (support["focus_area_id"].isna() == support["project_id"].isna()).all()


def test_the_order_of_mentions_does_not_matter():
    assert_frame_equal(metrics.named_support(MENTIONS[::-1], PROJECTS), metrics.named_support(MENTIONS, PROJECTS))


def test_nothing_is_changed_in_place():
    before = MENTIONS.copy()
    metrics.named_support(MENTIONS, PROJECTS)
    assert_frame_equal(MENTIONS, before)


# Partners a document names


def test_partners_are_counted_once_a_document_and_0_where_none_is_named(documents):
    named = metrics.named_by_document(MENTIONS, documents)
    assert records(named[["city_id", "report_year", "partners"]]) == [
        ("ayu", 2018, 1), ("ayu", 2019, 0), ("ayu", 2022, 2), ("ayu", 2023, 1), ("bima", 2018, 0), ("bima", 2019, 0),
        ("cato", 2023, 0),
    ]  # fmt: skip


def test_the_record_names_as_many_partners_a_document_as_its_rows(real):
    documents, mentions, _ = real
    rows = defaultdict(set)
    for row in read("partner_mentions"):
        rows[row["source_id"], row["city_id"]].add(row["partner_id"])
    named = metrics.named_by_document(mentions, documents)
    assert {(r.source_id, r.city_id): r.partners for r in named.itertuples() if r.partners} == {
        key: len(found) for key, found in rows.items() if key[1]
    }


# Named again


def test_a_pair_is_followed_from_its_first_document(documents):
    again = metrics.named_again(MENTIONS, documents)
    assert records(again) == [("ayu", "bank", 2018, 2022, 2, 3), ("ayu", "school", 2022, 2023, 2, 1)]


def test_a_pair_first_named_in_the_last_document_has_no_later_one(documents):
    mention = MENTIONS[MENTIONS["report_year"] == 2023]
    assert metrics.named_again(mention, documents)["later"].tolist() == [0]


@some
@given(cases())
def test_no_pair_is_named_again_in_more_documents_than_there_are(case):
    documents, mentions = case
    again = metrics.named_again(mentions, documents)
    assert (again["documents"] - 1 <= again["later"]).all()


@some
@given(cases())
def test_the_documents_of_the_pairs_sum_to_the_partners_of_the_documents(case):
    documents, mentions = case
    pairs, by_document = metrics.named_again(mentions, documents), metrics.named_by_document(mentions, documents)
    assert pairs["documents"].sum() == by_document["partners"].sum()


@some
@given(cases())
def test_a_pair_of_each_city_and_partner_that_is_mentioned(case):
    documents, mentions = case
    again = metrics.named_again(mentions, documents)
    expected = sorted({(row.city_id, row.partner_id) for row in mentions.itertuples()})
    assert list(zip(again["city_id"], again["partner_id"], strict=True)) == expected


# Descriptions with a partner


def test_descriptions_are_counted_by_area_and_a_partner_counts_in_its_city_area_and_year():
    counted = metrics.highlights_with_partner(HIGHLIGHTS, metrics.named_support(MENTIONS, PROJECTS))
    assert counted.columns.tolist() == ["focus_area_id", "highlights", "with_partner", "cities", "cities_with_partner"]
    assert records(counted) == [("civic-social", 1, 1, 1, 1), ("safety-security", 3, 1, 2, 1)]


def test_the_descriptions_of_the_record_are_those_of_its_rows(real):
    areas = {(r["report_year"], r["project_id"]): r["focus_area_id"] for r in read("project_reports")}
    first = {r["project_id"]: r["focus_area_id"] for r in reversed(read("project_reports"))}
    named = {
        (r["report_year"], areas.get((r["report_year"], r["project_id"]), first.get(r["project_id"])), r["city_id"])
        for r in read("partner_mentions")
    }
    counts = defaultdict(lambda: [0, 0])
    for row in read("highlights"):
        counts[row["focus_area"]][0] += 1
        counts[row["focus_area"]][1] += (row["report_year"], row["focus_area"], row["city_id"]) in named
    counted = metrics.highlights_with_partner(loaders.load_highlights(), real[2])
    assert {r.focus_area_id: [r.highlights, r.with_partner] for r in counted.itertuples()} == counts


# The two readers


def test_the_rules_count_what_both_found_what_is_published_and_everything():
    assert records(metrics.support_bounds(SETTLED)) == [
        ("1 both readers, and kept", 1, 1, 1),
        ("2 as published", 2, 2, 1),
        ("3 all that a reader noted", 3, 3, 2),
    ]


def test_the_rules_can_be_split_by_document():
    split = metrics.support_bounds(SETTLED, by=["source_id"])
    assert records(split[["rule", "source_id", "cities"]]) == [
        ("1 both readers, and kept", "a", 1), ("1 both readers, and kept", "b", 1), ("2 as published", "a", 1),
        ("2 as published", "b", 1), ("3 all that a reader noted", "a", 1), ("3 all that a reader noted", "b", 2),
    ]  # fmt: skip


def test_the_settled_readings_give_the_published_mentions(real):
    settled = loaders.read_strings(loaders.DATA / "coding" / "partner_mentions_settled.csv")
    published = metrics.support_bounds(settled).set_index("rule").loc["2 as published"]
    of_city = real[1].dropna(subset=["city_id"])
    pairs = of_city[["city_id", "partner_id"]].drop_duplicates()
    assert published.tolist() == [of_city["partner_id"].nunique(), len(pairs), of_city["city_id"].nunique()]

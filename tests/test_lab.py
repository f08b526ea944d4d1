"""JupyterLab for real: the map is seen without network, and choosing a country leaves fewer points."""

import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from browsing import ARGUMENTS

ROOT = Path(__file__).parent.parent
SHOTS = ROOT / "_artefacts"
POINTS = "g.mark-symbol.role-mark path"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]


@pytest.fixture(scope="module")
def visit(lab, chromium, tmp_path_factory):
    """Open 01 in a fresh browser all network but the server's own cut off; nothing is saved. Gives what was asked of the network."""
    from playwright.sync_api import sync_playwright

    address, token = lab
    asked = []

    def only_local(route):
        outside = not route.request.url.startswith((address, "data:", "blob:"))
        if outside:
            asked.append(route.request.url)
        saves = route.request.method == "PUT" and "/api/contents/" in route.request.url
        route.abort() if outside or saves else route.continue_()

    with sync_playwright() as driver:
        browser = driver.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=chromium,
            headless=True,
            args=ARGUMENTS,
            viewport={"width": 1400, "height": 1000},
        )
        browser.route("**/*", only_local)
        page = browser.new_page()
        page.goto(f"{address}/lab/tree/notebooks/01_member_cities.ipynb?token={token}")
        page.wait_for_selector(".jp-Notebook svg.marks", timeout=90_000)
        yield page, asked
        browser.close()


def shoot(page, name):
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def count_points(chart):
    return chart.locator(POINTS).count()


def settle(count, than, seconds=30):
    """Wait until a count falls below a number, and return it."""
    for _ in range(seconds * 10):
        if 0 < count() < than:
            break
        time.sleep(0.1)
    return count()


def test_stored_map_is_seen_without_running_a_cell(visit):
    page, _ = visit
    shoot(page, "lab-stored-map")
    assert count_points(page.locator(".jp-Notebook svg.marks").first) >= 38


def test_the_drop_down_of_a_stored_chart_filters_without_a_kernel(visit):
    page, _ = visit
    chart = page.locator(".jp-Notebook svg.marks").first
    before = count_points(chart)
    page.locator(".jp-Notebook .vega-bindings select").first.select_option(label="Thailand")
    assert settle(lambda: count_points(chart), before) < before / 3


def test_choosing_a_country_in_the_explorer_leaves_fewer_points(visit):
    page, _ = visit
    run_all(page)
    choice = page.get_by_role("checkbox", name="Thailand")
    output = page.locator(".jp-OutputArea-child:has(select[multiple])").last
    output.locator("svg.marks").wait_for(timeout=60_000)
    before = count_points(output.locator("svg.marks").last)
    page.locator('button[title="choose none: countries"]').click()
    # The kernel takes every tick away; one that is set before that would go with them.
    page.get_by_text("Nothing matches this choice").first.wait_for(timeout=60_000)
    choice.click()
    after = settle(lambda: count_points(output.locator("svg.marks").last), before)
    choice.scroll_into_view_if_needed()
    shoot(page, "lab-explorer-thailand")
    assert before >= 38
    assert 6 <= after < before / 3


def run_all(page):
    """Run all cells; a click on a kernel that has just become idle is sometimes lost, so it is repeated."""
    for _ in range(3):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        try:
            page.wait_for_selector(".jp-Notebook select[multiple]", timeout=40_000)
            return
        except Exception as problem:
            lost = problem
    raise lost


def test_nothing_was_asked_of_the_network(visit):
    _, asked = visit
    assert asked == []


def test_without_the_token_the_server_refuses(lab):
    address, _ = lab
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/api/contents", timeout=10)
    refused.value.close()
    assert refused.value.code == 403

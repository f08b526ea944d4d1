"""The site behind nginx, as docs/hosting.md recommends it: types, compression, headers, and nothing but the site."""

import gzip
import http.client
import re
from pathlib import Path

import load
import psutil
import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "benchmarks" / "nginx.conf").read_text(encoding="utf-8")
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
PAGE, SCRIPT = "/notebooks/02_project_growth.html", "/assets/site.js"


@pytest.fixture(scope="module")
def hosted(needs, site):
    """The port and the process of nginx before the site."""
    needs("nginx", "/usr/sbin/nginx")
    with load.nginx(site) as (address, server):
        yield int(address.rsplit(":", 1)[1]), server


@pytest.fixture(scope="module")
def ask(hosted):
    """Return a function that asks for a path exactly as it is written."""

    def answer(path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", hosted[0], timeout=30)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            given = connection.getresponse()
            return given.status, given.headers, given.read()
        finally:
            connection.close()

    return answer


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_what_the_guide_shows_of_nginx_is_what_is_tested():
    shown = lines(re.search(r"```nginx\n(.*?)```", GUIDE, re.DOTALL).group(1))
    tested = lines(CONFIGURATION.split("root site;", 1)[1])
    assert shown == tested[: len(shown)]
    assert set(tested[len(shown) :]) == {"}"}


def test_what_the_guide_shows_of_apache_sets_the_same_headers():
    shown = re.search(r"```apache\n(.*?)```", GUIDE, re.DOTALL).group(1)
    assert dict(re.findall(r'Header always set (\S+) "?([^"\n]+)', shown)) == HEADERS


def test_the_guide_compresses_the_kinds_of_files_that_the_tests_compress():
    assert set(re.findall(r"-name '\*(\.[a-z]+)'", GUIDE)) == load.SQUEEZED


@pytest.mark.parametrize("path", ["/", PAGE, SCRIPT, "/assets/site.css", "/nothing.html"])
def test_every_answer_has_the_headers(ask, path):
    _, headers, _ = ask(path)
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert headers["Server"] == "nginx"


def test_every_file_of_the_site_has_a_type_of_its_own(ask, site):
    kinds = {path.suffix: path for path in site.rglob("*") if path.is_file()}
    types = {kind: ask(f"/{path.relative_to(site)}", "HEAD")[1]["Content-Type"] for kind, path in kinds.items()}
    unknown = {kind for kind, given in types.items() if given.startswith("application/octet-stream")}
    assert unknown <= {".parquet"}
    assert types[".html"] == "text/html; charset=utf-8"
    assert types[".csv"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("path", [PAGE, SCRIPT])
def test_a_file_comes_compressed_and_is_the_same(ask, site, path):
    _, headers, body = ask(path, Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == (site / path.lstrip("/")).read_bytes()
    assert ask(path)[2] == (site / path.lstrip("/")).read_bytes()


def test_what_is_still_current_is_not_sent_again(ask):
    tag = ask(SCRIPT)[1]["ETag"]
    assert ask(SCRIPT, If_None_Match=tag)[::2] == (304, b"")


@pytest.mark.parametrize(
    "path", ["/nothing.html", "/assets/.hidden", "/.git/config", "/../nginx.conf", "/%2e%2e/nginx.conf"]
)
def test_what_is_not_of_the_site_is_not_given(ask, path):
    assert ask(path)[0] in (400, 404)


@pytest.mark.parametrize("path", ["/assets/", "/data/"])
def test_folders_are_not_listed(ask, path):
    assert ask(path)[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_sent(ask, method):
    assert ask("/index.html", method)[0] in (403, 405)


def test_only_loopback_is_listened_to(hosted):
    port, server = hosted
    listening = {own.laddr for own in psutil.Process(server.pid).net_connections() if own.status == "LISTEN"}
    assert listening == {("127.0.0.1", port)}

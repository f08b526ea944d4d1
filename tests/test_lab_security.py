"""JupyterLab as `make lab` starts it lets nobody else in, even where the reader's own configuration is careless."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
import websocket
from traitlets.config import Config

from ascn_analysis.lab_identity import TokenIdentityProvider

ROOT = Path(__file__).parent.parent
ELSEWHERE = "http://elsewhere.example"
CARELESS = """
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.allow_origin = "*"
c.ServerApp.allow_origin_pat = ".*"
c.ServerApp.allow_remote_access = True
c.ServerApp.disable_check_xsrf = True
c.ServerApp.terminals_enabled = True
c.ContentsManager.allow_hidden = True
c.IdentityProvider.token = ""
"""

pytestmark = pytest.mark.xdist_group("lab")


class Lab(NamedTuple):
    """A running server: its port, its token, what it prints."""

    port: int
    token: str
    printed: Path

    def ask(self, path, method="GET", body=None, host="127.0.0.1", **headers):
        """Ask for a path exactly as it is written, and return status, headers and text."""
        connection = http.client.HTTPConnection(host, self.port, timeout=30)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def with_token(self, path, method="GET", body=None, **headers):
        return self.ask(path, method, body, Authorization=f"token {self.token}", **headers)

    def signed_in(self):
        """Return the cookies of a browser that opened the address with the token."""
        _, headers, _ = self.ask(f"/lab?token={self.token}")
        return "; ".join(line.split(";", 1)[0] for line in headers.get_all("Set-Cookie"))


@contextmanager
def started(folder, configuration, **environment):
    """Start JupyterLab as `make lab` does, for a reader with this configuration."""
    (folder / "jupyter_server_config.py").write_text(configuration, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Lab(port, environment.get("JUPYTER_TOKEN", ""), folder / "printed.txt")
    own = {"JUPYTER_CONFIG_DIR": folder, "JUPYTER_RUNTIME_DIR": folder / "runtime", "IPYTHONDIR": folder}
    outer = {name: text for name, text in os.environ.items() if not name.startswith("JUPYTER_TOKEN")}
    command = [sys.executable, "-m", "ascn_analysis.cli", "lab", "--no-browser", "--port", str(port)]
    with made.printed.open("wb") as out:
        settings = {**outer, **{name: str(path) for name, path in own.items()}, **environment}
        server = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_for(made, server)
        yield made
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A reader's own configuration that opens everything it can; a token stands in the environment."""
    with started(tmp_path_factory.mktemp("reader"), CARELESS, JUPYTER_TOKEN=secrets.token_hex(16)) as made:
        yield made


def wait_for(made, server, seconds=120):
    for _ in range(seconds * 5):
        assert server.poll() is None, made.printed.read_text(encoding="utf-8")
        try:
            if made.ask("/api")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("JupyterLab did not answer")


@pytest.fixture(scope="module")
def kernel(lab):
    """The id of a running kernel."""
    status, _, text = lab.with_token("/api/kernels", "POST", "{}")
    assert status == 201
    return json.loads(text)["id"]


def open_socket(lab, kernel, **options):
    """Open the channels of a kernel, and return the status of the handshake."""
    address = f"ws://127.0.0.1:{lab.port}/api/kernels/{kernel}/channels"
    try:
        websocket.create_connection(address, timeout=30, **options).close()
    except websocket.WebSocketBadStatusException as refused:
        return refused.status_code
    return 101


# The token


@pytest.mark.parametrize("path", ["/api/contents", "/api/kernels", "/api/sessions", "/files/README.md", "/api/status"])
def test_without_the_token_nothing_is_given(lab, path):
    assert lab.ask(path)[0] in (302, 403)


def test_without_the_token_the_page_leads_to_the_login(lab):
    status, headers, _ = lab.ask("/lab")
    assert (status, headers["Location"].split("?")[0]) == (302, "/login")


@pytest.mark.parametrize("token", ["", "wrong", "%00", "<generated>"])
def test_a_wrong_token_is_refused(lab, token):
    assert lab.ask("/api/contents", Authorization=f"token {token}")[0] == 403
    assert lab.ask("/api/contents?token=" + token.replace("<", "%3C").replace(">", "%3E"))[0] == 403


def test_with_the_token_the_notebooks_are_listed(lab):
    status, _, text = lab.with_token("/api/contents/notebooks")
    assert status == 200
    assert "00_start_here.ipynb" in text


def test_the_token_stands_in_nothing_that_is_printed(lab, kernel):
    assert lab.token not in lab.printed.read_text(encoding="utf-8")


def test_the_token_stands_in_no_file_of_the_repository(lab, kernel):
    places = [".", ":!.venv", ":!.git"]
    command = ["git", "grep", "--no-index", "--text", "-lF", "-e", lab.token, "--", *places]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (1, "")


def test_the_file_that_holds_the_token_is_the_readers_alone(lab):
    holds = [path for path in (lab.printed.parent / "runtime").iterdir() if lab.token in path.read_text("utf-8")]
    assert holds
    assert all(path.parent.stat().st_mode & 0o077 == 0 for path in holds)


@pytest.mark.parametrize("name", ["IdentityProvider", "ServerApp"])
def test_an_empty_token_in_the_readers_configuration_lets_nobody_in(name, tmp_path):
    with started(tmp_path, CARELESS.replace("IdentityProvider", name)) as open_to_all:
        assert open_to_all.ask("/api/contents")[0] == 403
        (held,) = (tmp_path / "runtime").glob("jpserver-*.json")
        token = json.loads(held.read_text(encoding="utf-8"))["token"]
        assert open_to_all.ask("/api/contents", Authorization=f"token {token}")[0] == 200


def provider(**configured):
    return TokenIdentityProvider(config=Config(IdentityProvider=configured))


def test_a_token_or_a_password_that_is_set_stays_as_it_is(monkeypatch):
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    assert provider(token="mine").token == "mine"
    hashed = TokenIdentityProvider(config=Config(PasswordIdentityProvider={"hashed_password": "x", "token": ""}))
    assert (hashed.token, hashed.hashed_password) == ("", "x")
    monkeypatch.setenv("JUPYTER_TOKEN", "theirs")
    assert provider().token == provider(token="").token == "theirs"


def test_a_token_is_made_where_none_is_left(monkeypatch, tmp_path):
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    (tmp_path / "empty").touch()
    monkeypatch.setenv("JUPYTER_TOKEN_FILE", str(tmp_path / "empty"))
    first, second = provider(), provider(token="")
    assert len(first.token) == len(second.token) == 48
    assert first.token != second.token
    first.token = ""
    assert len(first.token) == 48


# From elsewhere


def test_another_name_for_this_machine_is_refused(lab):
    assert lab.with_token("/api/contents", Host="elsewhere.example")[0] == 403


def test_a_page_from_elsewhere_reads_nothing_with_the_readers_cookie(lab):
    cookie = lab.signed_in()
    assert lab.ask("/api/contents", Cookie=cookie)[0] == 200
    assert lab.ask("/api/contents", Cookie=cookie, Origin=ELSEWHERE)[0] in (403, 404)


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_other_origin_is_allowed_to_read_answers(lab, method):
    _, headers, _ = lab.ask("/api/contents", method, Cookie=lab.signed_in(), Origin=ELSEWHERE)
    assert headers["Access-Control-Allow-Origin"] is None


def test_no_page_may_frame_it(lab):
    assert "frame-ancestors 'self'" in lab.with_token("/lab")[1]["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api/kernels", "/api/sessions"])
def test_a_post_without_the_xsrf_token_is_refused(lab, path):
    cookie = "; ".join(part for part in lab.signed_in().split("; ") if not part.startswith("_xsrf="))
    status, _, text = lab.ask(path, "POST", "{}", Cookie=cookie)
    assert (status, "_xsrf" in text) == (403, True)


def test_a_post_with_a_wrong_xsrf_token_is_refused(lab):
    assert lab.ask("/api/kernels", "POST", "{}", Cookie=lab.signed_in(), X_XSRFToken="wrong")[0] == 403


def test_a_kernel_talks_to_the_reader(lab, kernel):
    assert open_socket(lab, kernel, cookie=lab.signed_in(), origin=f"http://127.0.0.1:{lab.port}") == 101


def test_a_kernel_does_not_talk_to_a_page_from_elsewhere(lab, kernel):
    assert open_socket(lab, kernel, cookie=lab.signed_in(), origin=ELSEWHERE) == 403


def test_a_kernel_does_not_talk_without_the_token(lab, kernel):
    assert open_socket(lab, kernel) == 403


def other_addresses():
    """Return the addresses of this machine that are not loopback."""
    kinds = (socket.AF_INET, socket.AF_INET6)
    found = [own for card in psutil.net_if_addrs().values() for own in card if own.family in kinds]
    return [own.address for own in found if not own.address.startswith(("127.", "::1", "fe80"))]


def test_at_other_addresses_of_this_machine_nobody_listens(lab):
    addresses = other_addresses()
    if not addresses:
        pytest.skip("this machine has no address but loopback")
    for address in addresses:
        with pytest.raises(OSError, match=r"refused|unreachable"):
            lab.ask("/api", host=address)


# Within


@pytest.mark.parametrize(
    "start", ["/files/", "/static/", "/api/contents/", "/lab/api/settings/", "/view/", "/nbconvert/html/"]
)
@pytest.mark.parametrize("step", ["../", "%2e%2e/", "..%2f", "..%5c", "%2e%2e%2f"])
def test_nothing_outside_the_folder_is_given(lab, start, step):
    outside = lab.printed.parent / "outside.txt"
    outside.write_text("outside the folder", encoding="utf-8")
    for path in (
        step * 12 + str(outside).lstrip("/"),
        os.path.relpath(outside, ROOT).replace("../", step),
        str(outside),
    ):
        status, _, text = lab.with_token(start + path)
        assert status in (400, 403, 404)
        assert "outside the folder" not in text


@pytest.mark.parametrize("path", ["/files/.git", "/files/.gitignore", "/files/.ci/run", "/api/contents/.ci"])
def test_hidden_files_are_not_given(lab, path):
    assert lab.with_token(path)[0] in (403, 404)


def test_there_are_no_terminals(lab):
    assert lab.with_token("/api/terminals", "POST", "{}")[0] == 404


def test_nothing_is_asked_of_the_network_for_news_updates_or_extensions(lab):
    assert json.loads(lab.with_token("/lab/api/news")[2]) == {"news": []}
    assert json.loads(lab.with_token("/lab/api/update")[2]) == {"notification": None}
    assert json.loads(lab.with_token("/lab/api/extensions?query=git")[2]) == []


def test_no_other_program_of_the_environment_serves_beside_it(lab):
    assert lab.with_token("/voila/tree")[0] == 404

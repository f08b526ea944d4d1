"""No personal data, no secrets and no scripts of others in the repository, the stored outputs and the built site."""

import io
import json
import re
import subprocess
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ascn_analysis import notebooks

ROOT = Path(__file__).parent.parent
# Files of others: minified scripts full of numbers, typefaces, and licence texts that name their authors.
OTHERS = re.compile(r"(^|/)(LICENSES|licences|vendor)/|\.ttf$|^assets/site\.js$")
# What stands here only to show how contacts and secrets are written.
EXAMPLES = {"tests/test_data.py", "tests/test_privacy.py"}
PACKED = (".zip", ".xlsx")

# What is searched for: a word without which a text need not be searched, in lower case, and the pattern.
CONTACTS = {
    "@": r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}",
    "+": r"(?<![\w.])\+(?:\d{9,14}(?!\d)|\d{1,3}[ ()-]{1,3}\d{1,4}(?:[ ().-]*\d{2,4}){2,}(?![\w.]))",
    "(0": r"\(0\d{1,4}\)[ -]?\d{3,}",
    "0": r"(?<![\w.,-])0\d{1,3}[ -]\d{3,4}[ -]?\d{3,4}(?![\w.])",
    **{word: rf"(?i)\b{word}\b *[.:] *[\w+(]" for word in ("tel", "fax", "phone", "mobile", "email", "e-mail")},
}
SECRETS = {
    "private key-----": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "gh": r"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22,}",
    "akia": r"\bAKIA[0-9A-Z]{16}\b",
    "aiza": r"\bAIza[\w-]{35}",
    "xox": r"\bxox[abeoprs]-[\w-]{10,}",
    "pypi-agei": r"\bpypi-AgEI[\w-]{20,}",
    "npm_": r"\bnpm_[A-Za-z0-9]{36}",
    "sk-": r"\bsk-[A-Za-z0-9_-]{32,}",
    "hf_": r"\bhf_[A-Za-z0-9]{30,}",
    "eyj": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "://": r"://[^\s/:@'\"<>{}]+:[^\s/@'\"<>{}]{3,}@",
    "token=": r"[?&]token=[0-9a-f]{16,}",
    **{
        word: rf"(?i)\b{word}\b[\"']?\s*[:=]\s*[\"'][^\s\"'{{}}<>]{{8,}}[\"']"
        for word in ("password", "passwd", "secret", "api_key", "apikey", "access_key", "auth_token")
    },
}
# An address that is nobody's: names kept for examples, and a user name of a public service.
NOBODY = re.compile(r"@(?:[\w-]+\.)*example(?:\.(?:com|org|net))?$|^git@github\.com$", re.IGNORECASE)


def hits(patterns, text):
    """What the patterns find in a text."""
    small = text.casefold()
    return {hit[0] for word, form in patterns.items() if word in small for hit in re.finditer(form, text)}


def tracked():
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def texts(name, content):
    """The texts within a file; packed files are opened, and what is no text is left out."""
    if name.endswith(PACKED):
        with zipfile.ZipFile(io.BytesIO(content)) as held:
            for inner in held.namelist():
                yield from texts(f"{name}/{inner}", held.read(inner))
    elif b"\x00" not in content:
        yield name, content.decode("utf-8", "replace")


def found(patterns, folder, paths, allowed=frozenset()):
    """Where patterns are met, as file and text."""
    met = set()
    for path in paths:
        place = path.relative_to(folder).as_posix()
        if place not in allowed:
            met |= {(name, hit) for name, text in texts(place, path.read_bytes()) for hit in hits(patterns, text)}
    return {(name, hit) for name, hit in met if not NOBODY.search(hit)}


def own(paths, folder):
    return [path for path in paths if not OTHERS.search(path.relative_to(folder).as_posix())]


def files_of(site):
    return [path for path in site.rglob("*") if path.is_file()]


# Personal data


def test_nobody_can_be_written_to_or_called_by_what_the_repository_holds():
    assert found(CONTACTS, ROOT, own(tracked(), ROOT), EXAMPLES) == set()


def test_nobody_can_be_written_to_or_called_by_what_the_site_holds(site):
    assert found(CONTACTS, site, own(files_of(site), site)) == set()


def test_licence_texts_name_nobody_of_asean():
    texts_ = [path.read_text(encoding="utf-8") for path in (ROOT / "LICENSES").iterdir()]
    assert not [text for text in texts_ if re.search(r"@[\w.-]*asean\b|@[\w.-]+\.gov\b", text)]


@pytest.mark.parametrize(
    "text",
    [
        "a.b@asean.org",
        "A <a_b+c@x-y.gov.sg>",
        "+62 21 7243372",
        "+84-24-3825 3536",
        "(02) 8925 0330",
        "021 724 3372",
        "Tel: 12",
        "e-mail: a",
    ],
)
def test_the_search_for_contacts_knows_how_they_are_written(text):
    assert hits(CONTACTS, f"Ask the focal point ({text})")


@pytest.mark.parametrize(
    "text", ["2022-2025", "978-92-1-148319-2", "1.301-0.24 1234", "+1.5 2.5", "10.1000/182", "a @ b", "M0.5 100 200"]
)
def test_figures_and_numbers_of_books_are_no_contacts(text):
    assert not hits(CONTACTS, text)


def test_a_contact_in_a_packed_file_is_found(tmp_path):
    with zipfile.ZipFile(tmp_path / "own.zip", "w") as held:
        held.writestr("list.csv", "city,contact\nHue,a.b@asean.org\n")
    assert found(CONTACTS, tmp_path, [tmp_path / "own.zip"]) == {("own.zip/list.csv", "a.b@asean.org")}


# Secrets


def test_the_repository_holds_no_key_and_no_token():
    assert found(SECRETS, ROOT, tracked(), EXAMPLES) == set()


def test_the_site_holds_no_key_and_no_token(site):
    assert found(SECRETS, site, files_of(site)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "OPENSSH PRIVATE KEY-----",
        "ghp_" + "a1B2" * 9,
        "AKIA" + "ABCD" * 4,
        "https://reader:" + "pass-word@host/",
        "http://127.0.0.1:8888/lab?token=" + "0f" * 24,
        "password" + " = 'correct-horse'",
        '"api_key": ' + '"0123456789"',
    ],
)
def test_the_search_for_secrets_knows_how_they_are_written(text):
    assert hits(SECRETS, f"see {text} there")


# Stored outputs


def outputs(path):
    """Every piece of every stored output of a notebook, with its kind."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            for kind, data in output.get("data", {}).items():
                yield (
                    kind,
                    data if isinstance(data, str) else "".join(data) if isinstance(data, list) else json.dumps(data),
                )


SHOWN = {"text/html", "text/markdown", "image/svg+xml"}


class Loads(HTMLParser):
    """Collects what a piece of HTML or SVG would run, or load from elsewhere; links that a reader may follow are neither."""

    def __init__(self, text):
        super().__init__()
        self.met = re.findall(r"url\(\s*[\"']?(?:https?:)?//|@import|!\[[^\]]*\]\((?:https?:)?//", text)
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.met += [tag] if tag in {"script", "iframe", "object", "embed", "link", "base", "meta"} else []
        for name, value in attrs:
            elsewhere = re.match(r"\s*(https?:)?//", value or "") and not name.startswith("xmlns")
            runs = name.startswith("on") or re.match(r"\s*(javascript|vbscript|data:text)", value or "", re.IGNORECASE)
            followed = tag == "a" and name in {"href", "xlink:href"}
            self.met += [f"{tag} {name}={value}"] if runs or (elsewhere and not followed) else []


@pytest.mark.parametrize("path", notebooks.paths(), ids=lambda path: path.stem)
def test_no_stored_output_runs_or_loads_anything(path):
    pieces = [(kind, text) for kind, text in outputs(path) if kind in SHOWN]
    assert pieces
    assert [(kind, met) for kind, text in pieces for met in Loads(text).met] == []


@pytest.mark.parametrize("path", notebooks.paths(), ids=lambda path: path.stem)
def test_no_stored_figure_names_data_of_elsewhere(path):
    specs = [json.loads(text) for kind, text in outputs(path) if kind.startswith("application/vnd.vegalite")]
    assert [value for spec in specs for value in addresses(spec)] == []


def addresses(node):
    """Every `url` and `href` within a specification that is an address of the network, except links that a reader may follow."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "url" and isinstance(value, str) and re.match(r"(https?:)?//", value):
                yield value
            elif key not in ("datasets", "values"):
                yield from addresses(value)
    elif isinstance(node, list):
        for value in node:
            yield from addresses(value)


@pytest.mark.parametrize(
    "text",
    [
        "<script>",
        "<SCRIPT src=x>",
        "<a href='javascript:x()'>",
        "![x](https://a/b)",
        "<image xlink:href='http://a/b'/>",
        "<img src='https://a/b'>",
        "<p onclick='x'>",
        "style='background:url(//a/b)'",
        "<iframe src=x>",
    ],
)
def test_the_search_for_what_runs_or_loads_knows_how_it_is_written(text):
    assert Loads(text).met


def test_a_link_that_a_reader_may_follow_is_none_of_that():
    assert (
        Loads(
            "<a href='https://a/b'>x</a><svg xmlns='http://www.w3.org/2000/svg'><a xlink:href='https://a/b'/></svg>"
        ).met
        == []
    )


def test_a_figure_that_names_data_of_elsewhere_is_found():
    assert list(addresses({"layer": [{"data": {"url": "https://elsewhere.example/a.csv"}}]})) != []

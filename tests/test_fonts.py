"""The pictures do not depend on the fonts of the machine: text is measured with the bundled one."""

import os
import subprocess
import sys

import pytest

DRAW = """
import json
import sys
from pathlib import Path

from ascn_analysis import notebooks
from ascn_analysis.figures import display

for folder in sys.argv[1:]:
    assert not any(Path(folder).iterdir()), folder
drawn = 0
for path in notebooks.paths():
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if display.VEGALITE_MIME in data:
                stored = "".join(data["image/svg+xml"])
                assert display.to_svg(data[display.VEGALITE_MIME]) == stored, (path.name, cell["id"])
                drawn += 1
print(drawn)
"""
FONTS = [f for f in ("/usr/share/fonts", "/usr/local/share/fonts") if os.path.isdir(f)]


def figures():
    from ascn_analysis import notebooks

    return sum(path.read_text("utf-8").count('"image/svg+xml": [') for path in notebooks.paths())


def surroundings(home):
    """An environment without a home that holds fonts, and with an empty list of fonts."""
    home.mkdir()
    (home / "fonts.conf").write_text("<fontconfig></fontconfig>\n", encoding="utf-8")
    return {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home), "FONTCONFIG_FILE": str(home / "fonts.conf")}


def mounts(program):
    """The words that cover a folder for one process, or a skip where the machine does not allow it."""
    for options in ("-m", "-rm"):
        if subprocess.run([program, options, "true"], capture_output=True, check=False).returncode == 0:
            return [program, options]
    return pytest.skip("this machine allows no mount namespace, so its font folders cannot be hidden")


def test_every_stored_picture_is_drawn_to_the_byte_where_no_font_is_installed(needs, tmp_path):
    cover = " && ".join(f"mount -t tmpfs none {folder}" for folder in FONTS) or "true"
    shell = ["sh", "-c", f'{cover} && exec "$@"', "sh", sys.executable, "-c", DRAW, *FONTS]
    command = [*mounts(needs("unshare")), *shell]
    done = subprocess.run(
        command, env=surroundings(tmp_path / "home"), capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr[-800:]
    assert int(done.stdout) == figures() > 0

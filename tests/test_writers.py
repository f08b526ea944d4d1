"""Nothing is lost: one way to write, exact round trips, and the same rows in every format."""

import ast
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ascn_analysis
from ascn_analysis import loaders, package
from ascn_analysis.schemas import TABLES
from ascn_analysis.site import downloads

PACKAGE = Path(ascn_analysis.__file__).parent
WRITING = {"write_text", "write_bytes", "to_csv", "to_parquet", "to_excel", "to_json", "to_pickle", "to_feather", "to_file",
           "savefig", "dump", "copyfile", "copy", "copy2", "copytree", "move", "rename", "replace", "symlink_to", "touch"}  # fmt: skip
PATHS = {"copyfile", "copy", "copy2", "copytree", "move", "rename", "replace", "dump"}
"""Names that also mean other things: they count on the modules that write files only."""
ALLOWED = {
    "writing.py": "the helper itself",
    "site/": "pages go into a folder aside, which takes its place as a whole",
    "locking.py": "a lock is no content: it is written in place, and removed",
    "explorers/panel.py": "text for the browser, in memory",
    "package.py": "text for the helper, in memory",
    "draft_files.py": "text for the helper, in memory",
    "reproduce.py": "a copy of the record in a temporary folder, to derive it anew",
    "sealed.py": "a hook in a temporary folder, for processes without the network",
}


def writes(call: ast.Call) -> bool:
    """Say whether a call writes a file: by its name, or because it opens one for writing."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "open":
        modes = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "mode")]
        return any(isinstance(mode, ast.Constant) and set(str(mode.value)) & set("wax+") for mode in modes)
    if name in PATHS:
        holder = call.func.value if isinstance(call.func, ast.Attribute) else None
        return isinstance(holder, ast.Name) and holder.id in (
            "os",
            "shutil",
            "json",
            "pickle",
            "path",
            "target",
            "output",
        )
    return name in WRITING


def writers(text: str) -> list[int]:
    return [node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and writes(node)]


FILES = [path.relative_to(PACKAGE).as_posix() for path in sorted(PACKAGE.rglob("*.py"))]


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith(tuple(ALLOWED))])
def test_a_module_writes_through_the_one_helper_only(name):
    assert writers((PACKAGE / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", ALLOWED)
def test_every_exception_is_still_needed(name):
    texts = [(PACKAGE / each).read_text(encoding="utf-8") for each in FILES if each.startswith(name)]
    needed = any(writers(text) for text in texts) or (name == "locking.py" and "os.pwrite" in texts[0])
    assert needed


@pytest.mark.parametrize(
    "line",
    [
        "open('x', 'w')",
        "path.open(mode='ab')",
        "path.write_text('')",
        "frame.to_csv('x')",
        "shutil.copyfile(a, b)",
        "os.replace(a, b)",
    ],
)
def test_the_scan_finds_a_writing_call(line):
    assert writers(line) == [1]


@pytest.mark.parametrize("line", ["open('x')", "text.replace('a', 'b')", "frame.copy()", "path.read_text()"])
def test_the_scan_leaves_other_calls_alone(line):
    assert writers(line) == []


# Round trips


@pytest.mark.parametrize("name", TABLES)
def test_a_table_written_again_is_the_same_file(name):
    stored = (loaders.DATA / f"{name}.csv").read_bytes()
    assert package.to_csv(loaders.read_strings(loaders.DATA / f"{name}.csv")).encode() == stored


@settings(max_examples=60)
@given(name=st.sampled_from(list(TABLES)), data=st.data())
def test_any_rows_of_a_table_come_back_to_the_letter(name, data, tmp_path_factory):
    frame = loaders.read_strings(loaders.DATA / f"{name}.csv")
    rows = frame.iloc[data.draw(st.lists(st.integers(0, len(frame) - 1), max_size=5))].reset_index(drop=True)
    words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), min_size=1, max_size=20)
    for column in rows.columns:
        rows[column] = rows[column].map(lambda cell: data.draw(words) if data.draw(st.integers(0, 9)) == 0 else cell)
    path = tmp_path_factory.getbasetemp() / f"{name}.csv"
    path.write_bytes(package.to_csv(rows).encode())
    again = loaders.read_strings(path).reset_index(drop=True)
    pd.testing.assert_frame_equal(again, rows.astype("str").where(rows.notna()), check_dtype=False)


@pytest.mark.parametrize("name", TABLES)
def test_the_parquet_download_equals_the_csv(name):
    again = pd.read_parquet(io.BytesIO(downloads.content(TABLES[name], "parquet")))
    pd.testing.assert_frame_equal(again, loaders.load_table(name))
    printed = loaders.read_strings(loaders.DATA / f"{name}.csv")
    assert (again.isna().to_numpy() == printed.isna().to_numpy()).all()
    for column in again.columns:
        if isinstance(again[column].dtype, pd.StringDtype) or again[column].dtype == "object":
            assert again[column].fillna("").tolist() == printed[column].fillna("").tolist()
        else:
            assert again[column].astype("Float64").tolist() == printed[column].astype("Float64").tolist()

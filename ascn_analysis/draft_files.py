"""The draft of a report as a folder: written aside, read back, and only then given its name."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from ascn_analysis import draft_text, loaders, locking
from ascn_analysis.draft import Draft, tables
from ascn_analysis.errors import WriteError
from ascn_analysis.writing import recover_folder, replace_folder, write_atomic

MARK: Final = ".ascn-draft"
"""The file that tells a folder made by this program from any other, which is never replaced."""
DECIDE: Final = "decide.md"


def check_place(output: Path, *, force: bool, data: loaders.Folder = None) -> None:
    """Raise `WriteError` if a draft may not stand there.

    Parameters
    ----------
    output
        Folder that is to hold the draft.
    force
        Whether a draft that stands there may be replaced.
    data
        Folder of the tables; a draft never stands in it.
    """
    target, record = _real(output), _real(Path(data or loaders.DATA))
    if target == record or record in target.parents:
        raise WriteError(f"{output}: lies in the folder of tables; expected another place for a draft")
    if not target.parent.is_dir():
        raise WriteError(f"{output}: there is no folder {target.parent}; expected one that exists")
    if output.is_symlink() or (output.exists() and not (output / MARK).is_file()):
        raise WriteError(f"{output}: exists and is no draft made by this program; name another folder with --output")
    if output.exists() and not force:
        raise WriteError(
            f"{output}: a draft stands there; use --force to replace it, or name another folder with --output"
        )


def _real(path: Path) -> Path:
    """Follow links as far as they lead; `Path.resolve` gives up where they go round in a circle."""
    return Path(os.path.realpath(path))


def write(draft: Draft, output: Path, *, force: bool = False, data: loaders.Folder = None) -> Path:
    """Write a draft into a folder.

    Parameters
    ----------
    draft
        As `draft.make` gives it.
    output
        Folder that is to hold it; the folder above must exist.
    force
        Whether a draft that stands there is replaced.
    data
        Folder of the tables that the draft was compared with.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    WriteError
        If the draft may not stand there, cannot be written, or does not read back as it was made. What stood there stays.
    """
    check_place(output, force=force, data=data)
    try:
        with locking.held(output):
            recover_folder(output)
            _write(draft, output)
    except OSError as problem:
        raise WriteError(f"{output}: not written ({problem.strerror or problem})") from problem
    return output


def _write(draft: Draft, output: Path) -> None:
    aside = Path(tempfile.mkdtemp(prefix=f".{output.name}.", suffix=".ascn-new", dir=_real(output).parent))
    try:
        _fill(draft, aside)
        _read_back(draft, aside)
        replace_folder(aside, output)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _fill(draft: Draft, folder: Path) -> None:
    folder.chmod(0o755)
    for name, frame in tables(draft).items():
        (folder / name).parent.mkdir(exist_ok=True)
        write_atomic(folder / name, frame.to_csv(index=False, lineterminator="\n"))
    write_atomic(folder / DECIDE, draft_text.write(draft))
    write_atomic(folder / MARK, f"{draft.year} {draft.report.sha256}\n")


def _read_back(draft: Draft, folder: Path) -> None:
    for name, frame in tables(draft).items():
        found = loaders.read_strings(folder / name)
        wanted = frame.astype("object").where(frame.notna(), "").astype("str")
        if (
            list(found.columns) != list(wanted.columns)
            or found.fillna("").to_numpy().tolist() != wanted.to_numpy().tolist()
        ):
            raise WriteError(f"{name}: does not read back as it was written; nothing was changed")

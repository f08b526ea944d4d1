"""The command ``ascn``: open the notebooks, check tables, say versions."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ascn_analysis import __version__
from ascn_analysis.errors import AscnError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status.

    Returns
    -------
    int
        0 if all went well, 1 for an error in the data or the machine (said in one line, without a traceback).
        Wrong usage exits with status 2.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except AscnError as problem:
        print(f"ascn: {problem}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ascn", description="The open record of the ASEAN Smart Cities Network.")
    parser.add_argument("--version", action=_Version)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    lab = verbs.add_parser("lab", help="open JupyterLab on the first notebook", description=_lab.__doc__)
    lab.add_argument("--no-browser", action="store_true", help="start the server only, and print its address")
    lab.add_argument("--port", type=int, default=8888, help="port on 127.0.0.1; the next free one if it is taken")
    lab.set_defaults(run=_lab)
    check = verbs.add_parser("check", help="validate a folder of tables", description=_check.__doc__)
    check.add_argument("path", type=Path, help="folder that holds the CSV tables and boundaries/")
    check.set_defaults(run=_check)
    return parser


class _Version(argparse.Action):
    """Print the version of the package and the date that the data speak of."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and the as-of date of the data")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from ascn_analysis import loaders

        as_of = loaders.load_projects()["as_of"].max()
        print(f"ascn-analysis {__version__}, data as of {as_of}")
        parser.exit()


def _lab(options: argparse.Namespace) -> int:
    """Open JupyterLab on the first notebook, on 127.0.0.1 only and with a token."""
    from ascn_analysis import notebooks

    first = notebooks.paths()
    if not first:
        raise AscnError(f"no notebook in {notebooks.FOLDER}; run this in a checkout of the repository")
    settings = Path(__file__).parent / "assets" / "lab"
    command = [
        *(sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", f"--port={options.port}"),
        f"--ServerApp.root_dir={notebooks.FOLDER.parent}",
        f"--LabApp.default_url=/lab/tree/notebooks/{first[0].name}",
        # Nothing is asked of the network: no news, no look for updates.
        f"--LabApp.app_settings_dir={settings}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    command += ["--no-browser"] if options.no_browser else []
    # A server started by root (in a container) refuses to run unless told so.
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    os.execv(sys.executable, command)


def _check(options: argparse.Namespace) -> int:
    """Check every table of a folder against its schema, and the links between them."""
    from ascn_analysis import loaders
    from ascn_analysis.schemas import TABLES

    tables = {}
    for number, name in enumerate(TABLES, start=1):
        tables[name] = loaders.read_table(name, options.path)
        print(f"[{number}/{len(TABLES) + 1}] {name}.csv: {len(tables[name])} rows")
    loaders.check_links(tables)
    states = loaders.load_boundaries(options.path)
    print(f"[{len(TABLES) + 1}/{len(TABLES) + 1}] boundaries/asean.topojson: {len(states)} states")
    print("all tables are as their schemas say")
    return 0


if __name__ == "__main__":
    sys.exit(main())

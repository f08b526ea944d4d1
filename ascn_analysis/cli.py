"""The command ``ascn``: open the notebooks, build the site, check tables, audit the record, reproduce it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import UnsupportedOperation
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
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except AscnError as problem:
        print(f"ascn: {problem}", file=sys.stderr)
        return 1
    except MemoryError:
        print("ascn: there is not enough memory for this input", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("ascn: interrupted; what stood there before is unchanged", file=sys.stderr)
        return 130
    except OSError as problem:
        if not isinstance(problem, BrokenPipeError):
            print(f"ascn: {problem}", file=sys.stderr)
        # Whoever read the output has seen enough; what is still buffered must not fail at exit.
        with suppress(UnsupportedOperation):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ascn", description="The open record of the ASEAN Smart Cities Network.")
    parser.add_argument("--version", action=_Version)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    lab = verbs.add_parser("lab", help="open JupyterLab on the first notebook", description=_lab.__doc__)
    lab.add_argument("--no-browser", action="store_true", help="start the server only, and print its address")
    lab.add_argument("--port", type=int, default=8888, help="port on 127.0.0.1; the next free one if it is taken")
    lab.add_argument("--terminals", action="store_true", help="offer terminals too (default: off)")
    lab.set_defaults(run=_lab)
    site = verbs.add_parser("site", help="build the static site", description=_site.__doc__)
    site.add_argument(
        "--output", type=Path, default=Path("_site"), metavar="DIR", help="where it is to stand (default: _site)"
    )
    site.add_argument(
        "--notebooks", type=Path, metavar="DIR", help="folder of notebooks, instead of the repository's own"
    )
    site.set_defaults(run=_site)
    check = verbs.add_parser("check", help="validate a folder of tables", description=_check.__doc__)
    check.add_argument("path", type=Path, help="folder that holds the CSV tables and boundaries/")
    check.set_defaults(run=_check)
    audit = verbs.add_parser("audit", help="find every contradiction of the reports", description=_audit.__doc__)
    audit.add_argument("--json", action="store_true", help='print {"findings": [...]} for machines')
    audit.add_argument(
        "--sources", type=Path, metavar="DIR", help="folder of the official PDFs, to look printed texts up"
    )
    audit.add_argument("--data", type=Path, metavar="DIR", help="folder of tables, instead of the record's own")
    audit.set_defaults(run=_audit)
    _add_new_report(verbs)
    _add_export(verbs)
    again = verbs.add_parser("reproduce", help="re-run and compare everything", description=_reproduce.__doc__)
    again.add_argument("--report", type=Path, metavar="DIR", help="write reproduce.md and reproduce.json there")
    again.add_argument("--skip-site", action="store_true", help="leave the two builds of the site out")
    again.set_defaults(run=_reproduce)
    return parser


def _add_export(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    export = verbs.add_parser("export", help="write tables as files to take along", description=_export.__doc__)
    export.add_argument("tables", nargs="*", metavar="TABLE", help="name of a table (default: all)")
    export.add_argument(
        "--format", choices=("csv", "xlsx", "parquet", "zip"), default="csv", help="kind of file (default: csv); zip is the whole record"
    )  # fmt: skip
    export.add_argument(
        "--output", type=Path, default=Path("ascn-export"), metavar="DIR", help="folder (default: ascn-export)"
    )
    export.add_argument("--data", type=Path, metavar="DIR", help="folder of tables, instead of the record's own")
    export.add_argument("--force", action="store_true", help="replace files that this command did not write")
    export.set_defaults(run=_export)


def _add_new_report(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    draft = verbs.add_parser(
        "new-report", help="draft the tables of a new report from its PDF", description=_new_report.__doc__
    )
    draft.add_argument("year", type=int, metavar="YEAR", help="year of the report")
    draft.add_argument("--pdf", type=Path, required=True, metavar="FILE", help="the PDF file of the report")
    draft.add_argument(
        "--output", type=Path, metavar="DIR", help="folder that is to hold the draft (default: draft-YEAR)"
    )
    draft.add_argument("--data", type=Path, metavar="DIR", help="folder of tables, instead of the record's own")
    draft.add_argument("--force", action="store_true", help="replace a draft that stands there")
    draft.set_defaults(run=_new_report)


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
    """Open JupyterLab on the first notebook.

    It listens on 127.0.0.1 only and wants its token (or the password of your own Jupyter configuration); requests from
    other sites are refused, whatever that configuration says. Terminals are off, packages are not installed by a click,
    and no news and no updates are asked for.
    """
    from ascn_analysis import notebooks

    first = notebooks.paths()
    if not first:
        raise AscnError(f"no notebook in {notebooks.FOLDER}; run this in a checkout of the repository")
    command = [
        *(sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", f"--port={options.port}"),
        f"--ServerApp.root_dir={notebooks.FOLDER.parent}",
        f"--LabApp.default_url=/lab/tree/notebooks/{first[0].name}",
        f"--ServerApp.terminals_enabled={options.terminals}",
        "--ServerApp.kernel_websocket_connection_class=ascn_analysis.lab_connection.PromptConnection",
        *_lab_guards(),
    ]
    command += ["--no-browser"] if options.no_browser else []
    # A server started by root (in a container) refuses to run unless told so.
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    os.execv(sys.executable, command)


def _lab_guards() -> tuple[str, ...]:
    """Return the settings that keep JupyterLab to itself: nothing is asked of the network, nobody else is answered."""
    return (
        f"--LabApp.app_settings_dir={Path(__file__).parent / 'assets' / 'lab'}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
        # These are the defaults, said again because a configuration file of the reader's could loosen them.
        "--ServerApp.allow_origin=",
        "--ServerApp.allow_origin_pat=",
        "--ServerApp.allow_remote_access=False",
        "--ServerApp.disable_check_xsrf=False",
        # An empty token in that file would let everybody in.
        "--ServerApp.identity_provider_class=ascn_analysis.lab_identity.TokenIdentityProvider",
        "--ContentsManager.allow_hidden=False",
        # Tests and benchmarks install Voila beside JupyterLab; it runs a notebook on a GET, which no XSRF token guards.
        "--ServerApp.jpserver_extensions=voila.server_extension=False",
    )


def _site(options: argparse.Namespace) -> int:
    """Run the notebooks that changed and build the static site; an old site stays whole until the new one is ready."""
    from ascn_analysis import notebooks
    from ascn_analysis.site import build

    folder = build.build(
        options.output, options.notebooks or notebooks.FOLDER, say=lambda line: print(line, flush=True)
    )
    print(f"{folder / 'index.html'}")
    return 0


def _check(options: argparse.Namespace) -> int:
    """Check every table of a folder against its schema, and the links between them; list all errors at once."""
    from ascn_analysis import loaders

    rows, errors = loaders.check_folder(options.path)
    for name, number in rows.items():
        print(f"{name}.csv: {number} rows")
    for error in errors:
        print(f"ascn: {error}", file=sys.stderr)
    print(f"{len(errors)} errors" if errors else "all tables are as their schemas say")
    return 1 if errors else 0


def _export(options: argparse.Namespace) -> int:
    """Write tables as CSV, XLSX or Parquet, or the whole record as one archive: the files that the site offers."""
    from ascn_analysis import export

    for path in export.write(options.output, options.format, options.tables, folder=options.data, force=options.force):
        print(path)
    return 0


def _audit(options: argparse.Namespace) -> int:
    """Recompute every stated figure, list each contradiction, and look printed texts up in the official PDFs."""
    from ascn_analysis import audit

    found = audit.findings(options.data)
    clean = audit.is_clean(found)
    if options.json:
        print(json.dumps({"findings": found.to_dict("records")}, indent=1, ensure_ascii=False))
    else:
        print(audit.as_text(found))
    if options.sources is not None:
        clean &= _audit_sources(options.sources, options.data)
    return 0 if clean else 1


def _audit_sources(folder: Path, data: Path | None) -> bool:
    """Check the PDFs of a folder; say on the error stream what was found, and return whether every text stands on its page."""
    from ascn_analysis import documents

    outcomes = documents.check(folder, data, say=lambda line: print(line, file=sys.stderr, flush=True))
    for outcome in outcomes:
        found = outcome.rows - len(outcome.absent)
        print(
            f"{outcome.source_id}: {outcome.copy}; {found} of {outcome.rows} printed texts on their page",
            file=sys.stderr,
        )
        for line in outcome.absent:
            print(f"  not on its page: {line}", file=sys.stderr)
    for name, lines in documents.from_pictures(data).items():
        where = documents.spell_lines(lines)
        print(f"{name}.csv: only a picture supports {len(lines)} rows, lines {where}", file=sys.stderr)
    return not any(outcome.absent for outcome in outcomes)


def _new_report(options: argparse.Namespace) -> int:
    """Read the appendix of a report into draft tables, check them, and list what a person must still decide; guess nothing."""
    from ascn_analysis import draft, draft_files, draft_text, loaders

    draft.check_year(options.year)
    output = options.output or Path(f"draft-{options.year}")
    known = set(loaders.load_table("project_reports", options.data)["report_year"])
    if options.year in known and options.output is None:
        raise AscnError(f"the record holds the report of {options.year}; to read it again, name a folder with --output")
    draft_files.check_place(output, force=options.force, data=options.data)
    made = draft.make(
        options.year, options.pdf, options.data, say=lambda line: print(line, file=sys.stderr, flush=True)
    )
    print(draft_text.write(made))
    draft_files.write(made, output, force=options.force, data=options.data)
    print(f"{output / draft_files.DECIDE}")
    return 0


def _reproduce(options: argparse.Namespace) -> int:
    """Run all again with the network off, compare each byte with what is stored, and exit with 1 if any differs."""
    from ascn_analysis import reproduce, reproduce_report, sealed

    if os.environ.get(sealed.VARIABLE) not in sealed.WORDS:
        wanted = ["--report", str(options.report)] if options.report else []
        wanted += ["--skip-site"] if options.skip_site else []
        return sealed.run([sys.executable, "-m", "ascn_analysis.cli", "reproduce", *wanted])
    network = sealed.ensure()
    print(f"network {network}", flush=True)
    checks = reproduce.everything(lambda line: print(line, flush=True), skip_site=options.skip_site)
    about = reproduce_report.surroundings(network)
    print(reproduce_report.as_text(checks, about))
    for path in reproduce_report.write(options.report, checks, about) if options.report else []:
        print(path)
    return 0 if all(check.same for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())

"""The errors that the package raises on purpose: each names what is wrong, where, and what was expected."""

from __future__ import annotations


class AscnError(Exception):
    """Base of every error that the package raises on purpose."""


class TableError(AscnError):
    """A table does not look as its schema says."""

    def __init__(self, file: str, problem: str, *, row: int | None, column: str, value: object, expected: str) -> None:
        self.file, self.problem, self.row, self.column = file, problem, row, column
        self.value, self.expected = value, expected
        named = column if column.isprintable() else repr(column)
        place = (
            [file if file.isprintable() else repr(file)]
            + ([f"row {row}"] if row is not None else [])
            + ([f"column {named}"] if column else [])
        )
        shown = "" if value is None else f" (value {shortened(repr(value))})"
        super().__init__(f"{', '.join(place)}: {problem}{shown}; expected {expected}")


def shortened(text: str, most: int = 200) -> str:
    """Cut a text that would fill a screen."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text):,} characters)"


class SourceError(AscnError):
    """A source document cannot be read as expected."""


class WriteError(AscnError):
    """A file was not written; what stood there before is unchanged."""


class SelectionError(AscnError):
    """A selection leaves nothing to measure or draw."""


class NotebookError(AscnError):
    """A cell of a notebook failed."""

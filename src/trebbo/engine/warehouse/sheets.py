"""What the official layouts declare: the sheets of a dataset and their columns."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an official file, with the names that other editions gave it."""

    name: str
    other_names: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV table of a dataset. `files` are the names it is published under, in lower case."""

    name: str
    files: tuple[str, ...]
    columns: tuple[Column, ...]
    delimiter: str = ";"
    is_required: bool = False


def sheet(
    name: str,
    *files: str,
    needs: tuple[str, ...],
    may_have: tuple[str, ...] = (),
    delimiter: str = ";",
    is_required: bool = False,
) -> Sheet:
    """Declares a sheet; a column as "name" or "name|older name"."""
    columns = [(word, True) for word in needs] + [(word, False) for word in may_have]
    return Sheet(
        name,
        files,
        tuple(
            Column(names[0], tuple(names[1:]), required)
            for word, required in columns
            for names in [word.split("|")]
        ),
        delimiter,
        is_required,
    )

"""A scenario put over those that it extends: mappings key by key, lists and values as a whole."""

from __future__ import annotations

import difflib
from pathlib import Path

from satqn.documents import MOST_YAML_BYTES, read_text
from satqn.errors import InputError, InvalidFileError, Problem, shown
from satqn.files import inside
from satqn.scenario.reading import CATALOGUE, Reading, catalogue_entry, catalogue_names, merge, parse


def text_of(source: str | Path) -> tuple[str, str, Path | None]:
    """Return text, label and folder of a scenario: a name of the catalogue or a file.

    Raises
    ------
    InvalidFileError
        A file that is not UTF-8 text.
    InputError
        No such file, or one that cannot be read.
    """
    name = str(source)
    text = catalogue_entry(name)
    if text is not None:
        return text, f"{CATALOGUE} {name}.yaml", None
    path = Path(source)
    return read_text(path, limit=MOST_YAML_BYTES), name, path.parent


def beside(folder: Path | None, name: str, where: str) -> Path:
    """Return the path of a file that a scenario names; it lies in the folder of the scenario or below.

    Raises
    ------
    InvalidFileError
        An absolute path, one that leaves the folder, or none at all.
    """
    try:
        return inside(folder or Path(), name, where)
    except InputError as error:
        raise InvalidFileError(
            where, [Problem(where, error.what, "copy the file beside the scenario")]
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidFileError(where, [Problem(where, f"{shown(name)} is not the name of a file")]) from error


def extended(reading: Reading, folder: Path | None, chain: tuple[str, ...]) -> Reading:
    """Return a scenario put over those that it extends.

    Parameters
    ----------
    reading
        The scenario as written.
    folder
        Its folder, in which files are looked for; None for one of the catalogue.
    chain
        The scenarios that led here, to find circles.

    Raises
    ------
    InvalidFileError
        The scenario that is extended does not exist, or extends this one.
    """
    if "extends" not in reading.data:
        return reading
    name, where = reading.data.pop("extends"), f"{reading.place(('extends',))}: extends"
    if not isinstance(name, str) or not name:
        raise InvalidFileError(
            chain[-1], [Problem(where, f"{shown(name)} is not a name", "name one scenario")]
        )
    text, label, base_folder = catalogue_entry(name), f"{CATALOGUE} {name}.yaml", None
    if text is None and folder is not None:
        path = beside(folder, name, where)
        label, base_folder = str(path), path.parent
        if any(_same_file(path, other) for other in chain):
            circle = " → ".join([*chain, label])
            problem = Problem(where, f"scenarios extend each other: {circle}", "take one 'extends' out")
            raise InvalidFileError(chain[-1], [problem])
        try:
            text = read_text(path, label=label, limit=MOST_YAML_BYTES) if path.is_file() else None
        except InvalidFileError:
            raise
        except InputError as error:
            raise InvalidFileError(chain[-1], [Problem(where, error.what)]) from error
    if text is None:
        near = difflib.get_close_matches(name, catalogue_names(), n=1)
        fix = "name one of `satqn scenarios`, or a file in the folder of this one"
        problem = Problem(
            where, f"there is no scenario {shown(name)}", f"did you mean {near[0]!r}?" if near else fix
        )
        raise InvalidFileError(chain[-1], [problem])
    base = extended(parse(text, label, base_folder), base_folder, (*chain, label))
    merge(base, reading)
    base.folders.update(reading.folders)
    return base


def _same_file(path: Path, label: str) -> bool:
    return not label.startswith(f"{CATALOGUE} ") and path.resolve() == Path(label).resolve()

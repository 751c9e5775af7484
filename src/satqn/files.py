"""The one place that writes: whole files or none, only where it is meant, and nobody else's.

A file is written beside its place and moved there when it is complete; a folder is filled in a hidden
neighbour and its files are moved in at the end. A full disk, an unwritable place or Ctrl-C leaves what was
there before. Devices, pipes and links are never replaced, nor is an input of the same command. A folder of
results lists in one of its JSON files (``provenance.json`` of a run) what satqn wrote into it, with hashes;
one that holds anything else is left alone unless the user says ``--force``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from satqn.errors import InputError, OutputError, shown
from satqn.leftovers import prefix_of, sweep
from satqn.limits import lifted
from satqn.provenance import content_hash

HOLDERS = ("provenance.json", "architectures.json", "sweep.json", "claims.json", "satellites.json")
"""Files that list under ``files`` what satqn wrote into their folder: of a run, a comparison, a sweep, a
reproduction, a choice of satellites."""
POINTS = re.compile(r"points/[0-9a-f]{64}\.json")
"""Points of a sweep, named by the hash of what they are: they are there before the list is."""
MOST_NAMED = 5
"""Files that a message names."""
LONGEST_NAME = 80
"""Characters of a folder that is named after a scenario; most systems allow 255 bytes."""


@dataclass(slots=True)
class _Used:
    """What one command has read and will write, by device and number of the file, or by its place."""

    inputs: set[tuple[int, int]] = field(default_factory=set)
    outputs: set[Path] = field(default_factory=set)


_USED: ContextVar[_Used | None] = ContextVar("satqn_files", default=None)


@contextmanager
def one_command() -> Iterator[None]:
    """Watch over the inputs and outputs of one command: none of them is both."""
    token = _USED.set(_Used())
    try:
        yield
    finally:
        _USED.reset(token)


def note_input(path: str | Path, status: os.stat_result) -> None:
    """Remember a file that is read.

    Raises
    ------
    InputError
        The same command was told to write there.
    """
    used = _USED.get()
    if used is None:
        return
    used.inputs.add((status.st_dev, status.st_ino))
    if Path(path).resolve() in used.outputs:
        raise InputError(
            f"{path} is read and is to be written by the same command", where="--output",
            fix="Name another file to write",
        )  # fmt: skip


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write {path}: {error.strerror or error}",
        why="Nothing half-written was left behind",
        fix="Choose a place with write permission and free space",
    )


def _refuse_place(target: Path) -> os.stat_result | None:
    """Refuse what must not be replaced, and return the state of the file that will be.

    Raises
    ------
    OSError
        A folder, a link, a device, a pipe, or a file that may not be written.
    OutputError
        An input of the same command.
    """
    try:
        found = target.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(21, "it is a folder, not a file")
    if stat.S_ISLNK(found.st_mode):
        raise OSError(1, "it is a link: name the file that it points to")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(1, "it is a device or a pipe, not a file")
    if not os.access(target, os.W_OK):
        raise PermissionError(13, "no write permission")
    used = _USED.get()
    if used is not None and (found.st_dev, found.st_ino) in used.inputs:
        raise OutputError(f"{target} is an input of this command", fix="Name another file to write")
    return found


def check_writable(path: str | Path) -> None:
    """Fail early, before long work, if a file could not be written.

    Raises
    ------
    OutputError
        If the folder cannot be made or written, or the path is a folder, a link, a device or an input of the
        same command. Nothing is made.
    """
    target = Path(path)
    try:
        _refuse_place(target)
        nearest = next(folder for folder in target.absolute().parents if folder.exists())
        with tempfile.NamedTemporaryFile(dir=nearest, prefix=prefix_of(target)):
            pass
    except OSError as error:
        raise _cannot_write(target, error) from error
    except ValueError as error:
        raise OutputError(f"{shown(str(target))} is not the name of a file") from error
    used = _USED.get()
    if used is not None:
        used.outputs.add(target.resolve())


def write_atomically(path: str | Path, content: str | bytes) -> Path:
    """Write a whole file or nothing.

    Parameters
    ----------
    path
        The file; its folder is made if it is missing. A file that is there keeps its mode.
    content
        Text (UTF-8) or bytes.

    Raises
    ------
    OutputError
        If the place cannot be written, must not be (see :func:`check_writable`) or the disk is full; an
        older file stays as it was.
    """
    target = Path(path)
    data = content.encode() if isinstance(content, str) else content
    temporary: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        before = _refuse_place(target)
        sweep(target.parent)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=prefix_of(target))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask() if before is None else stat.S_IMODE(before.st_mode) & 0o777)
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
        raise _cannot_write(target, error) from error
    except ValueError as error:
        raise OutputError(f"{shown(str(target))} is not the name of a file") from error
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
    return target


def write_part(path: str | Path, content: str | bytes) -> Path:
    """Write what a command that was stopped has done; a whole result that is there stays.

    Parameters
    ----------
    path
        Where the whole result was to go. If there is a file, the part goes beside it as NAME.partial.
    content
        Text (UTF-8) or bytes.

    Returns
    -------
    Path
        Where it went.
    """
    target = Path(path)
    if target.exists():
        target = target.with_name(f"{target.stem}.partial{target.suffix}")
    return write_atomically(target, content)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


# ------------------------------------------------------------------------------------- folders of results


def file_list(folder: Path, names: Iterable[Path], holder: str, document: dict[str, Any]) -> dict[str, str]:
    """Return the hashes of files of a folder, and that of the document which is to hold them.

    Parameters
    ----------
    folder
        Where the files are.
    names
        Their paths, relative to the folder.
    holder
        Name of the JSON file of the document.
    document
        What it says, without the list.
    """
    listed = {name.as_posix(): content_hash((folder / name).read_bytes()) for name in sorted(names)}
    return listed | {holder: content_hash(document)}


def listed_files(folder: Path) -> dict[str, set[str]]:
    """Return what satqn wrote into a folder by its own lists: names and the hashes that they had."""
    found: dict[str, set[str]] = {}
    for holder in HOLDERS:
        document = _holder(folder / holder)
        if document is not None:
            listed = document.pop("files")
            if listed.pop(holder, None) == content_hash(document):
                found.setdefault(holder, set()).add(content_hash((folder / holder).read_bytes()))
            for name, digest in listed.items():
                found.setdefault(name, set()).add(str(digest))
    return found


def _holder(place: Path) -> dict[str, Any] | None:
    """Return a JSON file that lists files; None if it is none."""
    try:
        if not stat.S_ISREG(place.lstat().st_mode):
            return None
        document = json.loads(place.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and isinstance(document.get("files"), dict) else None


def foreign_files(folder: Path) -> list[str]:
    """Return files of a folder that satqn did not write, or that were changed since; at most a few.

    Hidden files, inputs of the same command, points of a sweep, and folders below that have a list of their
    own do not count.
    """
    listed = listed_files(folder)
    used = _USED.get()
    found: list[str] = []
    for here, below, names in os.walk(folder):
        place = Path(here)
        below[:] = sorted(
            name
            for name in below
            if not name.startswith(".") and all(_holder(place / name / holder) is None for holder in HOLDERS)
        )
        for name in sorted(names):
            file = place / name
            if name.startswith("."):
                continue
            status = file.lstat()
            if used is not None and (status.st_dev, status.st_ino) in used.inputs:
                continue
            path = file.relative_to(folder).as_posix()
            if not _is_ours(file, path, status, listed):
                found.append(path)
                if len(found) > MOST_NAMED:
                    return found
    return found


def _is_ours(file: Path, path: str, status: os.stat_result, listed: Mapping[str, set[str]]) -> bool:
    if not stat.S_ISREG(status.st_mode):
        return False
    if POINTS.fullmatch(path):
        return True
    return path in listed and content_hash(file.read_bytes()) in listed[path]


def check_folder(path: str | Path) -> None:
    """Fail early, before long work, if a folder of results could not or must not be written.

    Raises
    ------
    OutputError
        It cannot be written, or it holds files that satqn did not write and the user did not say --force.
    """
    folder = Path(path)
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(20, "it is a file, not a folder")
        found = [] if lifted() or not folder.is_dir() else foreign_files(folder)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    except ValueError as error:
        raise OutputError(f"{shown(str(folder))} is not the name of a folder") from error
    if found:
        more = " …" if len(found) > MOST_NAMED else ""
        raise OutputError(
            f"{folder} holds files that satqn did not write, or that were changed since: "
            f"{', '.join(found[:MOST_NAMED])}{more}",
            why="They could be overwritten",
            fix="Choose an empty folder, or say --force",
        )
    check_writable(folder / ".satqn")


@contextmanager
def staged_folder(path: str | Path, holder: str = HOLDERS[0]) -> Iterator[Path]:
    """Give a temporary folder whose files move to ``path`` when the block ends without an error.

    Parameters
    ----------
    path
        The folder to fill; files of the same name in it are replaced, others stay.
    holder
        Which of the files, if it is there, is to list them all.

    Raises
    ------
    OutputError
        If the place cannot be written or the disk is full, or it holds files that satqn did not write.
    """
    target = Path(path)
    stage: Path | None = None
    check_folder(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(13, "no write permission")
        sweep(target.parent)
        stage = Path(tempfile.mkdtemp(dir=target.parent, prefix=prefix_of(target)))
        stage.chmod(0o777 & ~_umask())
        yield stage
        names = sorted(file.relative_to(stage) for file in stage.rglob("*") if file.is_file())
        _list_all(stage, names, holder, target)
        if not target.exists():
            os.replace(stage, target)
            return
        for name in names:
            _refuse_links(target, name)
            _refuse_place(target / name)
        for name in names:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                (stage / name).chmod(stat.S_IMODE(place.lstat().st_mode) & 0o777)
            os.replace(stage / name, place)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)


def _list_all(stage: Path, names: Iterable[Path], holder: str, target: Path) -> None:
    """Put the list of files into the one that holds it; files of an earlier run that stay are kept in it."""
    place = stage / holder
    if not place.is_file():
        return
    document = json.loads(place.read_bytes())
    listed = file_list(stage, [name for name in names if name != Path(holder)], holder, document)
    stay = {
        name: max(digests)
        for name, digests in listed_files(target).items()
        if name not in HOLDERS and name not in listed and (target / name).is_file()
    }
    text = json.dumps({**document, "files": stay | listed}, indent=2, ensure_ascii=False, allow_nan=False)
    place.write_text(text + "\n", encoding="utf-8")


def _refuse_links(folder: Path, name: Path) -> None:
    """Refuse a folder within a folder of results that leads elsewhere."""
    for above in list(name.parents)[:-1]:
        if (folder / above).is_symlink():
            raise OSError(1, f"{above} in it is a link")


def folder_name(name: str) -> str:
    """Return the name of a folder for the results of a scenario: its own, without what could lead elsewhere.

    Examples
    --------
    >>> folder_name("metro-pair"), folder_name("../../etc/x"), folder_name("..")
    ('metro-pair', 'etc-x', 'scenario')
    """
    kept = re.sub(r"[^\w.+-]+", "-", name)
    kept = re.sub(r"-?\.\.+-?", "-", kept).strip("-. ")[:LONGEST_NAME].strip("-. ")
    return kept or "scenario"


def inside(folder: Path, name: str, where: str) -> Path:
    """Return the path of a file that another file names; it must lie in the same folder or below.

    Parameters
    ----------
    folder
        Of the file that names it.
    name
        A relative path.
    where
        Where the name stands, for the message.

    Raises
    ------
    InputError
        An absolute path, or one that leaves the folder: a scenario that is handed on must not read
        whatever it likes.

    Examples
    --------
    >>> inside(Path("."), "orbits/gps.tle", "scenario.yaml:3").as_posix()
    'orbits/gps.tle'
    """
    path = folder / name
    if Path(name).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(
            f"{shown(name)} leaves the folder of the file",
            where=where,
            why="A scenario may only read what lies beside it",
            fix="Copy the file into the folder of the scenario and give its name",
        )
    return path

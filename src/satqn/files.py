"""Writing files so that nothing half-written is ever left behind.

A file is written beside its place and moved there when it is complete; a folder is filled in a
hidden neighbour and its files are moved in at the end. A full disk, an unwritable place or Ctrl-C
leaves what was there before.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from satqn.errors import InputError, OutputError


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write {path}: {error.strerror or error}",
        why="Nothing half-written was left behind",
        fix="Choose a place with write permission and free space",
    )


def check_writable(path: str | Path) -> None:
    """Fail early, before long work, if a file could not be written.

    Raises
    ------
    OutputError
        If the folder cannot be made or written, or the path is a folder. Nothing is made.
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(21, "it is a folder, not a file")
        nearest = next(folder for folder in target.absolute().parents if folder.exists())
        with tempfile.NamedTemporaryFile(dir=nearest, prefix=f".{target.name}."):
            pass
    except OSError as error:
        raise _cannot_write(target, error) from error


def write_atomically(path: str | Path, content: str | bytes) -> Path:
    """Write a whole file or nothing.

    Parameters
    ----------
    path
        The file; its folder is made if it is missing.
    content
        Text (UTF-8) or bytes.

    Raises
    ------
    OutputError
        If the place cannot be written or the disk is full; an older file stays as it was.
    """
    target = Path(path)
    data = content.encode() if isinstance(content, str) else content
    temporary: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
    return target


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def staged_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder whose files move to ``path`` when the block ends without an error.

    Parameters
    ----------
    path
        The folder to fill; files of the same name in it are replaced, others stay.

    Raises
    ------
    OutputError
        If the place cannot be written or the disk is full.
    """
    target = Path(path)
    stage: Path | None = None
    try:
        if target.exists() and not target.is_dir():
            raise NotADirectoryError(20, "it is a file, not a folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(13, "no write permission")
        stage = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        stage.chmod(0o777 & ~_umask())
        yield stage
        if not target.exists():
            os.replace(stage, target)
            return
        for source in sorted(stage.rglob("*")):
            if source.is_file():
                place = target / source.relative_to(stage)
                place.parent.mkdir(parents=True, exist_ok=True)
                os.replace(source, place)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)


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
            f"{name!r} leaves the folder of the file",
            where=where,
            why="A scenario may only read what lies beside it",
            fix="Copy the file into the folder of the scenario and give its name",
        )
    return path

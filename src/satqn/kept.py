"""What is kept to save time: arrays under the hash of what they are made of, with a checksum of their own.

A damaged entry is never believed: it is computed again and replaced, and a warning says so. A place that
cannot be written costs time, never the run.
"""

from __future__ import annotations

import io
import os
import shutil
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.errors import OutputError, SatqnWarning
from satqn.files import write_atomically
from satqn.provenance import content_hash

Arrays = dict[str, NDArray[Any]]

MARK = b"satqn-kept-1 "
"""Every entry begins with this, the SHA-256 of what follows, and an end of line."""
SUFFIX = ".kept"
"""Of the files of entries."""


def cache_folder() -> Path:
    """Return the folder of what can be had again: ``SATQN_CACHE_DIR``, or the one the system provides."""
    chosen = os.environ.get("SATQN_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("satqn", appauthor=False)


KINDS = ("networks", "experiments", "simulate", "kernels")
"""Folders in the cache whose content can be computed again; ``datasets`` has to be downloaded."""


def kernels_folder() -> Path:
    """Return the folder of compiled code: ``NUMBA_CACHE_DIR``, or one in the cache."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    return Path(chosen).expanduser() if chosen else cache_folder() / "kernels"


def clear_cache(*, datasets: bool = False) -> dict[str, int]:
    """Remove what satqn keeps to save time, and nothing else.

    Parameters
    ----------
    datasets
        Whether to remove downloaded data sets, too.

    Returns
    -------
    dict
        Bytes that were removed, by kind.

    Raises
    ------
    OutputError
        Something cannot be removed.
    """
    removed: dict[str, int] = {}
    for kind in (*KINDS, *(["datasets"] if datasets else [])):
        folder = kernels_folder() if kind == "kernels" else cache_folder() / kind
        # A folder that NUMBA_CACHE_DIR names may hold compiled code of other programs.
        own = list(folder.glob("satqn-*")) if kind == "kernels" else [folder]
        removed[kind] = 0
        for place in own:
            if place.is_symlink() or not place.is_dir():
                continue
            size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
            try:
                shutil.rmtree(place)
            except OSError as error:
                raise OutputError(
                    f"cannot remove {place}: {error.strerror or error}", fix="Remove it by hand"
                ) from error
            removed[kind] += size
    return removed


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], *, compressed: bool = False) -> bool:
    """Keep arrays; return whether that was possible.

    Parameters
    ----------
    path
        Where.
    arrays
        By name.
    compressed
        Whether to spend time on making them smaller.
    """
    buffer = io.BytesIO()
    write = np.savez_compressed if compressed else np.savez
    write(buffer, allow_pickle=False, **dict(arrays))
    content = buffer.getvalue()
    try:
        write_atomically(path, MARK + content_hash(content).encode() + b"\n" + content)
    except OutputError:
        return False
    return True


def read_arrays(path: Path) -> Arrays | None:
    """Return arrays that were kept, or None where there are none that can be believed.

    Parameters
    ----------
    path
        Where.

    Warns
    -----
    SatqnWarning
        The entry is damaged; it is removed.
    """
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    head, _, content = stored.partition(b"\n")
    if head == MARK + content_hash(content).encode():
        # What numpy, zip and zlib make of an entry that is whole, and yet not one of ours.
        with (
            suppress(OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error),
            np.load(io.BytesIO(content), allow_pickle=False) as entry,
        ):
            return {name: entry[name] for name in entry.files}
    forget_damaged(path)
    return None


def forget_damaged(path: Path) -> None:
    """Remove what was kept and cannot be believed, and say so.

    Parameters
    ----------
    path
        The damaged file.
    """
    with suppress(OSError):
        path.unlink()
    warnings.warn(f"{path} was damaged: it was removed and is computed again", SatqnWarning, stacklevel=3)

"""A process that believes in another number of processors, by a small library that is compiled when needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("believed.c")
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
POSSIBLE = sys.platform.startswith("linux") and COMPILER is not None


def believing(processors: int, folder: Path) -> dict[str, str]:
    """Return the environment of a process that counts so many processors."""
    library = folder / "believed.so"
    if not library.exists():
        subprocess.run(
            [str(COMPILER), "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"], check=True
        )
    return {**os.environ, "LD_PRELOAD": str(library), "BELIEVED_PROCESSORS": str(processors)}

"""Compiles the library that lets a process believe in another number of processors, and prints its place."""

import sys
from pathlib import Path

from tests.processors import POSSIBLE, believing

if not POSSIBLE:
    sys.exit("needs Linux and a C compiler")
print(believing(2, Path(sys.argv[1]))["LD_PRELOAD"])

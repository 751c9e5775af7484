"""One look for every figure: colours that everyone can tell apart, journal sizes, embedded fonts.

Colours are the palette of Okabe and Ito (2008), which stays distinct under the common forms of colour
blindness; each way of connecting a pair keeps its colour in every figure.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from satqn.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"
GREY, PALE_GREY = "#6E6E6E", "#D9D9D9"

WAY_COLOURS = {"fibre": BLUE, "hybrid": VERMILION, "satellite": GREEN, "protocol": BLACK, "none": PALE_GREY}
"""Colour of each way to connect a pair."""

SERIES_COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY)
"""Colours of series that are not ways, in the order of use."""

ONE_COLUMN, TWO_COLUMNS = 3.5, 7.2
"""Widths of one and of two journal columns, inches."""

RESOLUTION_DPI = 300
"""Resolution of PNG files and of rasterised parts of PDF files."""

RC: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7,
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "legend.borderpad": 0.3,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.5,
    "figure.dpi": 150,
    "savefig.dpi": RESOLUTION_DPI,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "none",
    "mathtext.fontset": "dejavusans",
}
"""The settings of every figure; type 42 embeds fonts as outlines that stay editable text."""


@contextmanager
def styled() -> Iterator[None]:
    """Draw and save inside this context to get the style, leaving the user's own settings alone."""
    import matplotlib

    with matplotlib.rc_context(RC):
        yield


def new_figure(width: float = ONE_COLUMN, height: float = 2.6) -> Figure:
    """Return an empty figure of the given size in inches, laid out without overlaps, bound to no window."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def render(figure: Figure, kind: str) -> bytes:
    """Return the figure as a file of the kind ``png`` or ``pdf``; equal figures give equal bytes.

    Parameters
    ----------
    figure
        Drawn inside :func:`styled`.
    kind
        ``png`` or ``pdf``.
    """
    dated: dict[str, Any] = {"pdf": {"CreationDate": None, "Creator": "satqn"}, "png": {"Software": "satqn"}}
    buffer = io.BytesIO()
    with styled():
        figure.savefig(buffer, format=kind, dpi=RESOLUTION_DPI, metadata=dated.get(kind))
    return buffer.getvalue()


def save_figure(figure: Figure, stem: Path) -> list[Path]:
    """Write the figure as ``stem.pdf`` and ``stem.png``, each whole or not at all, and return the two paths.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    return [
        write_atomically(stem.with_name(f"{stem.name}.{kind}"), render(figure, kind))
        for kind in ("pdf", "png")
    ]

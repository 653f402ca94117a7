# SPDX-License-Identifier: GPL-2.0-only
"""How every plot looks: the page, the caption, the files. looks.py has the variants."""

import os
import textwrap
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullLocator  # noqa: E402

from looks import FAINT, INK, look  # noqa: E402

GRID = "#dddddd"
WIDTH, DPI = 9, 200     # inches; shown at 900 px, a point is 1.25 px

plt.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": 10, "text.color": INK,
    "axes.edgecolor": FAINT, "axes.labelcolor": INK, "axes.linewidth": 0.8,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10.5,
    "axes.titlelocation": "left", "axes.grid": True, "axes.axisbelow": True,
    "grid.color": GRID, "grid.linewidth": 0.7, "xtick.color": FAINT, "ytick.color": FAINT,
    "xtick.labelcolor": INK, "ytick.labelcolor": INK, "legend.frameon": False,
    "lines.markersize": 6, "svg.hashsalt": "dmapool-bench",
})


# --- the page --------------------------------------------------------------------------

def page(title: str, reading: str, note: str, columns: int = 1, rows: int = 1,
         height: float = 5, entries: int = 0, **options):
    """A figure: title, how to read it, room for a legend's entries, panels, a note."""
    caption = textwrap.wrap(note, 145)
    top = 0.8 + 0.12 * bool(entries) + 0.22 * legend_rows(entries) + 0.2 * (columns > 1)
    bottom = 0.65 + 0.155 * len(caption)
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, height), squeeze=False,
                                **options)
    figure.text(0.02, 1 - 0.18 / height, title, fontsize=13, weight="bold", va="top")
    figure.text(0.02, 1 - 0.48 / height, reading, fontsize=10, color=FAINT, va="top")
    figure.text(0.02, 0.08 / height, "\n".join(caption), fontsize=8, color=FAINT,
                va="bottom", linespacing=1.3)
    figure.subplots_adjust(left=0.085, right=0.975, top=1 - top / height,
                           bottom=bottom / height, wspace=0.12, hspace=0.4)
    return figure, axes


def plain_numbers(axis, ticks=None, unit: str = "") -> None:
    """12, 0.5 and 8k in place of powers of ten, at the given ticks only."""
    if ticks is not None:
        axis.set_ticks(ticks)
        axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda v, _: short(v) + unit))


def short(value: float) -> str:
    for limit, letter in ((1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / limit * (1 if letter == 'M' else 10):g}{letter}"
    return f"{value:g}"


def room_for_labels(figure, names) -> None:
    """Keeps the right margin that label_ends() needs for the names and a figure each."""
    longest = max(map(len, names), default=0) + 7
    figure.subplots_adjust(right=max(0.5, 0.975 - 0.0084 * longest))


def label_ends(axes, ends: list[tuple[float, str, str]], x: float = 1.015) -> None:
    """A name in its line's colour beside each line's end, moved apart where they meet."""
    figure = axes.figure
    to_points = 72 / figure.dpi
    heights = [axes.transData.transform((axes.get_xlim()[0], y))[1] * to_points
               for y, _, _ in ends]
    gap, places = 12.5, []
    for i in sorted(range(len(ends)), key=lambda i: heights[i]):
        places.append([heights[i], [i]])
        while len(places) > 1 and _reach(places[-2], gap) > _reach(places[-1], -gap):
            centre, members = places.pop()
            under, others = places.pop()
            joined = others + members
            mean = (centre * len(members) + under * len(others)) / len(joined)
            places.append([mean, joined])
    for centre, members in places:
        for step, i in enumerate(members):
            height = centre + (step - (len(members) - 1) / 2) * gap
            _, text, colour = ends[i]
            axes.annotate(text, xy=(x, 0), xycoords=("axes fraction", "figure points"),
                          xytext=(0, height), textcoords=("offset points"),
                          color=colour, va="center", fontsize=9.5,
                          annotation_clip=False)


def _reach(place, gap: float) -> float:
    centre, members = place
    return centre + len(members) * gap / 2


def legend_rows(entries: int) -> int:
    return -(-entries // 8)


def legend(figure, variants: list[str], **more: Line2D) -> None:
    """One legend for all panels, between the reading line and the panels."""
    handles = {v: Line2D([], [], **look(v).line()) for v in variants} | more
    columns = -(-len(handles) // legend_rows(len(handles)))
    figure.legend(handles.values(), handles.keys(), loc="upper left", ncol=columns,
                  bbox_to_anchor=(0.014, 1 - 0.77 / figure.get_figheight()), fontsize=8.5,
                  handlelength=1.7, columnspacing=0.9, handletextpad=0.4, borderaxespad=0)


# --- the files -------------------------------------------------------------------------

def save(figure, folder: Path, name: str) -> None:
    """NAME.svg and NAME.png, whole or not at all, the same bytes from the same data."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, metadata in (("svg", {"Date": None, "Creator": None}),
                           ("png", {"Software": None})):
        part = folder / f".{name}.{kind}.{os.getpid()}"
        try:
            figure.savefig(part, format=kind, dpi=DPI, metadata=metadata)
            os.replace(part, folder / f"{name}.{kind}")
        finally:
            part.unlink(missing_ok=True)
    plt.close(figure)

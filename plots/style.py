# SPDX-License-Identifier: GPL-2.0-only
"""How every plot looks: the page and its text, the axes, the files.

Everything is placed in inches and by the measured size of its text, so that nothing
overlaps whatever the names are. looks.py has the variants, keys.py their labels.
"""

import os
import textwrap
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.font_manager import FontProperties  # noqa: E402
from matplotlib.textpath import text_to_path  # noqa: E402
from matplotlib.ticker import (  # noqa: E402
    FuncFormatter, LogLocator, MaxNLocator, NullFormatter)

from looks import FAINT, INK, Look  # noqa: E402

GRID = "#dddddd"
# Inches, the text width of a paper, and points at that width.
WIDTH, DPI = 7, 200
TITLE, TEXT, SMALL = 10, 8, 7
LEFT, RIGHT, EDGE = 0.55, 0.1, 0.1
UNDER_PANEL = 0.42      # an axis' numbers and words

plt.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": TEXT, "text.color": INK,
    "axes.edgecolor": FAINT, "axes.labelcolor": INK, "axes.linewidth": 0.7,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": TEXT,
    "axes.titlelocation": "left", "axes.grid": True, "axes.axisbelow": True,
    "axes.labelpad": 3, "grid.color": GRID, "grid.linewidth": 0.6,
    "xtick.color": FAINT, "ytick.color": FAINT, "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "lines.markersize": 4.5, "svg.hashsalt": "dmapool-bench",
    # A name may hold a dollar sign.
    "text.parse_math": False,
})
# A name may hold a letter that the font lacks: a box stands for it.
warnings.filterwarnings("ignore", r"Glyph \d+")


# --- text ------------------------------------------------------------------------------

@lru_cache(maxsize=None)
def measured(text: str, size: float, weight: str = "normal") -> float:
    """A line's width in inches, rather too much: renderers round each letter."""
    font = FontProperties(family=plt.rcParams["font.family"], size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return width * 1.03 / 72


def wrapped(text: str, inches: float, size: float, weight: str = "normal",
            most: int = 8) -> list[str]:
    """The text in lines that fit, the last one cut where there are too many."""
    columns = max(int(inches * len(text) / (measured(text, size, weight) or 1)), 2)
    while True:
        lines = textwrap.wrap(text, columns, max_lines=most, placeholder=" …")
        if columns <= 2 or all(measured(line, size, weight) <= inches for line in lines):
            return lines
        columns -= 1


def shortened(name: str, inches: float, size: float, weight: str = "normal") -> str:
    """The name, without its middle where it is too long: ends tell names apart."""
    keep, cut = len(name), name
    while measured(cut, size, weight) > inches:
        keep -= 1
        cut = f"{name[:keep // 2]}…{name[-(keep - keep // 2):]}"
    return cut


# --- the page --------------------------------------------------------------------------

@dataclass(frozen=True)
class Words:
    """A figure's title, how it is read, and its small print."""
    title: str
    reading: str
    note: str

    @property
    def head(self) -> float:
        """The inches that title and reading take."""
        return EDGE + 0.25 + 0.15 * len(_fill(self.reading, TEXT))

    @property
    def foot(self) -> float:
        return 0.08 + 0.135 * len(_fill(self.note, SMALL))

    def write(self, figure) -> None:
        tall = figure.get_figheight()
        write(figure, tall - EDGE, [self.title], TITLE, INK, va="top", weight="bold")
        write(figure, tall - EDGE - 0.23, _fill(self.reading, TEXT), TEXT, va="top")
        write(figure, 0.07, _fill(self.note, SMALL), SMALL, va="bottom")


def _fill(text: str, size: float) -> list[str]:
    return wrapped(text, WIDTH - 2 * EDGE, size)


def write(figure, y: float, lines: list[str], size: float, colour: str = FAINT,
          **more) -> None:
    """Lines of text at the left, at a height in inches."""
    figure.text(EDGE / WIDTH, y / figure.get_figheight(), "\n".join(lines),
                fontsize=size, color=colour, linespacing=1.3, **more)


def page(words: Words, rows: int = 1, columns: int = 1, *, height: float,
         left: float = LEFT, right: float = RIGHT, above: float = 0, titles: int = 0,
         spare: bool = False, column_gap: float = 0.24, **options):
    """A figure: words, room for a key above the panels, panels of a height, small print.

    titles is how many lines the panels' titles have, right the room for labels there;
    where panels to the right of the last one are spare, those above have words below.
    """
    title_room = titles and 0.09 + 0.13 * titles
    top = words.head + above + max(title_room, 0.1)
    bottom = words.foot + UNDER_PANEL
    row_gap = title_room + (0.26 if spare else 0.1)
    tall = top + rows * height + (rows - 1) * row_gap + bottom
    wide = (WIDTH - left - right - (columns - 1) * column_gap) / columns
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, tall), squeeze=False,
                                **options)
    figure.subplots_adjust(left=left / WIDTH, right=1 - right / WIDTH,
                           top=1 - top / tall, bottom=bottom / tall,
                           wspace=column_gap / wide, hspace=row_gap / height)
    words.write(figure)
    return figure, axes


def grid(words: Words, panels: int, columns: int, **options):
    """A page of panels in rows that share their axes; see foot()."""
    return page(words, -(-panels // columns), columns, sharex=True,
                sharey=True, spare=panels % columns > 0, **options)


def foot(panels, shown: int, x_label: str, y_label: str) -> None:
    """Hides a grid's spare panels; the lowest and the leftmost ones have labels."""
    flat, columns = list(panels.flat), panels.shape[1]
    for axes in flat[shown:]:
        axes.set_visible(False)
    for axes in flat[max(shown - columns, 0):shown]:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel(x_label)
    for row in panels:
        row[0].set_ylabel(y_label)


def line(look: Look) -> dict:
    """A variant's look as keywords for matplotlib's plot()."""
    return {"color": look.colour, "marker": look.marker, "linewidth": 0.7 * look.width,
            "markeredgecolor": look.colour, "markeredgewidth": 1,
            "markerfacecolor": "white" if look.open else look.colour}


# --- axes ------------------------------------------------------------------------------

def short(value: float) -> str:
    """12, 0.5, 20k and 3M."""
    for limit, letter in ((1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / (limit if letter == 'M' else 1e3):g}{letter}"
    return f"{value:g}"


def duration(ns: float) -> str:
    """50 ns, 2 µs."""
    for limit, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if ns >= limit:
            return f"{ns / limit:g} {unit}"
    return f"{ns:g} ns"


def log_y(axes, low: float, high: float, text=short) -> None:
    """A logarithmic y axis, its ticks written out."""
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    steps = (1, 2, 5) if high / low < 5000 else (1,)
    axes.yaxis.set_major_locator(LogLocator(subs=steps))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def linear_y(axes, low: float, high: float) -> None:
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(MaxNLocator(8, steps=(1, 2, 5, 10)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def linear_x(axes, ticks: int) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def name_ticks(axes, places: list[float], names: list[str], even: bool = True) -> None:
    """Ticks with names, without those that would touch others.

    Even ones go by every second, as long as that is enough; others one by one.
    """
    ticks = list(zip(places, names))
    steps = [ticks[::step] for step in (1, 2)] if even else []
    named = next((some for some in steps if _clear(axes, some) == some),
                 _clear(axes, ticks))
    axes.set_xticks(*zip(*named))
    axes.set_xticks([place for place in places if place not in dict(named)], minor=True)
    axes.xaxis.set_minor_formatter(NullFormatter())


def _clear(axes, ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """From left to right, those that do not touch the one before."""
    across, reached, found = axes.get_xaxis_transform(), -1.0, []
    for place, name in ticks:
        at = across.transform((place, 0))[0] / axes.figure.dpi
        half = measured(name, SMALL) / 2
        if at - half > reached + 0.03:
            reached = at + half
            found.append((place, name))
    return found


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

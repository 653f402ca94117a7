# SPDX-License-Identifier: GPL-2.0-only
"""What says which line is which: labels beside the lines' ends, and keys above panels.

Each has a sample of the line, so that the text can be black and need not touch it.
"""

from dataclasses import dataclass

import style
from style import SMALL, WIDTH

LINE = 10.5                     # points from one label to the next
LEADER, SAMPLE, SPACE = 9, 17, 4        # points, from a line's panel to its name
# Inches.
LONGEST_NAME = 1.85
BETWEEN = 0.14      # columns of a key, and half of it a name and its value
MARGIN = 0.05       # above a key


@dataclass(frozen=True)
class Entry:
    """A name, what its line is drawn with, and where that ends with which value."""
    name: str
    sample: dict
    end: tuple[float, float] | None = None
    value: str = "–"

    @property
    def text(self) -> str:
        return style.shortened(self.name, LONGEST_NAME, SMALL)


# --- beside the ends -------------------------------------------------------------------

def room_beside(entries: list[Entry]) -> float:
    """The inches that beside() needs to the right of a panel."""
    names, values = (_widest(texts) for texts in zip(*(
        (entry.text, entry.value) for entry in entries)))
    return (LEADER + SAMPLE + SPACE) / 72 + names + BETWEEN / 2 + values + style.EDGE


def height_beside(entries: list[Entry], least: float = 2.4) -> float:
    """The panel height in inches at which each entry has a line of its own."""
    return max(least, len(entries) * LINE / 72)


def beside(axes, entries: list[Entry]) -> None:
    """A label at each line's end, moved apart where they meet, then the value there."""
    sheet, (height, places) = _sheet_beside(axes), _ends(axes, entries)
    right = 72 * (room_beside(entries) - style.EDGE)
    label_heights = apart([y for _, y in places], LINE, LINE / 2, height - LINE / 2)
    for entry, (x, y), at in zip(entries, places, label_heights):
        if entry.end:
            seen = min(max(y, 0), height)
            sheet.plot([x, 1, LEADER], [seen, seen, at], color=entry.sample["color"],
                       linewidth=0.5, clip_on=False)
        _draw_entry(sheet, entry, LEADER, at)
        sheet.text(right, at, entry.value, fontsize=SMALL, ha="right", va="center")


def _ends(axes, entries: list[Entry]) -> tuple[float, list[tuple[float, float]]]:
    """The panel's height, and where lines end, in points from its lower right corner."""
    box, scale = axes.get_window_extent(), 72 / axes.figure.dpi
    places = []
    for entry in entries:
        x, y = axes.transData.transform(entry.end) if entry.end else (box.x1, box.y0)
        places.append(((x - box.x1) * scale, (y - box.y0) * scale))
    return box.height * scale, places


def apart(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """The heights nearest to the wanted ones that are a gap apart, from low to high.

    The n-th lowest less n gaps must not be below the one before it. Those that would be
    share their mean, which is isotonic regression.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    groups: list[list[float]] = []
    for step, i in enumerate(order):
        groups.append([wanted[i] - step * gap])
        while len(groups) > 1 and _mean(groups[-2]) >= _mean(groups[-1]):
            groups[-2:] = [groups[-2] + groups[-1]]
    level = [_mean(group) for group in groups for _ in group]
    top = max(high - (len(wanted) - 1) * gap, low)
    found = dict(zip(order, (min(max(y, low), top) + step * gap
                             for step, y in enumerate(level))))
    return [found[i] for i in range(len(wanted))]


def _mean(group: list[float]) -> float:
    return sum(group) / len(group)


# --- above the panels ------------------------------------------------------------------

def _cell(entries: list[Entry]) -> float:
    """The inches across that an entry has."""
    return (SAMPLE + SPACE) / 72 + _widest(entry.text for entry in entries) + BETWEEN


def _rows(entries: list[Entry]) -> int:
    columns = int((WIDTH - 2 * style.EDGE + BETWEEN) / _cell(entries))
    return -(-len(entries) // max(columns, 1))


def height_above(entries: list[Entry]) -> float:
    """The inches that above() needs between a figure's head and its panels."""
    return MARGIN + _rows(entries) * LINE / 72 + 0.12


def above(figure, entries: list[Entry], top: float) -> None:
    """A key in columns, that many inches below the figure's top."""
    rows, cell = _rows(entries), 72 * _cell(entries)
    height = rows * LINE / 72
    sheet = _sheet(figure, style.EDGE, figure.get_figheight() - top - MARGIN - height,
                   WIDTH - 2 * style.EDGE, height)
    for place, entry in enumerate(entries):
        column, row = divmod(place, rows)
        _draw_entry(sheet, entry, column * cell, (rows - row - 0.5) * LINE)


# --- both ------------------------------------------------------------------------------

def _widest(texts) -> float:
    return max((style.measured(text, SMALL) for text in texts), default=0)


def _sheet(figure, left: float, bottom: float, width: float, height: float):
    """A place in inches to draw on in points."""
    wide, tall = figure.get_size_inches()
    sheet = figure.add_axes([left / wide, bottom / tall, width / wide, height / tall])
    sheet.set_xlim(0, width * 72)
    sheet.set_ylim(0, height * 72)
    sheet.set_axis_off()
    return sheet


def _sheet_beside(axes):
    figure, box = axes.figure, axes.get_position()
    wide, tall = figure.get_size_inches()
    return _sheet(figure, box.x1 * wide, box.y0 * tall, (1 - box.x1) * wide,
                  box.height * tall)


def _draw_entry(sheet, entry: Entry, x: float, y: float) -> None:
    sheet.plot([x, x + SAMPLE / 2, x + SAMPLE], [y] * 3, markevery=[1], label=entry.name,
               **entry.sample)
    sheet.text(x + SAMPLE + SPACE, y, entry.text, fontsize=SMALL, va="center")

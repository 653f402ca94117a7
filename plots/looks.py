# SPDX-License-Identifier: GPL-2.0-only
"""How a variant looks, the same in every plot and in the report: its colour and marker.

A thick line and a filled marker is a design of ours; a thin line and an open marker is an
unmodified kernel, of a related hue where it shares a design with one of ours; a hairline
is a peer, no pool but another allocator.

The first colours are Okabe and Ito's. No colour is there twice, and variants that share a
marker have colours that colour-blind readers tell apart (tests/plots_test.py).
"""

from dataclasses import dataclass
from zlib import crc32

INK, FAINT = "#222222", "#666666"


@dataclass(frozen=True)
class Look:
    colour: str
    marker: str     # as matplotlib names it
    open: bool = False
    width: float = 1.4

    @property
    def on_dark(self) -> str:
        """The colour on a dark ground."""
        return ON_DARK.get(self.colour, self.colour)


# The colours that a dark ground would swallow.
ON_DARK = {INK: "#e8e6e3", FAINT: "#a3a3a3", "#0072B2": "#3b9ddd", "#D55E00": "#e8742a",
           "#009E73": "#19b98c", "#774444": "#b37a79", "#2F6673": "#5a919f",
           "#7A6FA0": "#9d8cc4", "#6A33E0": "#9a62f0", "#B5207F": "#e351a7",
           "#22C070": "#7ce8a4", "#222299": "#5577ee", "#553300": "#b98a5c"}

LOOKS = {
    "global_list": Look("#0072B2", "o", width=3),
    "upstream-6.12": Look("#56B4E9", "o", open=True),
    "upstream-7.2": Look("#2CA8B8", "D", open=True),
    "page_chain": Look("#D55E00", "s", width=3),
    "upstream-6.1": Look("#E69F00", "s", open=True),
    "percpu_magazine": Look("#009E73", "^", width=3),
    "coherent_each": Look("#CC79A7", "v", width=2),
    "null": Look("#999999", "x", width=1.2),
    "intree": Look(INK, "D", width=2),
    "peer-rte_mempool": Look("#774444", "+", width=0.8),
    "peer-tcmalloc": Look("#2F6673", "*", width=0.8),
    "peer-jemalloc": Look("#7A6FA0", "|", width=0.8),
    "peer-mimalloc": Look("#9A9A4A", "<", open=True, width=0.8),
}
# What is left for variants that nobody here has heard of.
COLOURS = ("#6A33E0", "#B5207F", "#8C86FF", "#22C070", "#C8A27A", "#E8506A", "#553300",
           "#222299")
KERNEL_MARKERS, DESIGN_MARKERS = (">", "^", "v"), (">", "<", "D")


def looks(variants) -> dict[str, Look]:
    """The look of each, no two alike among 24 that are unknown.

    An unknown one's comes from its name, not from its company, unless two names meet: so
    it is the same from one result set to the next.
    """
    found = {variant: LOOKS[variant] for variant in variants if variant in LOOKS}
    taken: set[int] = set()
    for variant in sorted(set(variants) - found.keys()):
        place = _free_place(crc32(variant.encode()) % len(COLOURS), taken)
        found[variant] = _unknown(variant.startswith("upstream-"), place)
    return found


def _free_place(wanted: int, taken: set[int]) -> int:
    """The wanted colour or the next free one; in a new round where none is left."""
    colours = len(COLOURS)
    turn = len(taken) // colours * colours
    place = next(place for step in range(colours)
                 if (place := turn + (wanted + step) % colours) not in taken)
    taken.add(place)
    return place


def _unknown(kernel: bool, place: int) -> Look:
    markers = KERNEL_MARKERS if kernel else DESIGN_MARKERS
    turn, colour = divmod(place, len(COLOURS))
    return Look(COLOURS[colour], markers[(colour + turn) % len(markers)], kernel,
                1.4 if kernel else 3)

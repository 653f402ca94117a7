# SPDX-License-Identifier: GPL-2.0-only
"""How a variant looks, the same in every plot and in the report: its colour and marker.

An unmodified kernel is a thin, paler line with open markers over the thick one of the
variant whose design it shares; a peer, no pool but another allocator, is a hair line in
grey. The colours are Okabe and Ito's, which colour-blind readers can tell apart.
"""

from dataclasses import dataclass

INK, FAINT = "#222222", "#666666"


@dataclass(frozen=True)
class Look:
    colour: str
    marker: str     # as matplotlib names it
    open: bool = False
    width: float = 1.4

    def line(self, **more) -> dict:
        """Keywords for matplotlib's plot()."""
        return {"color": self.colour, "marker": self.marker, "linewidth": self.width,
                "markeredgecolor": self.colour, "markeredgewidth": 1.4,
                "markerfacecolor": "white" if self.open else self.colour, **more}

    @property
    def on_dark(self) -> str:
        """The colour on a dark ground."""
        return ON_DARK.get(self.colour, self.colour)


# The colours that a dark ground would swallow.
ON_DARK = {INK: "#e8e6e3", FAINT: "#a3a3a3", "#0072B2": "#3b9ddd", "#7A5195": "#b58bd1",
           "#D55E00": "#e8742a", "#009E73": "#19b98c"}

LOOKS = {
    "global_list": Look("#0072B2", "o", width=3),
    "upstream-6.12": Look("#56B4E9", "o", open=True),
    "upstream-7.2": Look("#56B4E9", "D", open=True),
    "page_chain": Look("#D55E00", "s", width=3),
    "upstream-6.1": Look("#E69F00", "s", open=True),
    "percpu_magazine": Look("#009E73", "^", width=3),
    "coherent_each": Look("#CC79A7", "v", width=2),
    "null": Look("#999999", "x", width=1.2),
    "peer-rte_mempool": Look(FAINT, "1", width=0.8),
    "peer-tcmalloc": Look(FAINT, "2", width=0.8),
    "peer-jemalloc": Look(FAINT, "3", width=0.8),
    "peer-mimalloc": Look(FAINT, "4", width=0.8),
}
OTHER_UPSTREAM = Look(INK, "P", open=True)
OTHER_DESIGN = Look("#7A5195", "p", width=3)


def look(variant: str) -> Look:
    other = OTHER_UPSTREAM if variant.startswith("upstream-") else OTHER_DESIGN
    return LOOKS.get(variant, other)

# SPDX-License-Identifier: GPL-2.0-only
"""Where the pools of a result set stand: their cost against the baseline's in each
workload, the memory they keep for it, and how alike they serve several CPUs.
"""

from dataclasses import dataclass

import numpy as np

from .resultset import ResultSet, Row, is_pool, median, spread

LEVEL = 0.01    # what is this close together is level, however sure the launches are
# What a row costs: its time, or where none was measured the instructions it executes.
COSTS = ("ns_per_op", "instructions_per_op")


def cost_of(results: ResultSet) -> str:
    return next((key for key in COSTS
                 if any(row.values(key) for row in results.rows.values())), COSTS[0])


def geometric_mean(values) -> float:
    return float(np.exp(np.mean(np.log(values))))


# --- cost ------------------------------------------------------------------------------

@dataclass(frozen=True)
class Standing:
    """A pool in a workload."""
    variant: str
    ratio: float            # its cost over the baseline's, geometric mean over the rows
    spread: float | None    # ± of the middle row's ratio, None of one launch
    rows: int
    firsts: int             # rows in which no pool costs less


def cases(results: ResultSet, family: str, cost: str) -> list[dict[str, Row]]:
    """The pools' rows of each combination of parameters, by variant."""
    pools = [name for name in results.variants(family) if is_pool(name)]
    found = [{name: row for name in pools
              if (row := results.row(family, name, params)) and median(row.values(cost))}
             for params in results.combinations(family)]
    return [members for members in found if members]


def wider(*spreads: float | None) -> float | None:
    return max((s for s in spreads if s is not None), default=None)


def _standing(name: str, shared: list[dict[str, Row]], base: str, cost: str) -> Standing:
    def of(members: dict[str, Row], variant: str) -> float:
        return median(members[variant].values(cost))

    spreads = [wide for members in shared if (wide := wider(
        *(spread(members[who].values(cost)) for who in (name, base)))) is not None]
    firsts = sum(of(members, name) == min(of(members, other) for other in members)
                 for members in shared)
    return Standing(name, geometric_mean([of(m, name) / of(m, base) for m in shared]),
                    median(spreads), len(shared), firsts)


def standings(results: ResultSet, family: str, base: str) -> list[Standing]:
    """The pools that ran all rows the baseline did, the cheapest first."""
    cost = cost_of(results)
    ran = [members for members in cases(results, family, cost) if base in members]
    full = [name for name in results.variants(family)
            if ran and all(name in members for members in ran)]
    return sorted((_standing(name, ran, base, cost) for name in full),
                  key=lambda one: one.ratio)


def level_with_first(found: list[Standing]) -> list[Standing]:
    """Those behind the first that their launches' spread does not tell from it."""
    first = found[0]
    return [other for other in found[1:] if other.ratio / first.ratio - 1
            <= wider(first.spread, other.spread, LEVEL)]


# --- memory ----------------------------------------------------------------------------

def waste(row: Row, counter: str = "pages_held") -> float | None:
    """Pages held over those that packed blocks would need."""
    held, ideal = median(row.values(counter)), median(row.values("pages_ideal"))
    return held / ideal if held and ideal else None


def wastes(rows: list[Row], counter: str = "pages_held") -> float | None:
    """The geometric mean over the rows that have it."""
    found = [ratio for row in rows if (ratio := waste(row, counter))]
    return geometric_mean(found) if found else None


# --- fairness --------------------------------------------------------------------------

def unfairness(row: Row) -> list[float]:
    """The time of an operation on the slowest CPU over the fastest's, of each launch."""
    pairs = ([run.counters.get(f"{which}_cpu_ns") for which in ("slowest", "fastest")]
             for run in row.launches)
    return [slowest / fastest for slowest, fastest in pairs if slowest and fastest]

# SPDX-License-Identifier: GPL-2.0-only
"""A result set in a few sentences: which pool is fastest where and by how much, what that
costs in memory, whom it serves badly, how far the figures can be trusted.
"""

from collections.abc import Iterator

from . import comparable, resultset, standings
from .resultset import ResultSet, Row, median, number, spread
from .standings import Standing

Said = Iterator[tuple[str, str]]

NOISY = 0.05    # a spread above this is worth a word
FAIR = 1.1      # below this no CPU is served noticeably worse than another
NAMED = 4       # more names in a row than this are counted
COUNTED = ("these are instructions: waiting for memory, for locks and for other CPUs "
           "costs none")
USERSPACE = ("this build does not model masked interrupts, preemption and uncached "
             "memory; docs/userspace-and-kernel.md says what of it holds in a kernel")


def sentences(results: ResultSet, wanted: str = resultset.BASELINE
              ) -> list[tuple[str, str]]:
    """(what it is about, a sentence) in reading order."""
    base = resultset.baseline(results.variants(), wanted)
    found = {family: ranked for family in results.families
             if len(ranked := standings.standings(results, family, base)) > 1}
    leaders = [ranked[0].variant for ranked in found.values()]
    named = list(dict.fromkeys([*leaders, base]))
    return [*_costs(found, base, standings.cost_of(results)), *_level(found),
            *_memory(results, named), *_fairness(results, named), *_noise(results),
            *_limits(results)]


# --- words -----------------------------------------------------------------------------

def times(ratio: float) -> str:
    return "×" + (number(ratio) if ratio != 1 else "1.00")


def plus_minus(value: float | None) -> str:
    """' ±3%', with a digit where it is less; nothing of a single launch."""
    if value is None:
        return ""
    return f" ±{100 * value:.0f}%" if value >= 0.01 or not value else (
        f" ±{100 * value:.1g}%")


def listed(names: list[str]) -> str:
    """'a, b and c', or 'a, b, c and 5 more'."""
    if len(names) > NAMED:
        names = [*names[:NAMED - 1], f"{len(names) - NAMED + 1} more"]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


# --- cost ------------------------------------------------------------------------------

def _sure(found: dict[str, list[Standing]]) -> dict[str, list[Standing]]:
    """The workloads that have one first."""
    return {family: ranked for family, ranked in found.items()
            if not standings.level_with_first(ranked)}


def _margin(family: str, ranked: list[Standing], base: str) -> str:
    """By how much: against the base; where that is the first itself, by the next."""
    first, second = ranked[0], ranked[1]
    by = (f"{times(first.ratio)}{plus_minus(first.spread)}" if first.variant != base else
          f"{second.variant} {times(second.ratio)}{plus_minus(second.spread)}")
    rows = f" (in {first.firsts} of {first.rows} rows)"
    return f"{family} {by}" + (rows if first.firsts < first.rows else "")


def _costs(found: dict[str, list[Standing]], base: str, cost: str) -> Said:
    """A sentence for each pool that is first somewhere, the most successful ahead."""
    about, what = (("fastest", "time") if cost == "ns_per_op"
                   else ("fewest", "instructions"))
    won: dict[str, list[str]] = {}
    for family, ranked in _sure(found).items():
        won.setdefault(ranked[0].variant, []).append(_margin(family, ranked, base))
    for variant, margins in sorted(won.items(), key=lambda item: -len(item[1])):
        against = (f"its {what} over {base}'s" if variant != base
                   else f"the next one's {what} over its")
        yield about, (f"{variant} in {len(margins)} of {len(found)} workloads; "
                      f"{against}: {', '.join(margins)}")


def _level(found: dict[str, list[Standing]]) -> Said:
    """The workloads in which the launches do not tell who is first."""
    for family, ranked in found.items():
        near = standings.level_with_first(ranked)
        if near:
            level = [ranked[0], *near]
            wide = standings.wider(*(one.spread for one in level))
            yield "level", (f"{family}: {listed([one.variant for one in level])} are no "
                            f"further apart than the launches are{plus_minus(wide)}")


# --- memory ----------------------------------------------------------------------------

def _kept(rows: list[Row]) -> str:
    """What a pool keeps of the memory it once had, trimmed and in caches as well."""
    trimmed = standings.wastes(rows, "pages_held_after_trim")
    held = standings.wastes(rows)
    stranded = max((median(values) for row in rows
                    if (values := row.values("bytes_stranded"))), default=0)
    more = ([f"{times(trimmed)} once trimmed"] if trimmed and trimmed < held else []) + (
        [f"up to {number(stranded)} bytes in per-CPU caches"] if stranded else [])
    return times(held) + (f" ({', '.join(more)})" if more else "")


def _memory(results: ResultSet, named: list[str]) -> Said:
    """Pages held by the leaders and the base, and by whoever holds least."""
    by_pool: dict[str, list[Row]] = {}
    for row in results.rows.values():
        if resultset.is_pool(row.variant) and standings.waste(row):
            by_pool.setdefault(row.variant, []).append(row)
    ordered = sorted(by_pool, key=lambda name: standings.wastes(by_pool[name]))
    told = [name for name in ordered if name in (*named, ordered[0])]
    if told:
        yield "memory", ("pages held over those that packed blocks would need: "
                         + ", ".join(f"{name} {_kept(by_pool[name])}" for name in told))


# --- fairness --------------------------------------------------------------------------

def _worst(results: ResultSet) -> dict[str, tuple[float, str]]:
    """The largest ratio of each variant's slowest CPU to its fastest, and its row."""
    found: dict[str, tuple[float, str]] = {}
    for row in results.rows.values():
        ratio = median(standings.unfairness(row))
        if ratio:
            found[row.variant] = max(found.get(row.variant, (0, "")), (ratio, row.name))
    return found


def _fairness(results: ResultSet, named: list[str]) -> Said:
    """Of the leaders, the base and the worst pool; null's is the machine's own."""
    worst = _worst(results)
    pools = sorted(filter(resultset.is_pool, worst), key=lambda name: -worst[name][0])
    if not pools:
        return
    ratio, row = worst[pools[0]]
    if ratio < FAIR:
        yield "fairness", ("no pool's slowest CPU takes more than "
                           f"{times(ratio)} of its fastest")
        return
    told = [f"{name} {times(worst[name][0])}" for name in pools
            if name in (*named, pools[0])]
    own = (f"; null, which shares nothing, {times(worst['null'][0])}"
           if "null" in worst else "")
    yield "fairness", ("the slowest CPU over the fastest, at the worst: "
                       f"{', '.join(told)}{own}. The first is of {row}")


# --- trust -----------------------------------------------------------------------------

def _noise(results: ResultSet) -> Said:
    if comparable.counts_exactly(results):
        return
    if results.launches == 1:
        yield "noise", ("one launch of each: nothing tells a difference from chance; "
                        "LAUNCHES=10 would")
        return
    cost = standings.cost_of(results)
    spreads = {name: wide for name, row in results.rows.items()
               if (wide := spread(row.values(cost))) is not None}
    if not spreads:
        return
    noisy = sum(wide > NOISY for wide in spreads.values())
    most = max(spreads, key=lambda name: spreads[name])
    yield "noise", (f"{noisy} of {len(spreads)} figures vary by more than {NOISY:.0%} "
                    f"over {results.launches} launches, most {most}"
                    f"{plus_minus(spreads[most])}. What lies closer together than its ± "
                    f"may be chance: tools/compare tests it{_warned(results.warnings)}")


def _warned(warnings: list[str]) -> str:
    """They have left the screen."""
    if not warnings:
        return ""
    return ("; mind the warning at the top" if len(warnings) == 1
            else f"; mind the {len(warnings)} warnings at the top")


def _limits(results: ResultSet) -> Said:
    if comparable.counts_exactly(results):
        yield "limits", COUNTED
    elif results.context.get("build") == "userspace":
        yield "limits", USERSPACE

# SPDX-License-Identifier: GPL-2.0-only
"""The decision of tools/gate and tools/eval: what looks worse is measured again, with
more launches, and only what is worse again, judged on its own, is a regression.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from .comparison import (DEFAULT_METRICS, Comparison, Judgement, Settings, Verdict,
                         compare)
from .resultset import ResultSet
from .tool import Failed, Unusable

# (cells, or none for all of them; launches) -> the base's result set and the new one's.
Measure = Callable[[list[str], int], tuple[ResultSet, ResultSet]]

LAUNCHES, AGAIN = 10, 20
# What a corrected p has to be below the second time: an alarm costs people's time.
ALPHA_AGAIN = 0.01
# Counts of one program's two pools differ by less than this for no reason of theirs.
COUNTS_THRESHOLD = 0.005
# A processor that counts instructions, too, does so with noise: the exact count stands.
COUNTED = "instructions_per_op"
NOT_COUNTED = tuple(name for name in DEFAULT_METRICS if name != COUNTED)


@dataclass(frozen=True)
class Procedure:
    """How much is measured, and what is held to what."""
    settings: Settings
    launches: int = LAUNCHES
    again: int = AGAIN      # of each cell that is measured again
    alpha_again: float = ALPHA_AGAIN
    counts: bool = True     # whether instructions are counted, too


def decide(measure: Measure, procedure: Procedure,
           say: Callable[[str], None] = lambda text: None) -> Comparison:
    """Measure, judge, and confirm; all alarms that are left are confirmed ones."""
    settings = procedure.settings
    first = compare(*measure([], procedure.launches), settings)
    # What is exact would be the same again.
    suspects = [j for j in first.suspects if not j.exact]
    if not suspects:
        return first
    cells = dict.fromkeys(cell for j in suspects for cell in _cells(j))
    say(f"{_figures(len(suspects))} worse: measuring again")
    closer = replace(
        settings, alpha=procedure.alpha_again, rows=_exactly(j.name for j in suspects),
        metrics=tuple(dict.fromkeys(j.metric.name for j in suspects)))
    try:
        second = compare(*measure(list(cells), procedure.again), closer)
    except (Failed, Unusable, KeyboardInterrupt) as err:
        return _unconfirmed(first, set(map(_key, suspects)), err)
    return _confirmed(first, second, set(map(_key, suspects)))


def _cells(judgement: Judgement) -> list[str]:
    rows = judgement.base_row, judgement.new_row
    return list(dict.fromkeys(f"{row.family}/{row.variant}" for row in rows))


def _figures(number: int) -> str:
    return "1 figure looks" if number == 1 else f"{number} figures look"


def _exactly(names: Iterable[str]) -> str:
    return "^(%s)$" % "|".join(map(re.escape, dict.fromkeys(names)))


def _key(judgement: Judgement) -> tuple[str, str]:
    return judgement.name, judgement.metric.name


def _confirmed(first: Comparison, second: Comparison,
               suspects: set[tuple[str, str]]) -> Comparison:
    again = {_key(j): j for j in second.judgements}
    judgements = [_settled(j, again.get(_key(j))) if _key(j) in suspects else j
                  for j in first.judgements]
    confirmed = sum(_key(j) in suspects and j.verdict == Verdict.REGRESSION
                    for j in judgements)
    launches = second.new.launches
    note = (f"{_figures(len(suspects))} worse: {confirmed or 'none'} confirmed by "
            f"{launches} more launch{'es' * (launches != 1)} ({second.new.path})")
    return replace(first, judgements=judgements, notes=[*first.notes, note],
                   looks=first.looks + second.looks,
                   base=_with_failures(first.base, second.base),
                   new=_with_failures(first.new, second.new))


def _settled(first: Judgement, again: Judgement | None) -> Judgement:
    """What the second measurement says counts; what it cannot say stays unclear."""
    if again is None or again.verdict == Verdict.IMPROVEMENT:
        return replace(again or first, verdict=Verdict.UNCLEAR)
    return again


def _unconfirmed(first: Comparison, suspects: set[tuple[str, str]], why: BaseException
                 ) -> Comparison:
    """Nothing could be measured again, so what looks worse stays unclear."""
    judgements = [replace(j, verdict=Verdict.UNCLEAR) if _key(j) in suspects else j
                  for j in first.judgements]
    return _failed(replace(first, judgements=judgements), "measuring again", why)


def _failed(found: Comparison, what: str, why: BaseException) -> Comparison:
    """What was found so far, and that the rest failed, or somebody stopped it."""
    failure = f"{what}: {str(why) or 'stopped'}"
    return replace(found, new=replace(found.new, failures=[*found.new.failures, failure]))


def _with_failures(first: ResultSet, second: ResultSet) -> ResultSet:
    failures = dict.fromkeys(first.failures + second.failures)
    return replace(first, failures=list(failures))


def judge(bench, procedure: Procedure, say: Callable[[str], None]) -> Comparison:
    """By time and memory, and by instructions where they can be counted.

    The bench has measure(), as above, count() for both sides' instructions, and
    uncounted() for why there are none to count.
    """
    why_not = bench.uncounted() if procedure.counts else ""
    if why_not or not procedure.counts:
        found = decide(bench.measure, procedure, say)
        return replace(found, notes=[*found.notes, *filter(None, [why_not])])
    settings = procedure.settings
    found = decide(bench.measure, replace(procedure, settings=replace(
        settings, metrics=NOT_COUNTED)), say)
    say("counting instructions")
    try:
        # What the two were compiled with is a part of what is judged.
        counts = compare(*bench.count(), replace(
            settings, metrics=(COUNTED,), force=True,
            threshold=settings.threshold or COUNTS_THRESHOLD))
    except (Failed, Unusable, KeyboardInterrupt) as err:
        return _failed(found, "counting instructions", err)
    return joined([found, counts])


def refused(base, new, broken: dict[str, str], notes: list[str]) -> Comparison:
    """Two sources of which the new one breaks the contract, and that are not measured."""
    sides = [ResultSet(Path(side.label), {"revision": side.revision}, {}, [])
             for side in (base, new)]
    return Comparison(*sides, Settings(), [], notes=notes, broken=broken)


def joined(comparisons: list[Comparison]) -> Comparison:
    """One of several that hold the same two against each other in different ways."""
    first = comparisons[0]
    notes = dict.fromkeys(note for found in comparisons for note in found.notes)
    judgements = [j for found in comparisons for j in found.judgements]
    base, new = first.base, first.new
    for found in comparisons[1:]:
        base, new = _with_failures(base, found.base), _with_failures(new, found.new)
    return replace(first, base=base, new=new, judgements=judgements, notes=list(notes),
                   forced=[text for found in comparisons for text in found.forced],
                   looks=[look for found in comparisons for look in found.looks])

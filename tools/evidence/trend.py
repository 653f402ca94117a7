# SPDX-License-Identifier: GPL-2.0-only
"""The result sets of one machine in the order of time: a Trend for every row and metric,
with the changes of its level.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from . import changepoint, comparable, noise, resultset
from .changepoint import Change
from .comparison import DEFAULT_METRICS, Metric
from .pagedata import reading_order
from .resultset import ResultSet, Row, median
from .tool import Unusable

# The runner writes elsewhere, under a hidden name, and renames: what is here is whole.
SET_NAME = re.compile(r"(\d{8}T\d{6}Z)-(.+)")
KIND_FACTS = ("build", "guest", "profile")


@dataclass
class Trend:
    """One metric of one row, from each of the sets that have it."""
    kind: str                       # which sets are alike: build, guest, profile
    row: Row                        # of the newest set
    metric: Metric
    sets: list[int]                 # their numbers in the history
    samples: list[list[float]]      # of each, a figure for each launch
    exact: bool
    threshold: float
    changes: list[Change] = field(default_factory=list)

    @property
    def first(self) -> float:
        return median(self.samples[0])

    @property
    def last(self) -> float:
        return median(self.samples[-1])

    @property
    def ratio(self) -> float | None:
        """None where something has come of nothing."""
        return self.last / self.first if self.first else None if self.last else 1.0

    def place(self, change: Change) -> int:
        """The number of the set from which on the level is another."""
        return self.sets[change.at]


@dataclass
class History:
    """The sets in the order of time, and what they show together."""
    folder: Path
    sets: list[ResultSet]
    trends: list[Trend]
    skipped: list[str]              # why a set was left out, a line each
    notes: list[str]

    @property
    def changed(self) -> list[Trend]:
        return [trend for trend in self.trends if trend.changes]


def revision(results: ResultSet) -> str:
    """As the set's name has it, which says of a tree whether it was clean."""
    return SET_NAME.fullmatch(results.path.name)[2]


def stamp(results: ResultSet) -> str:
    """2026-11-21 16:37, universal time."""
    when = SET_NAME.fullmatch(results.path.name)[1]
    return f"{when[:4]}-{when[4:6]}-{when[6:8]} {when[9:11]}:{when[11:13]}"


def kind(results: ResultSet) -> str:
    return ", ".join(results.context[key] for key in KIND_FACTS
                     if results.context.get(key))


# --- reading ---------------------------------------------------------------------------

def load(folder: Path) -> tuple[list[ResultSet], list[str]]:
    """The sets in a machine's folder, oldest first, and why others were skipped."""
    if not folder.is_dir():
        raise Unusable(f"{folder} is no folder: name one of results/, a machine's")
    sets, skipped = [], []
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if not SET_NAME.fullmatch(path.name):
            continue
        try:
            sets.append(resultset.load(path))
        except Unusable as lack:
            skipped.append(str(lack))
    if not sets:
        more = f" ({skipped[0]})" if skipped else ""
        raise Unusable(f"{folder} holds no result set{more}: run 'make bench', or name "
                       "another machine's folder")
    return sets, skipped


# --- trends ----------------------------------------------------------------------------

def history(folder: Path, metrics: list[str], pattern: str) -> History:
    """Everything of a machine's folder, of the rows whose name has the pattern."""
    sets, skipped = load(folder)
    floor, missing = noise.find(sets[-1])
    trends = [trend for metric in map(Metric, dict.fromkeys(metrics or DEFAULT_METRICS))
              for trend in _trends(sets, metric, floor)
              if re.search(pattern, trend.row.name)]
    if not trends:
        raise Unusable(f"{folder} has no such rows: choose another --metric or --filter")
    mark(trends)
    return History(folder, sets, trends, skipped, list(_notes(trends, missing)))


def _notes(trends: list[Trend], missing: str) -> Iterable[str]:
    noisy = [trend for trend in trends if not trend.exact]
    if missing and noisy:
        yield missing
    few = [trend for trend in noisy if len(trend.sets) < changepoint.FEWEST_SETS]
    if few:
        yield (f"{len(few)} of {len(trends)} figures are of fewer than "
               f"{changepoint.FEWEST_SETS} sets, too few to tell a change from what sets "
               "differ by anyway: none of theirs is marked")


def _trends(sets: list[ResultSet], metric: Metric, floor: noise.Floor) -> list[Trend]:
    """In the reading order of the newest set that has the row."""
    order: dict[tuple, list[int]] = {}
    for number in reversed(range(len(sets))):
        for row in reading_order(sets[number]):
            if row.values(metric.name):
                order.setdefault((kind(sets[number]), row.name), []).insert(0, number)
    found = [_trend(sets, name, numbers, metric, floor)
             for (_, name), numbers in order.items()]
    return sorted(found, key=lambda trend: (trend.kind, resultset.family_key(
        trend.row.family)))


def _trend(sets: list[ResultSet], name: str, numbers: list[int], metric: Metric,
           floor: noise.Floor) -> Trend:
    rows = [sets[number].rows[name] for number in numbers]
    samples = [row.values(metric.name) for row in rows]
    exact = metric.counted and all(
        comparable.counts_exactly(sets[number]) for number in numbers)
    own = floor.of(rows[-1], metric.name, min(map(len, samples)), False)
    return Trend(kind(sets[numbers[-1]]), rows[-1], metric, numbers, samples, exact,
                 noise.DEFAULT if own is None else own)


def mark(trends: list[Trend]) -> None:
    """Find the changes of all, those that chance has a part in together."""
    noisy = [trend for trend in trends if not trend.exact]
    found = changepoint.find([trend.samples for trend in noisy],
                             [trend.threshold for trend in noisy])
    for trend, changes in zip(noisy, found):
        trend.changes = changes
    for trend in trends:
        if trend.exact:
            trend.changes = changepoint.exact(trend.samples)


def moved_facts(before: ResultSet, after: ResultSet) -> list[str]:
    """What else changed from one set to the next: compiler, kernel, machine."""
    return sorted(comparable.differences(comparable.facts(before),
                                         comparable.facts(after)))

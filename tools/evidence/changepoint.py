# SPDX-License-Identifier: GPL-2.0-only
"""Where a series of samples changes its level: E-divisive means (Matteson and James, JASA
109, 2014), as MongoDB's performance tests use it (Daly and others, ICPE 2020).

The samples are the launches of one result set after another. A series is split between
the two sets where the energy distance of all before from all after is largest, and then
both sides are. As in Hunter (Fleming and others, ICPE 2023) a test of that split, here
Mann and Whitney's, stands in for E-divisive's permutations: few sets do not have enough.
Launches of one set are alike in more than the code, so a change must stand out from what
sets differ by, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from . import inference

Samples = Sequence[Sequence[float]]     # of each set, a figure for each launch


FEWEST_SETS = 6     # whose steps tell what sets differ by; of fewer no change is told
SCATTERS = 4        # a change is this many standard deviations of that


@dataclass(frozen=True)
class Change:
    """From set number `at` on the level is another."""
    at: int
    before: float       # medians of the level before, up to the change before that, …
    after: float        # … and of the level from here on
    p: float | None     # corrected; None of exact counts
    sets: int           # how many sets the new level has lasted

    @property
    def ratio(self) -> float | None:
        """None where something has come of nothing."""
        return self.after / self.before if self.before else None


@dataclass(frozen=True)
class Segment:
    """A part of a series that may have to be split."""
    series: int
    first: int
    end: int


# --- one split -------------------------------------------------------------------------

def best_split(samples: Samples) -> tuple[int, float]:
    """Between which sets the two sides differ most, and the p of that.

    The p of the best of many splits is, at the most, as many times that of one.
    """
    at = int(np.argmax(distances(samples))) + 1
    p = inference.u_test(joined(samples[:at]), joined(samples[at:]))
    return at, min(1.0, p * (len(samples) - 1))


def distances(samples: Samples) -> np.ndarray:
    """E-divisive's statistic of the split after each set but the last.

    It is n·m/(n+m) times the energy distance: twice the mean distance of the one side's
    values from the other's, less the mean distances within the sides.
    """
    values = joined(samples)
    sums = np.abs(values[:, None] - values).cumsum(0).cumsum(1)
    before = np.cumsum([len(launches) for launches in samples])[:-1]
    after = len(values) - before
    within = sums[before - 1, before - 1]
    across = sums[before - 1, -1] - within
    beyond = sums[-1, -1] - within - 2 * across
    return before * after / len(values) * (
        2 * across / (before * after) - within / np.maximum(before * (before - 1), 1)
        - beyond / np.maximum(after * (after - 1), 1))


def joined(samples: Samples) -> np.ndarray:
    return np.concatenate(samples)


def scatter(samples: Samples) -> float:
    """The standard deviation of sets about their level, as a part of it.

    From the median step between neighbours, most of which are no change; 0 where there
    are too few sets to tell.
    """
    levels = np.array([np.median(launches) for launches in samples])
    if len(levels) < FEWEST_SETS or min(levels) <= 0:
        return 0.0
    steps = np.abs(np.diff(np.log(levels)))
    return float(np.median(steps) / stats.norm.ppf(0.75) / np.sqrt(2))


def together(scatters: list[float]) -> list[float]:
    """Each, but no smaller than is usual: that of a few sets may be small by luck."""
    usual = float(np.median([one for one in scatters if one] or [0]))
    return [max(one, usual) if one else 0.0 for one in scatters]


def least_change(deviation: float, before: int, after: int) -> float:
    """What levels of so many sets must differ by to stand out from the scatter."""
    return float(np.expm1(SCATTERS * deviation * np.sqrt(1 / before + 1 / after)))


def differs(before: float, after: float, threshold: float) -> bool:
    """Whether the levels are further apart than the threshold, whichever way."""
    low, high = sorted((before, after))
    return high > low and (not low or high / low - 1 > threshold)


# --- many series -----------------------------------------------------------------------

def find(series: list[Samples], thresholds: list[float],
         alpha: float = inference.ALPHA) -> list[list[Change]]:
    """The changes of each series; of all tests that go on at once p is corrected.

    A series of too few sets has none: what those differ by anyway is not known. A
    threshold is what the levels have to differ by, as a part of the lower one.
    """
    places: list[dict[int, float]] = [{} for _ in series]
    scatters = together([scatter(samples) for samples in series])
    open_ones = [Segment(i, 0, len(samples)) for i, samples in enumerate(series)
                 if len(samples) >= FEWEST_SETS]
    while open_ones := [part for part in open_ones if part.end - part.first > 1]:
        splits = [best_split(series[s.series][s.first:s.end]) for s in open_ones]
        corrected = inference.corrected([p for _, p in splits])
        parts = []
        for part, (at, _), p in zip(open_ones, splits, corrected):
            middle = part.first + at
            sides = [np.median(joined(series[part.series][a:b]))
                     for a, b in ((part.first, middle), (middle, part.end))]
            least = max(thresholds[part.series], least_change(
                scatters[part.series], at, part.end - middle))
            if p <= alpha and differs(*sides, least):
                places[part.series][middle] = p
                parts += [Segment(part.series, part.first, middle),
                          Segment(part.series, middle, part.end)]
        open_ones = parts
    return [changes(samples, found, threshold)
            for samples, found, threshold in zip(series, places, thresholds)]


def changes(samples: Samples, places: dict[int, float | None], threshold: float
            ) -> list[Change]:
    """The changes at these places, each against the level next to it."""
    marks = [0, *sorted(places), len(samples)]
    levels = [float(np.median(joined(samples[a:b]))) for a, b in zip(marks, marks[1:])]
    found = [Change(at, levels[i], levels[i + 1], places[at], marks[i + 2] - at)
             for i, at in enumerate(marks[1:-1])]
    return [change for change in found
            if differs(change.before, change.after, threshold)]


def exact(samples: Samples) -> list[Change]:
    """The changes of counts that chance has no part in: every one."""
    levels = [float(np.median(launches)) for launches in samples]
    places = {at: None for at in range(1, len(levels)) if levels[at] != levels[at - 1]}
    return changes(samples, places, 0.0)

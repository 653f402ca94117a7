# SPDX-License-Identifier: GPL-2.0-only
"""The statistics of a comparison: test, interval, correction, what launches can tell.

A sample is one figure for each launch, since repetitions inside a process look tighter
than processes are. The same samples always give the same answer.
"""

import functools
import math

import numpy as np
from scipy import stats

ALPHA = 0.05
RESAMPLES = 9999
MOST_LAUNCHES = 1000
# Figures drawn at a time, which bounds the memory, and in all, which bounds the time.
AT_A_TIME, DRAWN = 20_000_000, 400_000_000


def u_test(base, new) -> float:
    """The two-sided p of the Mann-Whitney U test, that of Google Benchmark's compare.py.

    scipy counts the orders one by one where a side has at most 8 launches and no two
    figures are equal, and uses the normal approximation elsewhere.
    """
    return float(stats.mannwhitneyu(base, new, alternative="two-sided").pvalue)


@functools.cache
def smallest_p(n_base: int, n_new: int) -> float:
    """The p of two samples that do not overlap at all: no data give a smaller one."""
    return u_test(range(n_base), range(n_base, n_base + n_new))


def ratio_interval(base, new, alpha: float = ALPHA) -> tuple[float, float] | None:
    """The bootstrap interval (percentiles) of median(new) / median(base).

    None where it cannot be had: of single launches, or with a base that may be 0.
    """
    if min(len(base), len(new)) < 2 or min(base) <= 0:
        return None
    figures = len(base) + len(new)
    resamples = min(RESAMPLES, max(DRAWN // figures, RESAMPLES // 10))
    found = stats.bootstrap((base, new), _ratio_of_medians, vectorized=True,
                            n_resamples=resamples, confidence_level=1 - alpha,
                            batch=min(resamples, max(AT_A_TIME // figures, 1)),
                            method="percentile", random_state=0).confidence_interval
    return float(found.low), float(found.high)


def _ratio_of_medians(base, new, axis: int):
    return np.median(new, axis=axis) / np.median(base, axis=axis)


def corrected(p_values) -> list[float]:
    """The p-values after Benjamini and Hochberg's correction, in the order given.

    Where nothing has changed it raises a false alarm as seldom as Holm's; where a change
    moves many rows it confirms them from far fewer launches.
    """
    p_values = np.asarray(p_values, dtype=float)
    order = np.argsort(p_values)[::-1]
    ranks = np.arange(len(p_values), 0, -1)
    steps = np.minimum.accumulate(p_values[order] * (len(p_values) / ranks))
    result = np.empty(len(p_values))
    result[order] = np.minimum(steps, 1)
    return result.tolist()


def rows_needed(n_base: int, n_new: int, rows: int, alpha: float = ALPHA) -> int:
    """How many of the rows must have changed for launches so few to confirm them.

    More than there are means that nothing can be told.
    """
    return max(1, math.ceil(smallest_p(n_base, n_new) * rows / alpha - 1e-9))


def launches_needed(launches: int, rows: int, alpha: float = ALPHA) -> int:
    """The smallest number above launches that confirms a change of one row among many."""
    return next((n for n in range(max(launches, 1) + 1, MOST_LAUNCHES)
                 if smallest_p(n, n) * rows <= alpha), MOST_LAUNCHES)

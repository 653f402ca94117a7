# SPDX-License-Identifier: GPL-2.0-only
"""Recorded launches dealt to the two sides of a comparison, over and over, as if each
time they had been measured for it. They were not: the samples of one recording overlap.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from evidence import resultset
from evidence.resultset import ResultSet, Row
from evidence.tool import Unusable

# (launches in a row) -> those of the base, those of the new one.
Split = Callable[[np.random.Generator, np.ndarray], tuple[np.ndarray, np.ndarray]]


def load(paths: list[Path]) -> ResultSet:
    """The launches of several runs of the same in one set, in the order of time."""
    sets = sorted(map(resultset.load, paths), key=lambda s: s.context.get("date", ""))
    rows = dict(sets[0].rows)
    for other in sets[1:]:
        for name, row in rows.items():
            if name not in other.rows:
                raise Unusable(f"{other.path} has no row {name}: give sets of one and "
                               "the same 'make bench'")
            rows[name] = replace(row, launches=row.launches + other.rows[name].launches)
    return replace(sets[0], rows=rows)


def launches(whole: ResultSet) -> int:
    """How many every row has."""
    return min(len(row.launches) for row in whole.rows.values())


def part(whole: ResultSet, picks: np.ndarray, chosen: Callable[[Row], bool]) -> ResultSet:
    """These launches of the rows chosen."""
    return replace(whole, rows={
        name: replace(row, launches=[row.launches[i] for i in picks])
        for name, row in whole.rows.items() if chosen(row)})


def cell(row: Row) -> str:
    return f"{row.family}/{row.variant}"


def deal(random, total: int, sizes: list[int], shuffled: bool) -> list[np.ndarray]:
    """A piece of each size, no launch in two of them: out of a hat, or one by one."""
    if sum(sizes) > total:
        raise Unusable(f"{total} launches are too few: give sets of {sum(sizes)} or more")
    start = random.integers(total - sum(sizes) + 1)
    order = random.permutation(total) if shuffled else np.arange(total)
    return np.split(order[start:start + sum(sizes)], np.cumsum(sizes)[:-1])


def interleaved(random, picks: np.ndarray):
    """Of neighbours one to each side."""
    pairs = random.permuted(picks.reshape(-1, 2), axis=1)
    return pairs[:, 0], pairs[:, 1]


def in_blocks(_, picks: np.ndarray):
    """First the base's, then the new one's."""
    base, new = np.split(picks, 2)
    return base, new

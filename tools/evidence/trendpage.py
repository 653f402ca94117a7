# SPDX-License-Identifier: GPL-2.0-only
"""What the page of a history shows, as plain data: see trend.py and web/trend.js."""

from . import trend
from .changepoint import Change
from .pagedata import frame, ordered_params, summary


def change_entry(one: trend.Trend, change: Change) -> dict:
    worse = (change.after > change.before) != one.metric.larger_is_better
    return {"set": one.place(change), "before": change.before, "after": change.after,
            "ratio": change.ratio, "p": change.p, "sets": change.sets, "worse": worse}


def trend_entry(one: trend.Trend, keys: list[str]) -> dict:
    row = one.row
    return {"name": row.name, "family": row.family, "variant": row.variant,
            "params": [[key, row.params[key]] for key in keys if key in row.params],
            "figures": [], "metric": one.metric.name, "unit": one.metric.unit,
            "kind": one.kind, "first": one.first, "last": one.last, "ratio": one.ratio,
            "points": [[number, *summary(samples)]
                       for number, samples in zip(one.sets, one.samples)],
            "changes": [change_entry(one, change) for change in one.changes]}


def moved(found: trend.History, number: int) -> list[str]:
    """What of the machine and the build changed since the set of that kind before."""
    results = found.sets[number]
    earlier = [other for other in found.sets[:number]
               if trend.kind(other) == trend.kind(results)]
    return trend.moved_facts(earlier[-1], results) if earlier else []


def set_entries(found: trend.History) -> list[dict]:
    return [{"name": results.name, "revision": trend.revision(results),
             "when": trend.stamp(results), "kind": trend.kind(results),
             "launches": results.launches, "warnings": results.warnings + results.notes,
             "failures": results.failures, "moved": moved(found, number)}
            for number, results in enumerate(found.sets)]


def data(found: trend.History) -> dict:
    keys: dict[str, list[str]] = {}
    for results in found.sets:
        keys |= ordered_params(results)
    title = f"History of {found.folder.absolute().name}"
    return frame("history", title, found.sets) | {
        "sets": [], "history": set_entries(found), "skipped": found.skipped,
        "notes": found.notes,
        "trends": [trend_entry(one, keys[one.row.family]) for one in found.trends]}

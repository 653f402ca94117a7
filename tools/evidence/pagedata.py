# SPDX-License-Identifier: GPL-2.0-only
"""What a page shows of result sets, as plain data: medians and ranges over the launches,
percentiles, series, and how variants look. The scripts in web/ choose and draw.
"""

import sys
from pathlib import Path

import numpy as np

from . import closing, resultset, standings
from .resultset import ResultSet, Row, median, merge, spread

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plots"))
from looks import Look, looks  # noqa: E402

CURVE_POINTS = 160
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "p99.99": 0.9999,
             "max": 1.0}

MEASURES = {
    "pair": "one block allocated and freed at once, again and again",
    "batch": "N blocks held, then freed in an order",
    "bulk": "32 blocks a call",
    "dmapool_test": "the rows of the kernel's own test",
    "contend": "every CPU on one pool, or on a pool each as control",
    "handoff": "one CPU allocates, another frees",
    "latency": "every call timed, one at a time",
    "frag": "random lifetimes after a peak, and the memory kept",
    "driver": "the pools and patterns of real drivers",
    "replay": "a recorded trace",
}

# matplotlib's markers as the chart library has them: shape and turn in degrees.
SHAPES = {"o": ("circle", 0), "s": ("rect", 0), "D": ("rectRot", 0), "^": ("triangle", 0),
          "v": ("triangle", 180), ">": ("triangle", 90), "<": ("triangle", 270),
          "x": ("crossRot", 0), "+": ("cross", 0), "*": ("star", 0), "|": ("line", 90)}


# --- variants and workloads ------------------------------------------------------------

def variant_entry(variant: str, its: Look) -> dict:
    shape, turn = SHAPES[its.marker]
    return {"name": variant, "pool": resultset.is_pool(variant),
            "colour": its.colour, "onDark": its.on_dark, "shape": shape, "turn": turn,
            "open": its.open, "width": its.width}


def frame(kind: str, title: str, sets: list[ResultSet]) -> dict:
    """What pages of every kind have: the variants and workloads in reading order."""
    rows = [row for results in sets for row in results.rows.values()]
    variants = sorted({row.variant for row in rows}, key=resultset.variant_key)
    families = sorted({row.family for row in rows}, key=resultset.family_key)
    its = looks(variants)
    return {"kind": kind, "title": title, "baseline": resultset.baseline(variants),
            "variants": [variant_entry(name, its[name]) for name in variants],
            "families": [{"name": name, "measures": MEASURES.get(name, "")}
                         for name in families]}


# --- one set ---------------------------------------------------------------------------

def reading_order(results: ResultSet) -> list[Row]:
    return [row for family in results.families
            for params in results.combinations(family)
            for variant in results.variants(family)
            if (row := results.row(family, variant, params))]


def ordered_params(results: ResultSet) -> dict[str, list[str]]:
    """The parameters of each family, in reading order."""
    return {family: resultset.param_keys(results.combinations(family))
            for family in results.families}


def summary(values) -> list[float]:
    """Median, lowest and highest of the launches."""
    return [median(values), min(values), max(values)]


def row_entry(row: Row, keys: list[str]) -> dict:
    counters = sorted({key for launch in row.launches for key in launch.counters})
    unfair = standings.unfairness(row)
    return {"name": row.name, "family": row.family, "variant": row.variant,
            "params": [[key, row.params[key]] for key in keys if key in row.params],
            "launches": len(row.launches), "spread": spread(row.values("ns_per_op")),
            "unfairness": summary(unfair) if unfair else None,
            "figures": [[key, *summary(row.values(key))] for key in counters]}


def distribution_entry(row: Row, place: int, phase: str, parts) -> dict:
    """The merged histogram as a curve over nines: 0 is the minimum, 2 is p99."""
    whole = merge(parts)
    nines = np.linspace(0, np.log10(whole.total), CURVE_POINTS)
    curve = whole.quantile(1 - 10 ** -nines)
    known = {name: q for name, q in QUANTILES.items()
             if q == 1 or whole.total * (1 - q) >= 0.999}
    return {"row": place, "phase": phase, "samples": whole.total,
            "curve": [[round(float(x), 4), float(y)] for x, y in zip(nines, curve)],
            "quantiles": [[name, float(whole.quantile(q))] for name, q in known.items()]}


def distributions(results: ResultSet, rows: list[Row]) -> list[dict]:
    return [distribution_entry(row, place, phase, parts)
            for place, row in enumerate(rows) for phase in ("steady", "growth")
            if (parts := results.histograms(row.name, phase))]


def series_entry(place: int, launches: list[dict]) -> dict:
    """Medians over the launches, and the range of what is held."""
    ops = launches[0]["ops"]
    over = {key: np.array([np.interp(ops, run["ops"], run[key]) for run in launches])
            for key in resultset.SERIES_COLUMNS[1:]}
    entry = {key: np.median(values, axis=0).tolist() for key, values in over.items()}
    held = over["pages_held"]
    return {"row": place, "ops": ops.tolist(), **entry,
            "held_low": held.min(0).tolist(), "held_high": held.max(0).tolist()}


def set_entry(results: ResultSet, label: str) -> dict:
    """Everything that a page shows of one set."""
    rows, keys = reading_order(results), ordered_params(results)
    return {"label": label, "name": results.name,
            "launches": results.launches,
            "facts": sorted(results.context.items()),
            "warnings": results.warnings + results.notes, "failures": results.failures,
            "rows": [row_entry(row, keys[row.family]) for row in rows],
            "distributions": distributions(results, rows),
            "series": [series_entry(place, found) for place, row in enumerate(rows)
                       if (found := results.series(row.name))]}


# --- a comparison ----------------------------------------------------------------------

def judgement_entry(judgement, keys: list[str]) -> dict:
    row = judgement.new_row
    return {"name": judgement.name, "family": row.family, "variant": row.variant,
            "params": [[key, row.params[key]] for key in keys if key in row.params],
            "metric": judgement.metric.name, "kind": judgement.metric.kind.value,
            "unit": judgement.metric.unit, "verdict": judgement.verdict.value,
            "base": summary(judgement.base), "new": summary(judgement.new),
            "launches": judgement.launches, "ratio": judgement.ratio,
            "interval": judgement.interval, "p": judgement.corrected,
            "exact": judgement.exact, "threshold": judgement.threshold,
            "size": min(judgement.size, sys.float_info.max)}


def comparison_entry(found) -> dict:
    """A comparison.Comparison as the page shows it."""
    keys = ordered_params(found.new)
    return {"headline": found.headline, "notes": found.notes, "forced": found.forced,
            "onlyBase": found.only_base, "onlyNew": found.only_new,
            "judgements": [judgement_entry(judgement, keys[judgement.new_row.family])
                           for judgement in found.judgements]}


# --- pages -----------------------------------------------------------------------------

def single(results: ResultSet) -> dict:
    return frame("single", results.name, [results]) | {
        "closing": closing.sentences(results), "sets": [set_entry(results, "")]}


def compared(found) -> dict:
    title = f"{found.base.name} → {found.new.name}"
    return frame("comparison", title, [found.base, found.new]) | {
        "sets": [set_entry(found.base, "BASE"), set_entry(found.new, "NEW")],
        "comparison": comparison_entry(found)}

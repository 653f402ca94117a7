# SPDX-License-Identifier: GPL-2.0-only
"""A comparison for programs: JSON, JUnit XML, github-action-benchmark's and Bencher's
formats, CSV. All rows are in each; a figure there is none of is left out or empty.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as tree
from dataclasses import asdict

from . import tables
from .comparison import Comparison, Judgement, Verdict
from .resultset import ResultSet

SCHEMA = "dmapool-bench-comparison/1"
EXITS = {0: "fine", 1: "regression", 3: "too noisy", 4: "failed"}


def _present(pairs: dict) -> dict:
    return {key: value for key, value in pairs.items() if value is not None}


# --- JSON ------------------------------------------------------------------------------

def as_dict(comparison: Comparison) -> dict:
    """What results/schema/comparison.schema.json describes."""
    return {
        "schema": SCHEMA,
        "headline": comparison.headline,
        "outcome": EXITS[comparison.exit_code],
        "exit_code": comparison.exit_code,
        "base": _side(comparison.base),
        "new": _side(comparison.new),
        "method": {"test": "Mann-Whitney U, two-sided",
                   "correction": "Benjamini-Hochberg",
                   "looks": [asdict(look) for look in comparison.looks]},
        "counts": {verdict.value: len(comparison.of(verdict)) for verdict in Verdict},
        "forced": comparison.forced,
        "notes": comparison.notes,
        "failures": comparison.failures,
        "broken": comparison.broken,
        "only_base": comparison.only_base,
        "only_new": comparison.only_new,
        "judgements": [_judgement(j) for j in comparison.judgements],
    }


def _side(results: ResultSet) -> dict:
    return _present({"path": str(results.path), "launches": results.launches,
                     "revision": results.context.get("revision"),
                     "date": results.context.get("date"),
                     "host_name": results.context.get("host_name")})


def _judgement(judgement: Judgement) -> dict:
    row = judgement.new_row
    return _present({
        "row": row.name, "base_row": judgement.base_row.name,
        "family": row.family, "variant": row.variant, "params": row.params,
        "metric": judgement.metric.name, "unit": judgement.metric.unit,
        "larger_is_better": judgement.metric.larger_is_better,
        "verdict": judgement.verdict.value, "exact": judgement.exact,
        "base": judgement.base_median, "new": judgement.new_median,
        "ratio": judgement.ratio,
        "interval": judgement.interval and list(judgement.interval),
        "p": judgement.p, "corrected_p": judgement.corrected, "alpha": judgement.alpha,
        "floor": judgement.floor, "threshold": judgement.threshold,
        "base_launches": list(judgement.base), "new_launches": list(judgement.new)})


def as_json(comparison: Comparison) -> str:
    return json.dumps(as_dict(comparison), indent=1, ensure_ascii=False) + "\n"


# --- for CI ----------------------------------------------------------------------------

def _in_words(judgement: Judgement) -> str:
    base, new, change, interval, p = tables.cells(judgement)
    chance = "" if judgement.exact else f", interval {interval}, corrected p {p}"
    return (f"{judgement.metric.name}: {base} -> {new} ({change}{chance}): "
            f"{tables.word(judgement)}")


def junit(comparison: Comparison) -> str:
    """A test case for each figure, which fails as a regression and is skipped as unclear,
    for each broken test of the contract, and for each benchmark that failed.

    It has what the strictest readers ask for: tests/junit.xsd.
    """
    suites = tree.Element("testsuites")
    suite = tree.SubElement(suites, "testsuite", _suite(comparison))
    properties = tree.SubElement(suite, "properties")
    for name, value in (*tables.sides(comparison),
                        ("measured", tables.measured(comparison))):
        tree.SubElement(properties, "property", name=name, value=value)
    for judgement in comparison.judgements:
        _case(suite, judgement)
    for test, why in comparison.broken.items():
        case = tree.SubElement(suite, "testcase", classname="contract", name=test,
                               time="0")
        tree.SubElement(case, "failure", type="contract", message=why)
    for text in comparison.failures:
        name, _, why = text.partition(": ")
        case = tree.SubElement(suite, "testcase", classname="failed", name=name, time="0")
        tree.SubElement(case, "error", type="failed", message=why)
    notes = [f"{kind}: {text}" for kind, text in tables.remarks(comparison)]
    said = tree.SubElement(suite, "system-out")
    said.text = "\n".join([comparison.headline, *notes])
    tree.SubElement(suite, "system-err")
    tree.indent(suites)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + tree.tostring(
        suites, encoding="unicode") + "\n"


def _suite(comparison: Comparison) -> dict[str, str]:
    """Its attributes; the time that it took is not known here."""
    failed, broken = comparison.failures, comparison.broken
    context = comparison.new.context
    date = re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", context.get("date", ""))
    return {"name": "dmapool-bench compare", "package": "dmapool-bench", "id": "0",
            "hostname": context.get("host_name", "localhost"),
            "timestamp": date[0] if date else "1970-01-01T00:00:00", "time": "0",
            "tests": str(len(comparison.judgements) + len(broken) + len(failed)),
            "failures": str(len(comparison.regressions) + len(broken)),
            "errors": str(len(failed)),
            "skipped": str(len(comparison.of(Verdict.UNCLEAR)))}


def _case(suite: tree.Element, judgement: Judgement) -> None:
    row = judgement.new_row
    group = f"{row.family}.{row.variant}" if row.variant else "benchmark"
    case = tree.SubElement(suite, "testcase", classname=group, time="0",
                           name=f"{row.name} {judgement.metric.name}")
    if judgement.verdict == Verdict.REGRESSION:
        tree.SubElement(case, "failure", type="regression", message=_in_words(judgement))
    elif judgement.verdict == Verdict.UNCLEAR:
        tree.SubElement(case, "skipped", message=_in_words(judgement))


def smaller_is_better(comparison: Comparison) -> str:
    """github-action-benchmark's customSmallerIsBetter: the new figures that are so."""
    return json.dumps([
        {"name": f"{j.name} {j.metric.name}", "unit": j.metric.unit,
         "value": j.new_median, "range": f"± {(max(j.new) - min(j.new)) / 2:.4g}",
         "extra": _in_words(j)}
        for j in comparison.judgements if not j.metric.larger_is_better],
        indent=1, ensure_ascii=False) + "\n"


def bencher(comparison: Comparison) -> str:
    """Bencher Metric Format: the new medians between the least and the most."""
    rows: dict[str, dict] = {}
    for j in comparison.judgements:
        # Bencher's own measure of time is called so, and is in nanoseconds.
        measure = "latency" if j.metric.name in ("ns_per_op", "real_time") else (
            j.metric.name)
        rows.setdefault(j.name, {})[measure] = {
            "value": j.new_median, "lower_value": min(j.new), "upper_value": max(j.new)}
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


# --- CSV -------------------------------------------------------------------------------

COLUMNS = ("row", "base_row", "metric", "unit", "base", "new", "ratio", "low", "high",
           "p", "corrected_p", "alpha", "floor", "threshold", "exact", "verdict",
           "base_n", "new_n")


def as_csv(comparison: Comparison) -> str:
    text = io.StringIO()
    out = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    out.writeheader()
    for judgement in comparison.judgements:
        low, high = judgement.interval or ("", "")
        out.writerow(_judgement(judgement)
                     | {"low": low, "high": high, "base_n": len(judgement.base),
                        "new_n": len(judgement.new)})
    return text.getvalue()


FORMATS = {"json": as_json, "junit": junit, "customSmallerIsBetter": smaller_is_better,
           "bencher": bencher, "csv": as_csv}

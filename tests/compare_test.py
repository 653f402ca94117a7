#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of tools/compare: the statistics against scipy and Google Benchmark's compare.py,
what is judged how, and every format read back.
"""

import csv
import io
import json
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as tree
from pathlib import Path
from unittest import mock

import jsonschema
import lxml.etree
import numpy as np
from scipy import stats

sys.dont_write_bytecode = True
from analysis_test import ROOT, Case, row, write  # noqa: E402
from evidence import (comparison, exports, gating, inference, noise,  # noqa: E402
                      resultset)
from evidence.comparison import Settings, Verdict  # noqa: E402

COMPARE = ROOT / "tools/compare"
GBENCH = Path("/usr/share/benchmark")
CONTEXT = {"schema": "dmapool-bench/1", "build": "userspace", "host_name": "ares",
           "cpu_model": "Imagined", "kernel": "6.1", "revision": "abc",
           "date": "2026-01-01T00:00:00+00:00"}
NAME = "pair/{}/size:{}/threads:1"
random = np.random.default_rng(5)
FIRST = random.bit_generator.state


def launches(center: float, n: int = 12, sigma: float = 0.01) -> list[float]:
    return (center * random.lognormal(0, sigma, n)).tolist()


def plain_row(name: str, launch: int, time: float, unit: str = "ns") -> dict:
    return row(name, launch) | {"real_time": time, "cpu_time": time * 1.01,
                                "time_unit": unit}


class Sets(Case):
    """Result sets made of figures; each test draws the same, whichever ran before."""

    def setUp(self):
        super().setUp()
        random.bit_generator.state = FIRST

    def make(self, name: str, figures: dict[str, dict[str, list]], **context) -> Path:
        """A set with a launch for each figure: {row name: {counter: figures}}."""
        rows = [row(key, n, **{c: values[n] for c, values in counters.items()})
                for key, counters in figures.items()
                for n in range(len(next(iter(counters.values()))))]
        folder = self.folder / name / "20260101T000000Z-abc"
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / "results.json", {"context": CONTEXT | context, "benchmarks": rows})
        return folder

    def times(self, name: str, *centers: float, n: int = 12, **context) -> Path:
        return self.make(name, {NAME.format("null", 1 << i): {
            "ns_per_op": launches(center, n)} for i, center in enumerate(centers)},
            **context)

    def judge(self, base: Path, new: Path, **settings) -> comparison.Comparison:
        return comparison.compare(resultset.load(base, plain=True),
                                  resultset.load(new, plain=True), Settings(**settings))

    def verdicts(self, base: Path, new: Path, **settings) -> list[str]:
        return [j.verdict.value for j in self.judge(base, new, **settings).judgements]


# --- statistics ------------------------------------------------------------------------

class Statistics(Sets):
    SAMPLES = [(launches(10, 5), launches(11, 5)), (launches(10, 9), launches(10.1, 12)),
               ([1, 2, 2, 3, 3], [2, 3, 4, 4, 4]), ([1.0] * 6, [2.0] * 9)]

    def test_p_is_scipys(self):
        for base, new in self.SAMPLES:
            self.assertEqual(inference.u_test(base, new),
                             stats.mannwhitneyu(base, new).pvalue)

    def test_smallest_p_is_counted(self):
        # All orders of 4 and 4: 70, of which two do not overlap.
        self.assertAlmostEqual(inference.smallest_p(4, 4), 2 / 70)

    def test_interval_is_scipys(self):
        def ratio(base, new, axis):
            return np.median(new, axis=axis) / np.median(base, axis=axis)

        for base, new in self.SAMPLES[:3]:
            theirs = stats.bootstrap((base, new), ratio, method="percentile",
                                     random_state=0, confidence_level=0.95)
            self.assertEqual(inference.ratio_interval(base, new),
                             tuple(theirs.confidence_interval))

    def test_interval_by_hand(self):
        base, new = self.SAMPLES[1]
        draws = [np.median(random.choice(new, len(new)))
                 / np.median(random.choice(base, len(base))) for _ in range(20000)]
        np.testing.assert_allclose(inference.ratio_interval(base, new),
                                   np.percentile(draws, (2.5, 97.5)), rtol=0.003)

    def test_no_interval_of_nothing(self):
        self.assertIsNone(inference.ratio_interval([1], [1, 2]))
        self.assertIsNone(inference.ratio_interval([0, 1], [1, 2]))

    def test_correction_is_benjamini_and_hochbergs(self):
        # The example of their article of 1995: the first four are confirmed at 0.05.
        given = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
                 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
        found = inference.corrected(given)
        self.assertEqual([p <= 0.05 for p in found], [True] * 4 + [False] * 11)
        self.assertAlmostEqual(found[3], 0.0095 * 15 / 4)
        self.assertEqual(inference.corrected(given[::-1]), found[::-1])
        self.assertEqual(inference.corrected([0.04, 0.05, 0.03]), [0.05] * 3)
        self.assertEqual(inference.corrected([]), [])

    def test_what_launches_can_tell(self):
        self.assertEqual(inference.rows_needed(5, 5, 1), 1)
        self.assertEqual(inference.rows_needed(5, 5, 100), 16)
        self.assertEqual(inference.launches_needed(5, 100), 8)
        self.assertEqual(inference.launches_needed(9, 200), 10)

    def test_p_is_that_of_compare_py(self):
        if not (GBENCH / "compare.py").exists():
            self.skipTest("compare.py is not there: install libbenchmark-tools")
        for name, scale in {"base": 1, "new": 1.04}.items():
            write(self.folder / f"{name}.json", {"context": {}, "benchmarks": [
                plain_row(f"BM_{unit}/{n}", i, time, unit)
                for n, unit in enumerate(("ns", "us", "ms")) for i, time in
                enumerate(launches(10 * scale, 5 + 4 * n, 0.03))]})
        paths = [self.folder / "base.json", self.folder / "new.json"]
        subprocess.run(["/usr/bin/python3", "-B", GBENCH / "compare.py", "-d",
                        self.folder / "theirs.json", "benchmarks", *paths], check=True,
                       capture_output=True, cwd=self.folder)
        theirs = json.loads((self.folder / "theirs.json").read_text())
        utests = {r["name"]: r["utest"] for r in theirs if r.get("utest")}
        done = self.run_tool(COMPARE, *paths, "--format=json", "--metric=real_time",
                             "--metric=cpu_time")
        ours = {(j["row"], j["metric"]): j["p"]
                for j in json.loads(done.stdout)["judgements"]}
        self.assertEqual(len(utests), 3)
        for name, utest in utests.items():
            self.assertAlmostEqual(ours[name, "real_time"], utest["time_pvalue"])
            self.assertAlmostEqual(ours[name, "cpu_time"], utest["cpu_pvalue"])


# --- judging ---------------------------------------------------------------------------

class Judging(Sets):
    def test_a_planted_change_is_found_and_nothing_else(self):
        base = self.times("base", *[10] * 40)
        new = self.times("new", *[10] * 17, 11, 9, *[10] * 21)
        found = self.judge(base, new)
        self.assertEqual([j.name for j in found.regressions],
                         [NAME.format("null", 1 << 17)])
        self.assertEqual([j.name for j in found.of(Verdict.IMPROVEMENT)],
                         [NAME.format("null", 1 << 18)])
        self.assertEqual(found.headline, "1 of 40 rows slower, 1 faster")
        judgement = found.regressions[0]
        self.assertAlmostEqual(judgement.ratio, 1.1, delta=0.02)
        self.assertLess(judgement.interval[0], judgement.ratio)
        self.assertGreater(judgement.interval[1], judgement.ratio)
        done = self.run_tool(COMPARE, base, new)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertEqual(done.stdout.splitlines()[0], found.headline)
        self.assertIn("+", next(line for line in done.stdout.splitlines()
                                if line.endswith(judgement.name)))
        self.assertEqual(self.run_tool(COMPARE, base, base).returncode, 0)

    def test_like_is_like(self):
        # Noise of 4 %, a floor of 5 %: 30 comparisons of 20 rows, none an alarm.
        alarms = 0
        for _ in range(30):
            figures = [{NAME.format("null", n): {"ns_per_op": launches(9, 10, 0.04)}
                        for n in range(20)} for _ in range(2)]
            found = self.judge(self.make("a", figures[0]), self.make("b", figures[1]))
            alarms += found.exit_code != 0
        self.assertLessEqual(alarms, 1)

    def test_threshold_and_floor(self):
        base, new = self.times("base", 100), self.times("new", 103)
        self.assertEqual(self.verdicts(base, new), ["same"])
        floor = {"schema": noise.SCHEMA, "launches": 12, "machine": {"kernel": "6.1"},
                 "floors": {NAME.format("null", 1): {"ns_per_op": 0.01}}, "steps": {}}
        path = write(new.parent / "noise.json", floor)
        self.assertEqual(self.verdicts(base, new), ["regression"])
        self.assertEqual(self.verdicts(base, new, threshold=0.05), ["same"])
        # Three launches are twice as noisy as twelve.
        row_of = resultset.load(new).rows[NAME.format("null", 1)]
        self.assertAlmostEqual(noise.load(path).of(row_of, "ns_per_op", 3, False), 0.02)
        self.assertAlmostEqual(noise.load(path).of(row_of, "ns_per_op", 50, False), 0.01)
        write(path, floor | {"machine": {"kernel": "6.12"}})
        self.assertEqual(self.verdicts(base, new), ["same"])
        self.assertIn("another machine", self.judge(base, new).notes[0])

    def test_a_new_variant_is_as_noisy_as_its_like(self):
        floor = noise.Floor(9, {}, {NAME.format(v, 64): {"ns_per_op": f} for v, f in (
            ("a", 0.01), ("b", 0.02), ("c", 0.9), ("null", 0.5), ("peer-x", 0.5))})
        fresh = resultset.Row(NAME.format("mine", 64), "pair", "mine", {})
        self.assertEqual(floor.of(fresh, "ns_per_op", 9, False), 0.02)
        self.assertIsNone(floor.of(fresh, "p99_ns", 9, False))
        other = resultset.Row(NAME.format("mine", 8), "pair", "mine", {})
        self.assertIsNone(floor.of(other, "ns_per_op", 9, False))

    def test_larger_may_be_better(self):
        sets = [self.make(name, {NAME.format("null", 8): {"ops_per_s": launches(v)}})
                for name, v in (("base", 1e9), ("new", 2e9))]
        self.assertEqual(self.verdicts(*sets, metrics=("ops_per_s",)), ["improvement"])
        self.assertEqual(self.verdicts(*sets[::-1], metrics=("ops_per_s",)),
                         ["regression"])

    def test_instructions_are_exact_where_they_are_counted(self):
        def counted(name, value, build):
            return self.make(name, {NAME.format("null", 8): {
                "instructions_per_op": [value]}}, build=build)

        base, new = counted("a", 78.01, "callgrind"), counted("b", 78.02, "callgrind")
        self.assertEqual(self.verdicts(base, new), ["regression"])
        self.assertEqual(self.verdicts(new, base), ["improvement"])
        self.assertEqual(self.verdicts(new, new), ["same"])
        self.assertEqual(self.verdicts(base, new, threshold=0.01), ["same"])
        self.assertIn("78.01", self.run_tool(COMPARE, base, new).stdout)
        # A counter of the processor's is none, nor is one launch of anything a proof.
        base, new = counted("a", 78.01, "userspace"), counted("b", 178.0, "userspace")
        self.assertEqual(self.verdicts(base, new), ["unclear"])

    def test_one_launch_tells_of_memory_where_instructions_are_counted(self):
        frag = "frag/mine/size:64/threads:1"
        base, more = (self.make(name, {frag: {
            "instructions_per_op": [90.0], "pages_held": [pages], "bytes_stranded": [0]}},
            build="callgrind") for name, pages in (("base", 391), ("more", 392)))
        same = self.judge(base, base)
        self.assertEqual((same.exit_code, same.headline, same.looks[0].tests),
                         (0, "memory unchanged, instructions unchanged", 0))
        self.assertEqual([j.metric.name for j in self.judge(base, more).regressions],
                         ["pages_held"])

    def test_exact_counts_know_no_machine(self):
        sets = [self.make(name, {NAME.format("null", 8): {"instructions_per_op": [7]}},
                          build="callgrind", host_name=name, seed="1")
                for name in ("base", "new")]
        self.assertEqual(self.verdicts(*sets), ["same"])

    def test_memory(self):
        frag = "frag/mine/size:64/threads:1"
        base, same, more, nothing = (
            self.make(name, {frag: {"ns_per_op": [5.0] * 9, "pages_held": pages,
                                    "bytes_stranded": [0] * 9}})
            for name, pages in (("base", [391] * 9), ("same", [391] * 9),
                                ("more", [392] * 9), ("nothing", [0] * 9)))
        self.assertEqual(self.judge(base, same).headline,
                         "none of 1 rows slower or faster, memory unchanged")
        self.assertEqual([j.metric.name for j in self.judge(base, more).regressions],
                         ["pages_held"])
        self.assertIn("from 0", self.run_tool(COMPARE, nothing, more).stdout)
        self.assertEqual(self.judge(more, nothing).exit_code, 0)

    def test_too_few_launches(self):
        base = self.times("base", *[10] * 20, n=3)
        new = self.times("new", *[20] * 20, n=3)
        found = self.judge(base, new)
        self.assertEqual({j.verdict for j in found.judgements}, {Verdict.UNCLEAR})
        self.assertIn("too few launches to tell: 3, at least 4", " ".join(found.notes))
        done = self.run_tool(COMPARE, base, new)
        self.assertEqual(done.returncode, 3)
        self.assertTrue(done.stdout.startswith("too noisy to say: "))
        # With five, all twenty together can be told, and one alone cannot.
        base = self.times("base", *[10] * 20, n=5)
        new = self.times("new", *[20] * 20, n=5)
        self.assertEqual(self.judge(base, new).exit_code, 1)
        one = self.judge(base, self.times("new", 20, *[10] * 19, n=5))
        self.assertEqual((one.exit_code, len(one.suspects)), (3, 1))

    def test_exact_figures_do_not_make_noisy_ones_quieter(self):
        # Two of ten rows look slower by far, on few of the launches.
        slow = [10.0] * 5 + [20.0] * 7
        names = [NAME.format("null", 1 << n) for n in range(10)]
        base = {name: {"ns_per_op": [10.0] * 6 + [20.0] * 6 if n < 2 else [10.0] * 12,
                       "pages_held": [4] * 12} for n, name in enumerate(names)}
        new = base | {name: base[name] | {"ns_per_op": slow} for name in names[:2]}
        found = self.judge(self.make("base", base), self.make("new", new))
        self.assertEqual((len(found.suspects), len(found.judgements)), (2, 20))
        self.assertEqual(found.exit_code, 3)
        # Of twenty-one that were tested two are few.
        more = {NAME.format("null", 2048 << n): {"ns_per_op": [10.0] * 12}
                for n in range(11)}
        found = self.judge(self.make("base", base | more), self.make("new", new | more))
        self.assertEqual((len(found.suspects), found.exit_code), (2, 0))

    def test_two_variants_of_one_set(self):
        both = self.make("both", {NAME.format(v, 8): {"ns_per_op": launches(ns)}
                                  for v, ns in (("old", 10), ("young", 12))})
        (judgement,) = self.judge(both, both, variants=("old", "young")).regressions
        self.assertEqual((judgement.base_row.variant, judgement.new_row.variant),
                         ("old", "young"))
        done = self.run_tool(COMPARE, both, "--base-variant=old", "--new-variant=young")
        self.assertEqual(done.returncode, 1)
        for words, *options in (("give both", both, "--base-variant=old"),
                                ("NEW is missing", both),
                                ("choose from old young", both, "--base-variant=old",
                                 "--new-variant=other")):
            self.assert_one_line(self.run_tool(COMPARE, *options), 2, words)

    def test_rows_of_one_side_and_rows_that_failed(self):
        base, new = self.times("base", 5, 6), self.times("new", 5, 6, 7)
        self.assertEqual(self.judge(base, new).only_new, [NAME.format("null", 4)])
        self.assertIn("only in NEW: pair/null/size:4",
                      self.run_tool(COMPARE, base, new).stdout)
        data = json.loads((new / "results.json").read_text())
        data["benchmarks"].append(row(NAME.format("null", 9)) | {
            "error_occurred": True, "error_message": "no memory"})
        write(new / "results.json", data)
        done = self.run_tool(COMPARE, base, new)
        self.assertEqual(done.returncode, 4)
        self.assertIn("FAILED   pair/null/size:9/threads:1: no memory", done.stdout)

    def test_filter_and_metric(self):
        base = self.times("base", 5, 6)
        self.assertEqual(len(self.judge(base, base, rows="size:2").judgements), 1)
        for words, option in (("no row in common", "--filter=nothing"),
                              ("choose --metric from", "--metric=p99_ns"),
                              ("ns_per_op real_time", "--metric=\x1b[2J")):
            done = self.run_tool(COMPARE, base, base, option)
            self.assert_one_line(done, 2, words)
            self.assertNotIn("\x1b", done.stderr)


class Refusals(Sets):
    def refuse(self, base: Path, new: Path, words: str) -> None:
        self.assert_one_line(self.run_tool(COMPARE, base, new), 2, words)
        for name in ("terminal", "markdown", "commit", "latex", "csv", "bencher"):
            done = self.run_tool(COMPARE, base, new, "--force", f"--format={name}")
            self.assertEqual(done.returncode, 0, done.stderr)
            said = done.stdout + done.stderr
            self.assertRegex(said.replace("\\", ""),
                             rf"(?i)forced[: ]+{re.escape(words)}")

    def test_other_machines_and_builds(self):
        base = self.times("base", 5)
        for fact in ("host_name", "cpu_model", "kernel"):
            self.refuse(base, self.times("new", 5, **{fact: "other"}), f"{fact}: ")
        self.assertEqual(self.run_tool(COMPARE, base, base, "--force").stderr, "")

    def test_settings_that_distort(self):
        warning = "the kernel checks itself, at a cost: CONFIG_KASAN; and more"
        base = self.times("base", 5, warning=warning)
        self.refuse(base, base, "BASE: the kernel checks itself")
        base = self.times("base", 5, warning="this is a debug build, not a release build")
        self.refuse(base, base, "BASE: this is a debug build")

    def test_what_is_of_the_moment_is_only_told(self):
        base = self.times("base", 5)
        new = self.times("base", 5, revision="def", load_before="9",
                         warning="the load was 9.00 on 2 CPUs")
        done = self.run_tool(COMPARE, base, new)
        self.assertEqual(done.returncode, 0)
        self.assertIn("the load was 9.00", done.stdout)

    def test_mixed_schemas(self):
        plain = write(self.folder / "plain.json", {"benchmarks": [
            plain_row(NAME.format("null", 1), 0, 1.0)]})
        self.assert_one_line(self.run_tool(COMPARE, plain, self.times("new", 5)), 2,
                             "another program's result against a userspace result")
        later = self.times("later", 5, schema="dmapool-bench/2")
        self.assert_one_line(self.run_tool(COMPARE, later, later), 2, "dmapool-bench/2")
        counted = self.times("counted", 5, build="callgrind")
        self.assert_one_line(self.run_tool(COMPARE, self.times("new", 5), counted), 2,
                             "count of instructions")

    def test_options(self):
        base = self.times("base", 5)
        for option in ("--threshold=x", "--threshold=-1", "--threshold=nan", "--alpha=0",
                       "--format=word", "--filter=(", "--frobnicate"):
            done = self.run_tool(COMPARE, base, base, option)
            self.assertEqual((done.returncode, done.stdout), (2, ""), option)
            self.assertNotIn("Traceback", done.stderr)
        done = self.run_tool(COMPARE, base, base, "--output", self.folder / "no/where")
        self.assert_one_line(done, 2, "no place for a file")
        for tool in (COMPARE, ROOT / "tools/calibrate"):
            self.assertEqual(self.run_tool(tool, "--help").returncode, 0)


# --- formats ---------------------------------------------------------------------------

class Formats(Sets):
    # Two rows of each verdict's, and one of memory; the names are as hostile as can be.
    HOSTILE = "a|b`c`&<script>alert(1)</script>_$x^{y}~#%\\\"'*"

    def setUp(self):
        super().setUp()
        names = [self.HOSTILE, "BM_other/8"]
        for side, times in (("base", (10, 10)), ("new", (12, 10))):
            write(self.folder / f"{side}.json", {"benchmarks": [
                plain_row(name, n, t) | {"items_per_second": 1 / t}
                for name, center in zip(names, times)
                for n, t in enumerate(launches(center))]})
        self.metrics = ("--metric=real_time", "--metric=items_per_second")

    def output(self, name: str, *options: str) -> str:
        done = self.run_tool(COMPARE, self.folder / "base.json", self.folder / "new.json",
                             f"--format={name}", *self.metrics, *options)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        return done.stdout

    def test_json_keeps_its_schema(self):
        schema = json.loads((ROOT / "results/schema/comparison.schema.json").read_text())
        data = json.loads(self.output("json"))
        jsonschema.Draft202012Validator(schema).validate(data)
        self.assertEqual(data["counts"], {"regression": 2, "improvement": 0, "same": 2,
                                          "unclear": 0})
        first = data["judgements"][0]
        self.assertEqual(first["ratio"], np.median(first["new_launches"])
                         / np.median(first["base_launches"]))
        jsonschema.Draft202012Validator.check_schema(schema)

    def test_junit(self):
        suite = tree.fromstring(self.output("junit")).find("testsuite")
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("4", "2"))
        cases = {case.get("name"): case for case in suite.iter("testcase")}
        self.assertEqual(len(cases), 4)
        failure = cases[f"{self.HOSTILE} real_time"].find("failure")
        self.assertIn("slower", failure.get("message"))
        self.assertIsNone(cases["BM_other/8 real_time"].find("failure"))

    def test_junit_keeps_its_schema(self):
        schema = lxml.etree.XMLSchema(file=ROOT / "tests/junit.xsd")
        schema.assertValid(lxml.etree.fromstring(self.output("junit").encode()))
        # One of each kind, and a date.
        figures = {NAME.format(name, 8): {"ns_per_op": launches(10)} for name in "abc"}
        base = self.make("base", figures)
        figures[NAME.format("b", 8)]["ns_per_op"] = launches(12)
        figures[NAME.format("c", 8)]["ns_per_op"] = [9] * 6 + [16] * 6
        new = self.make("new", figures)
        data = json.loads((new / "results.json").read_text())
        data["benchmarks"].append(row("pair/d/size:8/threads:1") | {
            "error_occurred": True, "error_message": "no memory"})
        write(new / "results.json", data)
        suites = lxml.etree.fromstring(
            self.run_tool(COMPARE, base, new, "--format=junit").stdout.encode())
        schema.assertValid(suites)
        self.assertEqual([suites[0].get(key) for key in (
            "tests", "failures", "errors", "skipped", "hostname", "timestamp")],
            ["4", "1", "1", "1", "ares", "2026-01-01T00:00:00"])
        for key in ("failure", "error", "skipped"):
            self.assertEqual(len(suites.findall(f".//{key}")), 1)
        # A broken contract leaves no figures.
        side = mock.Mock(label="main", revision="abc")
        suites = lxml.etree.fromstring(exports.junit(gating.refused(
            side, side, {"zalloc zeroes": "no"}, ["a note"])).encode())
        schema.assertValid(suites)
        self.assertEqual(suites.find(".//property[@name='measured']").get("value"),
                         "Nothing was measured")

    def test_csv(self):
        rows = list(csv.DictReader(io.StringIO(self.output("csv"))))
        self.assertEqual([(r["row"], r["metric"], r["verdict"]) for r in rows], [
            ("BM_other/8", "real_time", "same"),
            (self.HOSTILE, "real_time", "regression"),
            ("BM_other/8", "items_per_second", "same"),
            (self.HOSTILE, "items_per_second", "regression")])
        for found in rows:
            self.assertAlmostEqual(float(found["ratio"]),
                                   float(found["new"]) / float(found["base"]))

    def test_what_others_read(self):
        smaller = json.loads(self.output("customSmallerIsBetter"))
        self.assertEqual([entry["name"] for entry in smaller],
                         ["BM_other/8 real_time", f"{self.HOSTILE} real_time"])
        for entry in smaller:
            self.assertEqual(entry.keys(), {"name", "unit", "value", "range", "extra"})
            self.assertIsInstance(entry["value"], float)
        for measures in json.loads(self.output("bencher")).values():
            self.assertEqual(measures.keys(), {"latency", "items_per_second"})
            for m in measures.values():
                self.assertLessEqual(m["lower_value"], m["value"])
                self.assertLessEqual(m["value"], m["upper_value"])

    def test_markdown(self):
        text = self.output("markdown", "--all")
        rows = [line for line in text.splitlines() if line.startswith("|")]
        self.assertEqual(len(rows), 2 + 4)
        for line in rows:
            self.assertEqual(len(re.findall(r"(?<!\\)\|", line)), 9, line)
        outside = re.sub(r"(`+).*?(?<!`)\1(?!`)", "", text)
        self.assertNotIn("<script>", outside)
        self.assertEqual(len(self.output("markdown").splitlines()), len(
            text.splitlines()) - 2)

    def test_tables_end_with_what_a_cover_letter_needs(self):
        where = {"num_cpus": 2, "hypervisor": "yes", "compiler": "gcc 12.2"}
        sides = [self.make(name, {NAME.format("mine", 16): {"ns_per_op": launches(10)}},
                           **where) for name in ("a", "b")]
        line = ("Measured on Imagined, 2 CPUs, virtual machine, Linux 6.1, gcc 12.2; 12 "
                "launches of each side")
        for name in ("commit", "markdown"):
            said = self.run_tool(COMPARE, *sides, f"--format={name}").stdout
            self.assertEqual(" ".join(said.splitlines()[-2:]).strip(), line)
        # Of another program's there may be no more to tell.
        for name in ("commit", "markdown"):
            self.assertEqual(self.output(name).splitlines()[-1],
                             "Measured; 12 launches of each side")

    def test_latex(self):
        lines = self.output("latex", "--all").splitlines()
        rows = [line for line in lines if not line.startswith("%")]
        self.assertEqual(len(rows), 4)
        for line in rows:
            self.assertTrue(line.endswith(r" \\"))
            self.assertEqual(len(re.findall(r"(?<!\\)&", line)), 6)
            bare = re.sub(r"\\(text\w+\{\}|times|div|ldots\{\}|[&%$#_{}])|\$<\$|[&]", "",
                          line[:-3])
            self.assertFalse(set(bare) & set("%#_{}~^\\"), bare)

    def test_commit(self):
        self.metrics = ()
        for text in (self.output("commit"), self.output("commit", "--all")):
            self.assertTrue(text.isascii())
            self.assertLessEqual(max(map(len, text.splitlines())), 75)
            self.assertRegex(text, r"(?m)before +after +change$")
            self.assertRegex(text, r"(?m) (10|9)[.\d]* +1[12]\.\d +\+\d+\.\d%  slower$")

    def test_commit_has_what_tells_rows_apart_in_columns(self):
        figures = [{NAME.format("mine", size): {"ns_per_op": launches(center)}
                    for size in (16, 4096, 64)} for center in (10, 12)]
        done = self.run_tool(COMPARE, self.make("a", figures[0]),
                             self.make("b", figures[1]), "--format=commit")
        lines = done.stdout.splitlines()
        self.assertEqual(lines[2], "pair/mine threads:1, ns_per_op:")
        self.assertEqual([line.split()[0] for line in lines[4:8]],
                         ["size", "16", "64", "4096"])

    def test_written_whole_or_not_at_all(self):
        out = write(self.folder / "out.txt", "before")
        self.assertEqual(self.output("csv", f"--output={out}"), "")
        self.assertEqual(len(out.read_text().splitlines()), 5)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()),
                         ["base.json", "new.json", "out.txt"])
        # Several formats of one comparison, each in its own file or the last on stdout.
        self.assertIn("<testsuites>", self.output("commit", f"--output={out}",
                                                  "--format=junit"))
        self.assertIn("before", out.read_text())
        done = self.run_tool(COMPARE, self.folder / "base.json", self.folder / "new.json",
                             "--format=csv", "--format=json", "--format=junit",
                             f"--output={out}")
        self.assert_one_line(done, 2, "3 --format and 1 --output: give each")
        folder = self.folder / "in-the-way"
        folder.mkdir()
        done = self.run_tool(COMPARE, self.folder / "base.json", self.folder / "new.json",
                             f"--output={folder}")
        self.assert_one_line(done, 2, "in-the-way")
        self.assertEqual(len(list(self.folder.iterdir())), 4)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of results that other programs wrote: what each form that Google Benchmark's
versions have is taken for, what people's files are like, and hostile ones.
"""

import json
import sys
import tracemalloc
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

sys.dont_write_bytecode = True
from analysis_test import ROOT, SUMMARY, row, write  # noqa: E402
from compare_test import COMPARE, NAME, Sets, launches, plain_row  # noqa: E402
from evidence import comparison, inference, jsonfile, pagedata, resultset  # noqa: E402
from evidence.tables import View, terminal  # noqa: E402
from evidence.tool import Unusable  # noqa: E402

CALIBRATE = ROOT / "tools/calibrate"
MACHINE = {"host_name": "ares", "num_cpus": 2, "library_build_type": "release"}


def entries(name: str, times: list[float], place: tuple[int, int] = (0, 0), **more
            ) -> list[dict]:
    """A benchmark's repetitions as Google Benchmark 1.9 writes them."""
    return [{"name": name, "family_index": place[0],
             "per_family_instance_index": place[1], "run_name": name,
             "run_type": "iteration", "repetitions": len(times), "repetition_index": n,
             "threads": 1, "iterations": 1000, "real_time": time, "cpu_time": time,
             "time_unit": "ns", **more} for n, time in enumerate(times)]


def skipped(name: str, repetitions: int, why: str, place: tuple[int, int] = (0, 0)
            ) -> list[dict]:
    return entries(name, [0.0] * repetitions, place, iterations=0, skipped=True,
                   skip_message=why)


def aggregates(name: str) -> list[dict]:
    """What follows the repetitions of a benchmark, with the figures of none."""
    return [{"name": f"{name}_{statistic}", "run_name": name, "run_type": "aggregate",
             "repetitions": 8, "threads": 1, "aggregate_name": statistic,
             "aggregate_unit": "percentage" if statistic == "cv" else "time",
             "iterations": 8, "real_time": 7e7, "cpu_time": 7e7, "time_unit": "ns"}
            for statistic in ("mean", "median", "stddev", "cv")]


def complexity(name: str) -> list[dict]:
    same = {"run_name": name, "run_type": "aggregate", "repetitions": 8, "threads": 1}
    return [{"name": f"{name}_BigO", **same, "aggregate_name": "BigO", "big_o": "N",
             "cpu_coefficient": 1.5, "real_coefficient": 1.5, "time_unit": "ns"},
            {"name": f"{name}_RMS", **same, "aggregate_name": "RMS", "rms": 0.05}]


def before_1_5(found: list[dict]) -> list[dict]:
    """The same as older versions wrote it, an aggregate with its benchmark's iterations.
    """
    kept = {"name", "iterations", "real_time", "cpu_time", "time_unit", "label", "big_o",
            "cpu_coefficient", "real_coefficient", "rms", "error_occurred",
            "error_message"}
    return [{key: 1000 if key == "iterations" else value for key, value in entry.items()
             if key in kept} for entry in found]


class Plain(Sets):
    """Files of other programs, and what becomes of them."""

    def file(self, name: str, found: list[dict], context: dict = MACHINE) -> Path:
        return write(self.folder / f"{name}.json", {"context": context,
                                                    "benchmarks": found})

    def load(self, found: list[dict]) -> resultset.ResultSet:
        return resultset.load(self.file("one", found), plain=True)

    def held(self, base: list[dict], new: list[dict], **settings
             ) -> comparison.Comparison:
        return self.judge(self.file("base", base), self.file("new", new), **settings)

    def verdicts_of(self, base: list[dict], new: list[dict], **settings
                    ) -> dict[str, str]:
        return {j.name: j.verdict.value
                for j in self.held(base, new, **settings).judgements}

    def refuse(self, found: list[dict], *words: str) -> None:
        path = self.file("bad", found)
        for word in words:
            self.assert_one_line(self.run_tool(COMPARE, path, path), 2, word)


# --- what entries are ------------------------------------------------------------------

class Skipped(Plain):
    def setUp(self):
        super().setUp()
        self.both = entries("BM_a", launches(100, 8)) + entries("BM_b", launches(50, 8),
                                                                (1, 0))
        self.one = skipped("BM_a", 8, "no such device") + self.both[8:]

    def test_a_skipped_benchmark_has_no_time(self):
        found = self.held(self.both, self.one)
        self.assertEqual([(j.name, j.verdict.value) for j in found.judgements],
                         [("BM_b", "same")])
        self.assertEqual((found.only_base, found.exit_code), (["BM_a"], 0))
        self.assertIn("NEW: skipped: BM_a (no such device)", found.notes)
        found = self.held(self.one, self.both)
        self.assertEqual((found.only_new, found.exit_code), (["BM_a"], 0))
        self.assertIn("BASE: skipped: BM_a (no such device)", found.notes)

    def test_some_repetitions_are_skipped(self):
        some = skipped("BM_a", 4, "later") + self.both[4:]
        (first, _) = self.load(some).rows.values()
        self.assertEqual(first.values("real_time"),
                         [entry["real_time"] for entry in self.both[4:8]])

    def test_all_of_it_is_skipped(self):
        self.refuse(self.one[:8], "ran, skipped: BM_a (no such device): run it where")

    def test_a_counter_may_have_that_name(self):
        counted = entries("BM_a", launches(100, 8), skipped=3.0, error_occurred=1.0)
        found = self.load(counted)
        self.assertEqual(found.rows["BM_a"].values("skipped"), [3] * 8)
        self.assertEqual((found.failures, found.notes), ([], []))

    def test_any_message(self):
        for why, told in ("", "BM_a"), ("no\x1b[2J", "BM_a (no?[2J)"):
            self.assertEqual(self.load(skipped("BM_a", 2, why) + self.both[8:]).notes,
                             [f"skipped: {told}"])
            self.refuse(skipped("BM_a", 2, why), told)

    def test_nothing_ran_and_nothing_says_so(self):
        never = entries("BM_a", [0.0], iterations=0)
        self.assertEqual(self.load(never + self.both[8:]).failures,
                         ["BM_a: it ran no iteration"])

    def test_ours(self):
        path = self.results(row(NAME.format("null", 8), ns_per_op=5),
                            row(NAME.format("null", 16), skipped=True, skip_message="no",
                                iterations=0, real_time=0, cpu_time=0, ns_per_op=0))
        found = resultset.load(path)
        self.assertEqual(list(found.rows), [NAME.format("null", 8)])
        self.assertEqual(pagedata.set_entry(found, "")["warnings"], found.notes)
        done = self.run_tool(SUMMARY, path)
        self.assertRegex(done.stdout, "(?m)^NOTE     skipped: pair/null/size:16")


class Namesakes(Plain):
    FAST, SLOW = launches(100, 8), launches(900, 8)

    def two(self, first: list[float], second: list[float], places=((0, 0), (1, 0))
            ) -> list[dict]:
        return (entries("BM_copy", first, places[0])
                + entries("BM_copy", second, places[1]))

    def test_a_swap_is_seen(self):
        for places in ((0, 0), (1, 0)), ((0, 0), (0, 1)), ((7, 1), (9, 0)):
            base = self.two(self.FAST, self.SLOW, places)
            new = self.two(self.SLOW, self.FAST, places)
            first, second = "BM_copy (1 of 2)", "BM_copy (2 of 2)"
            self.assertEqual(self.verdicts_of(base, new),
                             {first: "regression", second: "improvement"})
            self.assertEqual(self.verdicts_of(new, base),
                             {first: "improvement", second: "regression"})
        found = self.held(base, new)
        self.assertEqual(found.exit_code, 1)
        self.assertIn("BASE and NEW: of one name, told apart by their order in the "
                      "program: BM_copy (1 of 2) and 1 more", found.notes)

    def test_their_order_in_the_file_means_nothing(self):
        mixed = [entry for pair in zip(entries("BM_copy", self.SLOW, (10, 0)),
                                       entries("BM_copy", self.FAST, (9, 0)))
                 for entry in pair]
        self.assertEqual(set(self.verdicts_of(self.two(self.FAST, self.SLOW), mixed)
                             .values()), {"same"})

    def test_another_number_of_them_is_not_compared(self):
        other = entries("BM_b", self.FAST, (5, 0))
        found = self.held(self.two(self.FAST, self.SLOW) + other,
                          entries("BM_copy", self.FAST) + other)
        self.assertEqual([j.name for j in found.judgements], ["BM_b"])
        self.assertEqual((found.only_base, found.only_new),
                         (["BM_copy (1 of 2)", "BM_copy (2 of 2)"], ["BM_copy"]))

    def test_one_of_them_did_not_run(self):
        for gone in (skipped("BM_copy", 8, "no", (0, 0)),
                     entries("BM_copy", [0.0] * 8, error_occurred=True,
                             error_message="no")):
            new = gone + entries("BM_copy", self.SLOW, (1, 0))
            self.assertEqual(self.verdicts_of(self.two(self.FAST, self.SLOW), new),
                             {"BM_copy (2 of 2)": "same"})

    def test_no_family_index(self):
        def older(found: list[dict]) -> list[dict]:
            return [{key: value for key, value in entry.items()
                     if "_index" not in key or key == "repetition_index"}
                    for entry in found]

        self.assertEqual(self.verdicts_of(older(self.two(self.FAST, self.SLOW)),
                                          older(self.two(self.SLOW, self.FAST))),
                         {"BM_copy (1 of 2)": "regression",
                          "BM_copy (2 of 2)": "improvement"})
        # Single runs may be launches, joined in one file.
        single = older([one for time in self.FAST for one in entries("BM_a", [time])])
        self.assertEqual(self.load(single).rows["BM_a"].values("real_time"), self.FAST)

    def test_before_1_5(self):
        def older(first: list[float], second: list[float]) -> list[dict]:
            return before_1_5([*entries("BM_copy", first), *aggregates("BM_copy"),
                               *entries("BM_copy", second), *aggregates("BM_copy")])

        self.assertEqual(self.verdicts_of(older(self.FAST, self.SLOW),
                                          older(self.SLOW, self.FAST)),
                         {"BM_copy (1 of 2)": "regression",
                          "BM_copy (2 of 2)": "improvement"})
        launched = before_1_5([one for time in self.FAST for name in ("BM_a", "BM_b")
                               for one in entries(name, [time])])
        self.assertEqual(self.load(launched).rows["BM_b"].values("real_time"), self.FAST)

    def test_launches_in_one_file_are_of_one_benchmark(self):
        joined = [one for time in self.FAST for one in entries("BM_a", [time], (3, 1))]
        found = self.load(joined)
        self.assertEqual(found.rows["BM_a"].values("real_time"), self.FAST)
        self.assertEqual(found.notes, [])

    def test_ours_have_a_name_each(self):
        # Of a row's launches one may be from a run of other rows.
        name = NAME.format("null", 8)
        path = self.results(row(name, family_index=0, ns_per_op=1),
                            row(name, 1, family_index=4, ns_per_op=2))
        self.assertEqual(resultset.load(path).rows[name].values("ns_per_op"), [1, 2])


class Aggregates(Plain):
    def whole(self, center: float) -> list[dict]:
        return [*entries("BM_x/8", launches(center, 8)), *aggregates("BM_x/8"),
                *entries("BM_x/64", launches(center, 8), (0, 1)),
                *aggregates("BM_x/64"), *complexity("BM_x")]

    def test_they_are_no_benchmarks(self):
        for form in list, before_1_5:
            found = self.held(form(self.whole(100)), form(self.whole(200)))
            self.assertEqual({j.name: j.verdict.value for j in found.judgements},
                             {"BM_x/8": "regression", "BM_x/64": "regression"})
            self.assertEqual((found.base.launches, found.only_base, found.base.notes),
                             (8, [], []))

    def test_old_ones_of_the_programs_own(self):
        whole = before_1_5(self.whole(100))
        cv = [n for n, entry in enumerate(whole) if entry["name"].endswith("_cv")]
        for n in cv:
            whole[n]["name"] = whole[n]["name"].replace("_cv", "_p99")
        other = before_1_5(entries("BM_x/64_fast", [5.0]))[0] | {"iterations": 77}
        self.assertEqual(list(self.load(whole).rows), ["BM_x/8", "BM_x/64"])
        whole.insert(cv[-1] + 1, other)
        self.assertEqual(list(self.load(whole).rows),
                         ["BM_x/8", "BM_x/64", "BM_x/64_fast"])

    def test_a_percentage_that_is_no_json(self):
        text = json.dumps({"benchmarks": before_1_5(self.whole(100))})
        path = write(self.folder / "a.json", text.replace('"rms": 0.05', '"rms": 5%'))
        found = resultset.load(path, plain=True)
        self.assertEqual((list(found.rows), found.notes), (["BM_x/8", "BM_x/64"], []))

    def test_old_ones_without_their_repetitions(self):
        for form in list, before_1_5:
            alone = aggregates("BM_x")
            self.refuse(form(alone), "only aggregates: run it without "
                        "--benchmark_report_aggregates_only")
            # Where others are there, it is said that these are not used.
            found = self.load(form(entries("BM_y", launches(1, 4)) + alone))
            self.assertEqual((list(found.rows), found.notes),
                             (["BM_y"], ["left out, only aggregates are there: BM_x"]))
        other = plain_row("BM_z", 0, 5) | {"run_type": "aggregate"}
        del other["run_name"]
        self.assertEqual(self.load([plain_row("BM_y", 0, 5), other]).notes,
                         ["left out, only aggregates are there: BM_z"])

    def test_a_benchmark_may_have_such_a_name(self):
        for repetitions in 1, 8:
            found = self.load(before_1_5(
                entries("BM", launches(9, repetitions))
                + entries("BM_mean", launches(5, repetitions))
                + entries("BM_stddev", launches(7, repetitions))
                + (aggregates("BM_mean") if repetitions > 1 else [])))
            self.assertEqual({one.name: len(one.launches) for one in found.rows.values()},
                             dict.fromkeys(("BM", "BM_mean", "BM_stddev"), repetitions))
        # None is an aggregate of a benchmark that is not there: each ran as it had to.
        alone = before_1_5(entries("BM_mean", [5]) + entries("BM_stddev", [7]))
        alone[0]["iterations"] = 999
        self.assertEqual(list(self.load(alone).rows), ["BM_mean", "BM_stddev"])

    def test_units_repetitions_and_aggregates(self):
        path = write(self.folder / "a.json", {"benchmarks": [
            plain_row("BM_x", 1, 2.0, "us"), plain_row("BM_x", 0, 1500, "ns"),
            plain_row("BM_x_mean", 0, 9) | {"run_type": "aggregate"},
            row("BM_x", 2) | {"odd": -1, "strange": "text"}]})
        (found,) = resultset.load(path, plain=True).rows.values()
        self.assertEqual(found.values("real_time"), [1500, 2000, 1])
        self.assertEqual(found.values("odd"), [])
        with self.assertRaises(Unusable):
            resultset.load(path)

    def test_units_of_the_two_sides(self):
        scales = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
        times = launches(5e6, 8)
        sides = {unit: entries("BM_a/threads:8", [time / scale for time in times],
                               time_unit=unit) for unit, scale in scales.items()}
        for unit in scales:
            (judgement,) = self.held(sides["ns"], sides[unit]).judgements
            np.testing.assert_allclose(judgement.new, times)
            self.assertEqual(judgement.verdict.value, "same")


# --- figures ---------------------------------------------------------------------------

class Figures(Plain):
    GOOD = json.dumps({"context": MACHINE, "benchmarks": entries(
        "BM_a", [9.5] * 8, hit_rate=0.25, spare=4, label='it says "x": nan, inf}')})

    def with_value(self, value: str) -> Path:
        return write(self.folder / "a.json", self.GOOD.replace("0.25", value))

    def test_counters_without_a_value(self):
        for value in ("NaN", "Infinity", "-Infinity", "-NaN", "nan", "-nan", "inf",
                      "-inf", "nan(ind)", "-nan(ind)", "INF", "1e999", "-0.5", "1e-200",
                      "9" * 400):
            path = self.with_value(value)
            self.assertEqual(resultset.load(path, plain=True).notes, [
                "left out, NaN, infinite or below 0: hit_rate of BM_a"], value)
        path = self.with_value("-inf")
        done = self.run_tool(COMPARE, path, path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("note     BASE and NEW: left out, NaN, infinite or below 0: "
                      "hit_rate of BM_a\n", done.stdout)
        found = resultset.load(path, plain=True).rows["BM_a"]
        self.assertEqual(found.values("spare"), [4] * 8)
        self.assertEqual(found.launches[0].label, 'it says "x": nan, inf}')
        self.assert_one_line(self.run_tool(COMPARE, path, path, "--metric=hit_rate"), 2,
                             "choose --metric from cpu_time real_time spare")

    def test_a_counter_is_of_all_repetitions_or_of_none(self):
        for value in (float("nan"), float("inf"), None, -1.0):
            found = entries("BM_a", [9.5] * 3, rate=2.0)
            found[1]["rate"] = value
            loaded = self.load(found)
            self.assertEqual(loaded.rows["BM_a"].values("rate"), [])
            self.assertEqual(loaded.rows["BM_a"].values("real_time"), [9.5] * 3)
            self.assertEqual(len(loaded.notes), 1)

    def test_words_are_no_counters(self):
        loaded = self.load(entries("BM_a", [9.5], label=None, odd=None, flag=True, t="x"))
        self.assertEqual(loaded.rows["BM_a"].launches[0].counters.keys(),
                         {"real_time", "cpu_time"})
        self.assertEqual(loaded.notes, [])

    def test_a_time_that_is_none_is_a_failure(self):
        for value, word in ((float("nan"), "NaN"), (-1.5, "below 0"), (None, "null"),
                            (float("-inf"), "below 0"), (float("inf"), "out of range")):
            new = entries("BM_a", launches(9, 8))
            new[2]["real_time"] = value
            found = self.held(entries("BM_a", launches(9, 8)), new)
            self.assertEqual((found.exit_code, found.failures),
                             (4, [f"BM_a: its real_time is {word}"]))
            self.assertEqual(len(found.judgements[0].new), 7)
            # Nobody is told that a file which is not ours was not written by us.
            never = entries("BM_a", [value] * 8)
            self.refuse(never, f"no benchmark row that ran (BM_a: its real_time is {word}"
                        "): run the benchmark again")

    def test_a_counter_does_not_hide_what_it_is_named_like(self):
        text = json.dumps({"benchmarks": entries("BM_a", [9.5] * 8)}).replace(
            '"time_unit": "ns"', '"time_unit": "ns", "real_time": 1, "threads": 7.5')
        path = write(self.folder / "a.json", text)
        found = resultset.load(path, plain=True).rows["BM_a"]
        self.assertEqual(found.values("real_time"), [9.5] * 8)


# --- files -----------------------------------------------------------------------------

class Files(Plain):
    GOOD = json.dumps({"context": {"a": [], "host_name": "x"}, "benchmarks": [
        plain_row("BM_x", n, 1.5) for n in range(5)]})

    def refuse_text(self, text: str | bytes, *words: str) -> None:
        path = self.folder / "bad.json"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        with self.assertRaises(Unusable, msg=text[-200:]) as caught:
            resultset.load(path, plain=True)
        self.assertTrue(str(caught.exception).isprintable())
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_encodings(self):
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
                         "utf-32"):
            path = self.folder / "a.json"
            path.write_bytes(self.GOOD.replace("BM_x", "BM_µ").encode(encoding))
            self.assertEqual(list(resultset.load(path, plain=True).rows), ["BM_µ"])
        # Google Benchmark writes a program's path as it is.
        text = self.GOOD.replace('"host_name"', '"executable": "/µ", "host_name"')
        path.write_bytes(text.encode("latin-1"))
        self.assertEqual(resultset.load(path, plain=True).context["executable"], "/?")
        self.refuse_text(self.GOOD.replace("BM_x", "BM_µ").encode("latin-1"),
                         "row 'BM_?' has no name to print")

    def test_names_of_any_length(self):
        name = f"BM_sort<{'std::pair<int, long>, ' * 300}int>/1024"
        base = self.file("base", entries(name, launches(10, 8)))
        new = self.file("new", entries(name, launches(20, 8)))
        for form in ("terminal", "markdown", "commit", "latex", "json", "junit", "csv",
                     "customSmallerIsBetter", "bencher"):
            done = self.run_tool(COMPARE, base, new, f"--format={form}")
            self.assertEqual((done.returncode, done.stderr), (1, ""), form)
            self.assertIn("pair", done.stdout)

    def test_more_than_the_object(self):
        good = self.GOOD
        for text, words in (
                (f"{good}\n{good}",
                 "has a second JSON object after its JSON object (line 2, column 1)"),
                (f"{good}\n\n*** 5 done",
                 "has other text after its JSON object (line 3, column 1)"),
                (f"2026-11-30T10:00:00+00:00\nRunning x\n{good}",
                 "is no JSON, it begins with '2026-11-30T10:00:00+00:00'"),
                (f"{good}\xa0", "has other text after its JSON object (line 1, "),
                ("name,iterations,cpu_time\n", "begins with 'name,iterations,cpu_time'"),
                (good.replace("1.5", "1.5 5", 1), "is no JSON (line 1, ")):
            self.refuse_text(text, words, "the file as it was written, without other")
        self.refuse_text(good.replace('"benchmarks"', '"benchmarks": [], "benchmarks"'),
                         "it holds 'benchmarks' twice")

    def test_a_file_that_was_cut(self):
        text = self.GOOD.replace('"real_time": 1.5', '"real_time": NaN')
        for cut in range(text.index("real_time"), text.index("time_unit")):
            self.refuse_text(text[:cut], " breaks off (")
        self.refuse_text(" \n", "is empty")
        self.refuse_text("\ufeff", "is empty")

    def test_control_characters(self):
        # Google Benchmark does not escape them.
        path = write(self.folder / "a.json", self.GOOD.replace(
            '"name": "BM_x"', '"label": "a\tb\x01c", "name": "BM_x"'))
        found = resultset.load(path, plain=True).rows["BM_x"]
        self.assertEqual(found.launches[0].label, "a?b?c")

    def test_contexts(self):
        found = entries("BM_a", launches(9, 8))
        unknown = "without a host_name: nothing says that both are of one machine"
        full = self.file("full", found)
        for name, data in (("none", {"benchmarks": found}),
                           ("empty", {"context": {}, "benchmarks": found})):
            path = write(self.folder / f"{name}.json", data)
            self.assertIn(f"NEW {unknown}", self.judge(full, path).notes)
            self.assertIn(f"BASE and NEW {unknown}", self.judge(path, path).notes)
        self.assertFalse([n for n in self.judge(full, full).notes if "host_name" in n])
        # Its own facts may have any name.
        own = self.file("own", found, MACHINE | {"schema": "v2", "build": "9"})
        self.assertEqual(self.run_tool(COMPARE, full, own).returncode, 0)

    def test_every_tool_that_takes_them_tells(self):
        times = launches(9, 8)
        path = self.file("a", entries("BM_a", times, rate=float("nan"))
                         + entries("BM_b", [-1.0] * 8, (1, 0)))
        done = self.run_tool(CALIBRATE, path, f"--output={self.folder / 'noise.json'}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.splitlines()[::8], [
            f"calibrate: {path}: BM_b: its real_time is below 0",
            f"calibrate: {path}: left out, NaN, infinite or below 0: rate of BM_a"])

    def test_only_aggregates(self):
        path = write(self.folder / "a.json", {"benchmarks": [
            plain_row("BM_x_mean", 0, 9) | {"run_type": "aggregate"}]})
        self.assert_one_line(self.run_tool(COMPARE, path, path), 2,
                             "--benchmark_report_aggregates_only")

    def test_hostile_files(self):
        good = self.GOOD
        base = write(self.folder / "good.json", good)
        self.assertEqual(self.run_tool(COMPARE, base, base).returncode, 0)
        bad = self.folder / "bad.json"
        texts = ["", "{", "hello", "[]", "{}", good[:len(good) // 2], good[:-1],
                 "[" * 100000, '{"benchmarks": 7}', '{"benchmarks": [[]]}',
                 '{"benchmarks": []}', good.replace('{"a": [], "host_name": "x"}', "[]"),
                 "\0", "\ufeff{"]
        texts += [good.replace("BM_x", name) for name in (
            "\\u001b[2J", "\\u0000", "\\ud800", "", "\\u202e")]
        texts += [good.replace("1.5", value) for value in (
            "NaN", "-Infinity", "1e999", "-1", '"1"', "null", "[1]", "true", "9" * 500,
            "9" * 5000)]
        texts += [good.replace('"ns"', unit) for unit in ('"fortnight"', "7", "[]")]
        texts += [good.replace('{"name"', f'{{"{key}": {value}, "name"')
                  for key in resultset.INDICES for value in ("{}", "[]", '"1"', "null")]
        for text in texts:
            self.assertNotEqual(text, good)
            self.refuse_text(text)
        for text in (texts[1], texts[7], texts[14], texts[-1]):
            write(bad, text)
            for paths in ((base, bad), (bad, base)):
                done = self.run_tool(COMPARE, *paths)
                self.assert_one_line(done, 2)
                self.assertEqual(done.stdout, "")
                self.assertNotIn("\x1b", done.stderr)


class Sizes(Plain):
    def test_a_file_that_is_too_large(self):
        path = write(self.folder / "a.json", "{")
        with open(path, "r+b") as file:
            file.truncate(500 << 20)        # of which nothing is on the disk
        self.assert_one_line(self.run_tool(COMPARE, path, path), 2,
                             "has 500 MB, more than the 128 MB that are read: give a")

    def test_too_many_rows(self):
        found = entries("BM_a", launches(9, 8))
        with mock.patch.object(resultset, "MOST_ENTRIES", 8):
            self.load(found)
            with self.assertRaisesRegex(Unusable, "has 9 rows, more than the 8 that are"):
                self.load(found + entries("BM_b", [1.0]))

    def test_too_little_memory(self):
        path = self.file("a", entries("BM_a", launches(9, 8)))
        with mock.patch.object(jsonfile.json, "loads", side_effect=MemoryError):
            with self.assertRaisesRegex(Unusable, "takes more memory than there is, it "
                                        "has 0 MB: give a file with fewer rows"):
                resultset.load(path, plain=True)

    def test_an_interval_of_many_launches_takes_bounded_memory(self):
        few, many = launches(10, 9), launches(10, 10_000)
        inference.ratio_interval(few, few)      # what it imports is no figure
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        low, high = inference.ratio_interval(many, many)
        self.assertLess(tracemalloc.get_traced_memory()[1], 1 << 30)
        self.assertTrue(0.9 < low <= 1 <= high < 1.1)

    def test_rows_that_are_not_shown_take_no_interval(self):
        base, new = (self.file(side, [one for n in range(20) for one in entries(
            f"BM_{n}", launches(50 if side == "new" and n == 7 else 9, 8), (n, 0))])
            for side in ("base", "new"))
        with mock.patch.object(inference, "ratio_interval", return_value=None) as asked:
            found = self.judge(base, new)
            self.assertEqual(asked.call_count, 0)
            terminal(found, View())
            self.assertEqual(asked.call_count, 1)
            terminal(found, View(everything=True))
            self.assertEqual(asked.call_count, 20)


if __name__ == "__main__":
    unittest.main()

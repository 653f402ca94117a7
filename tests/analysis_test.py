#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of what reads results: tools/evidence/resultset.py and tools/summary.

The result sets are made up here. Run `tests/analysis_test.py --make FOLDER` for one to
look at.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from evidence import resultset  # noqa: E402

SUMMARY, DRAW = ROOT / "tools/summary", ROOT / "plots/draw"
VARIANTS = ("global_list", "page_chain", "coherent_each", "null", "upstream-6.1",
            "upstream-6.12", "upstream-7.2")


# --- made-up results -------------------------------------------------------------------

def bucket(value: int, bits: int = 7) -> int:
    """The index of a value's bucket, as the harness computes it."""
    if value < 1 << bits:
        return value
    shift = value.bit_length() - bits
    return (shift << (bits - 1)) + (value >> shift)


def histogram(name: str, samples, launch: int = 0, phase: str = "steady") -> dict:
    buckets = [bucket(int(v * 1000)) for v in samples]
    indices, counts = np.unique(buckets, return_counts=True)
    return {"name": name, "subbucket_bits": 7, "unit": "ps", "phase": phase,
            "op": "alloc", "launch": launch,
            "counts": [[int(i), int(n)] for i, n in zip(indices, counts)]}


def row(name: str, launch: int = 0, label: str = "", **counters) -> dict:
    entry = {"name": name, "run_name": name, "run_type": "iteration", "repetitions": 1,
             "repetition_index": launch, "iterations": 1, "real_time": 1.0,
             "cpu_time": 1.0, "time_unit": "ns", **counters}
    return entry | ({"label": label} if label else {})


def write(path: Path, data) -> Path:
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


class Fake:
    """A result set like a real one: plausible figures, noisy launches."""
    BLOCKS = {16: 8192, 64: 8192, 256: 8192, 1024: 2048, 4096: 1024, 68: 6000}
    CHAIN = {16: 2.3, 64: 6.2, 256: 21, 1024: 38, 4096: 55, 68: 6.5}

    SKEW = {"percpu_magazine": 1.02, "page_chain": 1.5}

    def __init__(self, variants=VARIANTS, launches: int = 5):
        self.random = np.random.default_rng(7)
        self.rows, self.histograms, self.series = [], [], []
        self.variants, self.launches = variants, launches

    def noisy(self, value: float) -> float:
        return float(value * self.random.lognormal(0.01, 0.02))

    def floor(self, variant: str, size: int) -> float:
        chain = 14.1 + size / 4000
        return {"null": 2.3, "coherent_each": 610 + size / 20, "page_chain": chain,
                "upstream-6.1": chain + 0.9, "global_list": 12.8,
                "percpu_magazine": 6.1}.get(variant, 13.2)

    def add(self, name: str, launch: int, ns: float, **more) -> None:
        ns = self.noisy(ns)
        self.rows.append(row(name, launch, ns_per_op=ns, ops_per_s=1e9 / ns, **more))

    def chained(self, variant: str) -> bool:
        return variant in ("page_chain", "upstream-6.1")

    def pair(self, variant: str, launch: int) -> None:
        for size in (16, 64, 256, 1024, 4096):
            self.add(f"pair/{variant}/size:{size}/threads:1", launch,
                     self.floor(variant, size))

    def batch(self, variant: str, launch: int) -> None:
        for hold in (32, 1024, 8192):
            for order, slow in {"lifo": 1, "fifo": 1.2, "random": 2.1}.items():
                growth = {32: 0, 1024: 1, 8192: 2.5}[hold] * slow
                ns = self.floor(variant, 64) * (1 + 0.1 * growth)
                if self.chained(variant):
                    ns += hold / 64 * 1.1
                if variant == "null":
                    ns = 2.3
                self.add(f"batch/{variant}/size:64/hold:{hold}/order:{order}/threads:1",
                         launch, ns)

    def dmapool_test(self, variant: str, launch: int) -> None:
        for size, blocks in self.BLOCKS.items():
            ns = self.floor(variant, size) * 2.2
            ns = self.noisy(ns * self.CHAIN[size] if self.chained(variant) else ns)
            align, boundary = (32, 4096) if size == 68 else (size, 0)
            line = (f"dmapool test: size:{size:<4} align:{align:<4} blocks:{blocks:<4} "
                    f"time:{ns * blocks / 10:.0f}")
            self.rows.append(row(f"dmapool_test/{variant}/size:{size}/align:{align}"
                                 f"/boundary:{boundary}/threads:1", launch, line,
                                 ns_per_op=ns))

    def contend(self, variant: str, launch: int) -> None:
        for threads in (1, 2):
            for shared in (1, 0):
                alone = threads == 1 or not shared or variant == "null"
                ns = self.floor(variant, 64) / threads
                skew = 1.01 if alone else self.SKEW.get(variant, 1.2)
                for hold, slow in {"hold:1": 1, "hold:1024/order:random": 3}.items():
                    took = slow * (ns * 1.04 if alone else ns * 2 + 120)
                    beside = {} if threads == 1 else {
                        "pingpong_ns": self.noisy(88), "fastest_cpu_ns": took / skew,
                        "slowest_cpu_ns": self.noisy(took * skew)}
                    self.add(f"contend/{variant}/size:64/{hold}/shared:{shared}"
                             f"/threads:{threads}", launch, took, **beside)

    def handoff(self, variant: str, launch: int) -> None:
        self.add(f"handoff/{variant}/size:64/threads:2", launch,
                 self.floor(variant, 64) + 170, pingpong_ns=self.noisy(88))

    def latency(self, variant: str, launch: int) -> None:
        for op, share in {"alloc": 0.55, "free": 0.45}.items():
            name = f"latency/{variant}/size:64/op:{op}/threads:1"
            floor = self.floor(variant, 64) * share
            samples = floor * self.random.lognormal(0, 0.12, 20000)
            tail = self.random.random(20000)
            samples += (tail < 0.012) * self.random.gamma(2, 90, 20000)
            samples += (tail < 0.0006) * self.random.gamma(2, 3000, 20000)
            samples = samples.round(2)
            self.histograms.append(histogram(name, samples, launch))
            if op == "alloc" and variant not in ("null", "coherent_each"):
                growth = 1400 + samples * 3 + self.random.gamma(1.4, 300, 20000)
                self.histograms.append(histogram(name, growth[:2000], launch, "growth"))
            self.add(name, launch, float(samples.mean()), max_ns=float(samples.max()),
                     p50_ns=float(np.median(samples)))

    def frag(self, variant: str, launch: int) -> None:
        for phase, steps in {"down": 22500, "mixed": 112500, "churn10": 362500}.items():
            self.frag_phase(variant, launch, phase, np.linspace(0, steps, 33))

    def frag_phase(self, variant: str, launch: int, phase: str, ops) -> None:
        fall = 22500 if phase == "down" else 112500
        live = 25000 * (1 - 0.9 * np.minimum(ops / fall, 1))
        ideal = np.ceil(live / 64)
        late = np.maximum(ops - fall, 0) / 250000
        occupied = 391 - (391 - ideal) * (0.75 if phase != "down" else 0.3)
        occupied = (occupied - 60 * late + self.random.normal(0, 2, len(ops))).round()
        held = np.full(len(ops), 391.0)
        if variant == "percpu_magazine":
            held = occupied + 8
        if variant == "coherent_each":
            occupied = held = live.round()
        name = f"frag/{variant}/size:64/blocks:25000/phase:{phase}/threads:1"
        points = [[*map(int, p), 0] for p in zip(ops, held, occupied, ideal)]
        self.series.append({"name": name, "launch": launch, "points": points,
                            "columns": [*resultset.SERIES_COLUMNS, "bytes_stranded"]})
        trims = variant in ("percpu_magazine", "coherent_each")
        self.add(name, launch, self.floor(variant, 64) * 1.8, pages_held=float(held[-1]),
                 pages_occupied=float(occupied[-1]), pages_ideal=float(ideal[-1]),
                 pages_held_after_trim=float((occupied if trims else held)[-1]))

    def driver(self, variant: str, launch: int) -> None:
        for scale, pattern in enumerate(("nvme", "ehci", "nic", "mpt3sas"), 2):
            self.add(f"driver/{variant}/pattern:{pattern}/threads:1", launch,
                     self.floor(variant, 64) * scale / 2)

    def bulk(self, variant: str, launch: int) -> None:
        for hold in (32, 1024):
            self.add(f"bulk/{variant}/size:64/hold:{hold}/threads:1", launch,
                     self.floor(variant, 64) * 0.6)

    def write(self, folder: Path, families=resultset.FAMILY_ORDER, **context) -> Path:
        order = [(v, n) for n in range(self.launches) for v in self.variants]
        self.random.shuffle(order)
        for variant, launch in order:
            for family in families:
                getattr(self, family, lambda *_: None)(str(variant), int(launch))
        folder.mkdir(parents=True, exist_ok=True)
        context = {"num_cpus": 2, "schema": "dmapool-bench/1", "build": "userspace",
                   "lock": "ck_ticket (MCS under contention)", "seed": "42",
                   "profile": "quick", "launches": str(self.launches),
                   "revision": "abc1234", "caches": [], **context}
        write(folder / "results.json", {"context": context, "benchmarks": self.rows})
        write(folder / "fingerprint.json", {"cpu_model": "Imagined CPU 9000 @ 2.60GHz",
                                            "kernel": "6.1.0-40-amd64",
                                            "hypervisor": "KVM"})
        if self.histograms:
            write(folder / "histograms.json", {"schema": "dmapool-bench-histograms/1",
                                               "histograms": self.histograms})
        if self.series:
            write(folder / "series.json", {"schema": "dmapool-bench-series/1",
                                           "series": self.series})
        return folder


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="analysis-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_tool(self, *command, columns: int = 100) -> subprocess.CompletedProcess:
        return subprocess.run([str(part) for part in command], capture_output=True,
                              text=True, timeout=300, check=False,
                              env={"COLUMNS": str(columns), "HOME": str(self.folder),
                                   "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

    def results(self, *rows, **context) -> Path:
        return write(self.folder / "results.json",
                     {"context": context, "benchmarks": list(rows)})

    def assert_one_line(self, done, code: int, words: str = "") -> None:
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr, r"\A\w+: [^\n]+: [^\n]+\n\Z")
        self.assertNotIn("Traceback", done.stderr)
        self.assertIn(words, done.stderr)


# --- tools/evidence/resultset.py -------------------------------------------------------

class Names(Case):
    def test_parts(self):
        name = "batch/upstream-6.12/size:64/hold:1024/order:lifo/threads:1"
        self.assertEqual(resultset.parse_name(name), (
            "batch", "upstream-6.12",
            {"size": "64", "hold": "1024", "order": "lifo", "threads": "1"}))

    def test_what_the_library_adds_is_no_parameter(self):
        name = "pair/null/size:16/min_time:0.100/iterations:10/manual_time/threads:2"
        self.assertEqual(resultset.parse_name(name)[2], {"size": "16", "threads": "2"})

    def test_foreign_names(self):
        for name in ("BM_memcpy/8", "pair/null", "pair/null/threads:x",
                     "a/\x1b[2J/threads:1", "pair//threads:1", "",
                     "p/" + "v" * 400 + "/threads:1"):
            with self.assertRaises(resultset.Unusable, msg=name):
                resultset.parse_name(name)

    def test_reading_order(self):
        shuffled = ["null", "upstream-6.12", "mine", "upstream-6.2", "page_chain",
                    "global_list"]
        self.assertEqual(sorted(shuffled, key=resultset.variant_key),
                         ["global_list", "page_chain", "mine", "upstream-6.2",
                          "upstream-6.12", "null"])
        self.assertEqual(sorted(["random", "fifo", "lifo"], key=resultset.natural),
                         ["lifo", "fifo", "random"])


class Rows(Case):
    NAME = "pair/global_list/size:64/threads:1"

    def test_launches_are_grouped_and_in_order(self):
        values = [13.0, 12.0, 19.0, 12.5]
        rows = [row(self.NAME, n, ns_per_op=v) for n, v in enumerate(values)]
        aggregate = row(self.NAME, ns_per_op=99.0) | {"run_type": "aggregate"}
        path = self.results(*rows[::-1], aggregate)
        found = resultset.load(path).rows[self.NAME].values("ns_per_op")
        self.assertEqual(found, values)
        self.assertEqual(resultset.median(found), np.median(values))
        low, high = np.percentile(values, (25, 75))
        self.assertAlmostEqual(resultset.spread(found), (high - low) / 2 / 12.75)
        self.assertIsNone(resultset.spread(found[:1]))

    def test_sizes_are_ordered_as_numbers(self):
        path = self.results(*(row(f"pair/null/size:{size}/threads:1", ns_per_op=1)
                              for size in (4096, 64, 1024, 16)))
        sizes = [p["size"] for p in resultset.load(path).combinations("pair")]
        self.assertEqual(sizes, ["16", "64", "1024", "4096"])

    def test_failed_rows_are_told_and_not_counted(self):
        failed = row(self.NAME, 1) | {"error_occurred": True,
                                      "error_message": "no\x1bram"}
        loaded = resultset.load(self.results(row(self.NAME, ns_per_op=1), failed))
        self.assertEqual(loaded.failures, [f"{self.NAME}: no?ram"])
        self.assertEqual(loaded.launches, 1)

    def test_newest_is_by_time_whatever_the_host(self):
        for name in ("zeus/20240101T000000Z-aaa", "ares/20250601T000000Z-bbb"):
            (self.folder / name).mkdir(parents=True)
            write(self.folder / name / "results.json", "{}")
        (self.folder / "ares/20260101T000000Z-unfinished").mkdir()
        self.assertEqual(resultset.newest(self.folder).name, "20250601T000000Z-bbb")
        with self.assertRaises(resultset.Unusable):
            resultset.newest(self.folder / "nowhere")


class Histograms(Case):
    NAME = "latency/null/size:64/op:alloc/threads:1"

    def load(self, *parts) -> resultset.Histogram:
        self.results(row(self.NAME, ns_per_op=1))
        write(self.folder / "histograms.json", {"histograms": list(parts)})
        return resultset.merge(resultset.load(self.folder).histograms(self.NAME))

    def test_bounds_hold_every_value(self):
        values = {v + d for e in range(63) for v in (1 << e, 3 << e) for d in (-1, 0, 1)}
        for value in values:
            low, width = resultset.bucket_bounds(bucket(value), 7)
            self.assertTrue(low <= value < low + width, value)
            self.assertTrue(width == 1 or width / low <= 1 / 64, value)

    def test_merged_percentiles_are_those_of_all_samples(self):
        random = np.random.default_rng(3)
        launches = [random.lognormal(3 + n, 1.5, 4000 * (n + 1)).astype(int)
                    for n in range(3)]
        merged = self.load(*(histogram(self.NAME, samples, n)
                             for n, samples in enumerate(launches)))
        raw = np.concatenate(launches)
        self.assertEqual(merged.total, len(raw))
        for q in (0, 0.01, 0.07, 0.5, 0.9, 0.99, 0.999, 0.9999, 1):
            true = np.quantile(raw, q, method="inverted_cdf")
            self.assertLessEqual(abs(merged.quantile(q) - true), 0.01 * true, q)

    def test_small_values_are_exact(self):
        counts = {"counts": [[n, 1] for n in range(1, 101)]}
        for unit, ns in {"ns": 1, "ps": 0.001}.items():
            merged = self.load(histogram(self.NAME, []) | counts | {"unit": unit})
            np.testing.assert_allclose([merged.quantile(q) for q in (0.07, 0.5, 0.99, 1)],
                                       [7 * ns, 50 * ns, 99 * ns, 100 * ns])

    def test_phases_stay_apart(self):
        self.load(histogram(self.NAME, [5]), histogram(self.NAME, [900], 0, "growth"))
        loaded = resultset.load(self.folder)
        self.assertAlmostEqual(loaded.histograms(self.NAME)[0].quantile(1), 5, delta=0.05)
        self.assertAlmostEqual(loaded.histograms(self.NAME, "growth")[0].quantile(1), 900,
                               delta=9)


class BadInput(Case):
    """Whatever the files hold: one line, exit code 2, nothing on stdout."""
    GOOD = json.dumps({"benchmarks": [row("pair/null/size:64/threads:1", ns_per_op=1.5)]})

    def refuse(self, words: str, **files: str) -> None:
        for name, text in files.items():
            write(self.folder / f"{name}.json", text)
        done = self.run_tool(SUMMARY, self.folder)
        self.assert_one_line(done, 2, words)
        self.assertEqual(done.stdout, "")
        self.assertNotIn("\x1b", done.stderr)

    def test_good_is_good(self):
        write(self.folder / "results.json", self.GOOD)
        self.assertEqual(self.run_tool(SUMMARY, self.folder).returncode, 0)

    def test_missing(self):
        self.refuse("no results.json")
        for tool in (SUMMARY, DRAW):
            done = self.run_tool(tool, self.folder / "x")
            self.assert_one_line(done, 2, "does not exist")
        self.assert_one_line(self.run_tool(SUMMARY, "/dev/null"), 2, "no regular file")
        self.assert_one_line(self.run_tool(SUMMARY, "x" * 5000), 2, "")

    def test_broken_text(self):
        self.refuse("is empty", results=" \n")
        for cut in (1, 20, len(self.GOOD) // 2, len(self.GOOD) - 1):
            self.refuse("", results=self.GOOD[:cut])
        self.refuse("breaks off", results=self.GOOD[:-1])
        self.refuse("is no JSON", results="hello")
        self.refuse("nested too deeply", results="[" * 200000)
        (self.folder / "results.json").write_bytes(b"\xff\xfe{")      # UTF-16, cut
        self.assert_one_line(self.run_tool(SUMMARY, self.folder), 2, "cannot be used")

    def test_numbers_that_are_none(self):
        for text in ("NaN", "-Infinity", "1e999", "-1", '"12"', "true", "null", "[1]",
                     "9" * 400, "9" * 5000):
            self.refuse("", results=self.GOOD.replace("1.5", text))
        self.refuse("NaN", results=self.GOOD.replace('"cpu_time": 1.0',
                                                     '"cpu_time": NaN'))

    def test_wrong_shapes(self):
        for text in ("[]", "{}", '{"benchmarks": {}}', '{"benchmarks": []}',
                     '{"benchmarks": [1]}', '{"benchmarks": [{}]}',
                     '{"benchmarks": [{"name": 5}]}',
                     self.GOOD.replace("pair/null", "pair/\\u001b[2J"),
                     self.GOOD.replace('_index": 0', '_index": "x"'),
                     '{"context": 1, ' + self.GOOD[1:]):
            self.refuse("", results=text)

    def test_histograms(self):
        good = histogram("latency/null/size:64/op:alloc/threads:1", [1, 2])
        for change in ({"counts": [[-1, 1]]}, {"counts": [[1, -1]]}, {"counts": [[1]]},
                       {"counts": 7}, {"counts": [[10 ** 9, 1]]}, {"counts": [[1.5, 1]]},
                       {"counts": [[1, 10 ** 30]]}, {"subbucket_bits": 5000},
                       {"phase": []}, {"name": None}, {"unit": "fortnight"}):
            self.refuse("histograms.json", results=self.GOOD,
                        histograms=json.dumps({"histograms": [good | change]}))
        self.refuse("different buckets", results=self.GOOD, histograms=json.dumps(
            {"histograms": [good, good | {"unit": "ns"}]}))
        self.refuse("histograms.json", results=self.GOOD, histograms="{")

    def test_series(self):
        for change in ({"points": [[1]]}, {"points": [[1, 2, 3, None]]}, {"points": 1},
                       {"columns": ["a"]}):
            entry = {"name": "frag/null/threads:1", "points": [[1, 2, 3, 4]],
                     "columns": resultset.SERIES_COLUMNS} | change
            self.refuse("series.json", results=self.GOOD,
                        series=json.dumps({"series": [entry]}))

    def test_options(self):
        write(self.folder / "results.json", self.GOOD)
        done = self.run_tool(SUMMARY, self.folder, "--baseline", "fast\x1b")
        self.assert_one_line(done, 2, "choose --baseline from null")
        self.assertEqual(self.run_tool(SUMMARY, "--frobnicate").returncode, 2)
        for tool in (SUMMARY, DRAW):
            self.assertEqual(self.run_tool(tool, "--help").returncode, 0)


# --- tools/summary ---------------------------------------------------------------------

class Summary(Case):
    def line(self, text: str, start: str) -> list[str]:
        """The words of the first line that begins so, whatever its indent."""
        lines = map(str.split, text.splitlines())
        return next(words for words in lines if words[:1] == [start])

    def test_the_quick_profile_fits(self):
        made = Fake().write(self.folder / "set", warning="this is slow; that is hot")
        done = self.run_tool(SUMMARY, made)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertLess(len(lines), 150)
        self.assertLessEqual(max(map(len, lines)), 100)
        for family in resultset.FAMILY_ORDER[:-1]:
            self.assertRegex(done.stdout, rf"(?m)^{family}\b")
        for words in ("WARNING  this is slow", "WARNING  that is hot", "seed 42",
                      "Imagined CPU 9000", "profile quick", "5 launches", "ck_ticket",
                      "ping",
                      "57282 → 24997 ×2.29", "362237 →  6045 ×59.9", "another machine"):
            self.assertIn(words, done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        for width in (60, 80, 160):
            lines = self.run_tool(SUMMARY, made, columns=width).stdout.splitlines()
            self.assertLessEqual(max(map(len, lines[1:])), width)

    def test_numbers(self):
        name = "pair/{}/size:64/threads:1"
        path = self.results(*(row(name.format(v), n, ns_per_op=ns * factor)
                              for v, factor in (("global_list", 1), ("page_chain", 2.5))
                              for n, ns in enumerate((10, 12, 11))))
        text = self.run_tool(SUMMARY, path).stdout
        self.assertEqual(self.line(text, "11"), ["11", "27.5", "×2.50", "5%"])
        text = self.run_tool(SUMMARY, path, "--baseline", "page_chain").stdout
        self.assertEqual(self.line(text, "27.5"), ["27.5", "11", "×0.40", "5%"])

    def test_a_noisy_cell_is_marked(self):
        path = self.results(*(row("pair/global_list/size:64/threads:1", n, ns_per_op=ns)
                              for n, ns in enumerate((10, 20, 30))))
        self.assertEqual(self.line(self.run_tool(SUMMARY, path).stdout, "20~"),
                         ["20~", "25%"])

    def test_latency_is_of_the_merged_histograms(self):
        name = "latency/global_list/size:64/op:alloc/threads:1"
        self.results(*(row(name, n, ns_per_op=1, p99_ns=1) for n in range(2)))
        write(self.folder / "histograms.json", {"histograms": [
            histogram(name, [10] * 100), histogram(name, [20] * 90 + [100] * 10, 1)]})
        text = self.run_tool(SUMMARY, self.folder).stdout
        # The mean of the two p99 would be 55.
        self.assertAlmostEqual(float(self.line(text, "p99")[1].strip("~")), 100, delta=1)
        self.assertAlmostEqual(float(self.line(text, "p50")[1].strip("~")), 10, delta=0.1)

    def test_frag_is_told_from_the_peak_down(self):
        name = "frag/{}/size:64/phase:{}/threads:1"
        self.results(*(row(name.format(v, phase), ns_per_op=ns, pages_held=held,
                           pages_held_after_trim=held - 7, pages_occupied=33,
                           pages_ideal=21)
                       for phase in ("churn2", "churn10")
                       for v, ns, held in (("mine", 8, 60), ("global_list", 16, 90))))
        write(self.folder / "series.json", {"series": [
            {"name": name.format("mine", "churn10"), "columns": resultset.SERIES_COLUMNS,
             "points": [[0, 95, 95, 95], [9, 60, 33, 21]]}]})
        lines = self.run_tool(SUMMARY, self.folder).stdout.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("churn2"))
        self.assertEqual([line.split() for line in lines[at - 1:at + 4]], [
            ["phase", "variant", "at", "peak", "held", "trim", "occupied", "ideal", "ns"],
            ["churn2", "global_list", "–", "90", "83", "33", "21", "16"],
            ["mine", "–", "60", "53", "33", "21", "8", "×0.50"],
            ["churn10", "global_list", "–", "90", "83", "33", "21", "16"],
            ["mine", "95", "60", "53", "33", "21", "8", "×0.50"]])

    def test_a_figure_no_row_has_takes_no_room(self):
        self.results(row("frag/mine/size:64/phase:down/threads:1", ns_per_op=8,
                         pages_held=60))
        text = self.run_tool(SUMMARY, self.folder).stdout
        self.assertEqual(self.line(text, "mine"), ["mine", "60", "8"])
        self.results(row("frag/mine/size:64/phase:down/threads:1"))
        self.assertNotIn("variant", self.run_tool(SUMMARY, self.folder).stdout)

    def in_short(self, *command) -> list[str]:
        """The closing sentences."""
        done = self.run_tool(SUMMARY, *command, columns=10000)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        return lines[lines.index("In short") + 1:]

    def figures(self, family: str, **ns: list[float]) -> list[dict]:
        return [row(f"{family}/{variant}/size:64/threads:1", n, ns_per_op=value)
                for variant, values in ns.items() for n, value in enumerate(values)]

    def test_the_end_says_who_is_fastest_where(self):
        path = self.results(
            *self.figures("pair", global_list=[10, 11, 9], mine=[5, 5, 5], null=[1, 1]),
            *self.figures("batch", global_list=[10, 10, 10], mine=[20, 20, 24]),
            *self.figures("bulk", global_list=[10, 10, 12], mine=[10.4, 10.4, 10.4]))
        self.assertEqual(self.in_short(path)[:3], [
            "fastest  mine in 1 of 3 workloads; its time over global_list's: pair "
            "×0.50 ±5%.",
            "fastest  global_list in 1 of 3 workloads; the next one's time over its: "
            "batch mine ×2 ±5%.",
            "level    bulk: global_list and mine are no further apart than the launches "
            "are ±5%."])
        self.assertEqual(self.in_short(path, "--baseline=mine")[0],
                         "fastest  mine in 1 of 3 workloads; the next one's time over "
                         "its: pair global_list ×2 ±5%.")

    def test_who_is_first_in_some_rows_only(self):
        rows = [row(f"pair/{variant}/size:{size}/threads:1", n, ns_per_op=ns)
                for size, times in ((8, (10, 2)), (16, (10, 20)), (32, (10, 5)))
                for variant, ns in zip(("global_list", "mine"), times) for n in range(2)]
        self.assertIn("pair ×0.58 ±0% (in 2 of 3 rows)",
                      self.in_short(self.results(*rows))[0])

    def test_the_end_says_what_it_costs(self):
        name = "frag/{}/size:64/phase:down/threads:1"
        path = self.results(*(
            row(name.format(variant), n, ns_per_op=ns, pages_held=held, pages_ideal=10,
                pages_held_after_trim=trimmed, bytes_stranded=stranded)
            for n in range(2) for variant, ns, held, trimmed, stranded in (
                ("global_list", 9, 40, 40, 0), ("mine", 5, 20, 15, 512),
                ("slow", 99, 30, 30, 0), ("tight", 99, 11, 11, 0),
                ("null", 1, 1, 1, 0))))
        self.assertIn("memory   pages held over those that packed blocks would need: "
                      "tight ×1.10, mine ×2 (×1.50 once trimmed, up to 512 bytes in "
                      "per-CPU caches), global_list ×4.", self.in_short(path))

    def unfair(self, **slowest: float) -> Path:
        name = "contend/{}/size:64/shared:1/threads:2"
        return self.results(*(
            row(name.format(variant), n, ns_per_op=10, fastest_cpu_ns=10,
                slowest_cpu_ns=10 * ratio)
            for variant, ratio in slowest.items() for n in range(3)))

    def test_unfairness_shows(self):
        text = self.run_tool(SUMMARY, self.unfair(global_list=1.5, mine=1.02,
                                                  null=1.01), columns=200).stdout
        self.assertIn("the slowest CPU over the fastest", text)
        self.assertEqual(self.line(text, "1.50"), ["1.50", "1.02", "1.01", "0%"])
        self.assertIn("\nfairness the slowest CPU over the fastest, at the worst: "
                      "global_list ×1.50; null, which shares nothing, ×1.01. The first "
                      "is of contend/global_list/", text)
        self.assertIn("fairness no pool's slowest CPU takes more than ×1.05 of its "
                      "fastest.", self.in_short(self.unfair(global_list=1.05)))

    def test_the_end_says_how_sure_it_is(self):
        rows = self.figures("pair", global_list=[10, 20, 30], mine=[5, 5, 5])
        said = self.in_short(self.results(*rows, warning="a; b", build="userspace"))
        self.assertEqual(said[-2], (
            "noise    1 of 2 figures vary by more than 5% over 3 launches, most "
            "pair/global_list/size:64/threads:1 ±25%. What lies closer together than its "
            "± may be chance: tools/compare tests it; mind the 2 warnings at the top."))
        self.assertIn("does not model masked interrupts", said[-1])
        said = self.in_short(self.results(*rows[::3], build="kernel"))
        self.assertIn("one launch of each", said[-1])
        counted = [row("pair/null/size:8/threads:1", instructions_per_op=7)]
        said = self.in_short(self.results(*counted, build="callgrind"))
        self.assertEqual(len(said), 1)
        self.assertIn("these are instructions", said[0])

    def test_there_may_be_nothing_to_say_at_the_end(self):
        path = self.results(*(row("frag/null/size:8/threads:1", n, pages_held=1)
                              for n in range(2)))
        self.assertNotIn("In short", self.run_tool(SUMMARY, path).stdout)

    def test_one_launch_and_no_global_list(self):
        made = Fake(("page_chain", "mine"), launches=1).write(self.folder / "set")
        done = self.run_tool(SUMMARY, made)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("One launch only", done.stdout)
        self.assertNotIn("±", done.stdout)
        self.assertNotRegex(done.stdout.split("dmapool_test")[0], "×")

    def test_what_a_file_says_cannot_drive_the_terminal(self):
        path = self.results(row("pair/null/size:64/threads:1", label="\x1b[2J",
                                ns_per_op=1), lock="\x1b]0;x\x07", warning="\x9b2J")
        done = self.run_tool(SUMMARY, path)
        self.assertEqual(done.returncode, 0)
        self.assertFalse(re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        Fake().write(Path(sys.argv[2]), warning="the CPU frequency is not fixed; "
                     "this machine is a virtual one")
        sys.exit()
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the benchmark program as a user meets it: command line, rows, figures, files.

DMAPOOL_BENCH names the program to be tested (default build/dmapool-bench).
"""

import ctypes
import json
import math
import os
import re
import signal
import shutil
import subprocess
import tempfile
import unittest
from collections.abc import Callable
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import jsonschema

ROOT = Path(__file__).resolve().parent.parent
BENCH = Path(os.environ.get("DMAPOOL_BENCH", ROOT / "build/dmapool-bench")).resolve()
SCHEMAS = ROOT / "results/schema"

OWN = ("global_list", "page_chain", "coherent_each", "null")
FAMILIES = {
    "pair": r"size:\d+(/align:\d+/boundary:\d+)?",
    "batch": r"size:\d+/hold:\d+/order:(lifo|fifo|random)",
    "dmapool_test": r"size:\d+/align:\d+/boundary:\d+",
    "contend": r"size:\d+/hold:\d+(/order:random)?/shared:[01]",
    "handoff": r"size:\d+",
    "latency": r"size:\d+/op:(alloc|free)",
    "frag": r"size:\d+/blocks:\d+/phase:(down|mixed|churn2|churn10)",
    "driver": r"pattern:(nvme|ehci|nic|mpt3sas)(/blocks:\d+)?",
    "bulk": r"size:\d+/hold:\d+",
}
VARIANT = r"([a-z][a-z0-9_]*|upstream-[A-Za-z0-9._-]+)"
GRAMMAR = "|".join(rf"{family}/{VARIANT}/{keys}/threads:[1-9]\d*"
                   for family, keys in FAMILIES.items())
KERNEL_LINE = re.compile(r"dmapool test: size:\d+ +align:\d+ +blocks:\d+ +time:\d+")

QUANTILES = ("p50_ns", "p90_ns", "p99_ns", "p999_ns", "p9999_ns", "max_ns")
PAGES = ("pages_held", "pages_occupied", "pages_ideal", "bytes_stranded")
TRIM = ("pages_held_after_trim", "bytes_stranded_after_trim", "trim_ns")
PR_SET_THP_DISABLE = 41
PMU = ("cycles_per_op", "instructions_per_op", "cache_misses_per_op")


def bench(*args: str, **how: Any) -> subprocess.CompletedProcess[str]:
    how = {"stdout": subprocess.PIPE, "cwd": ROOT} | how
    return subprocess.run([BENCH, *args], stderr=subprocess.PIPE, text=True, timeout=3000,
                          check=False, **how)


@cache
def listed(*args: str) -> list[str]:
    """The rows that the program says it has."""
    done = bench("--benchmark_list_tests", *args)
    if done.returncode or done.stderr:
        raise AssertionError(f"exit {done.returncode}: {done.stderr}")
    return done.stdout.splitlines()


def variants() -> list[str]:
    return list(dict.fromkeys(name.split("/")[1] for name in listed()))


def threads_of(name: str) -> int:
    return int(name.rpartition(":")[2])


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def load(path: Path) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file, parse_constant=refuse_constant)


def validate(document: Any, schema: str) -> None:
    jsonschema.Draft202012Validator(load(SCHEMAS / schema)).validate(document)


def lower_bound(index: int, bits: int) -> int:
    """The smallest value of a bucket of the log-linear histogram."""
    half = 1 << (bits - 1)
    if index < 2 * half:
        return index
    return (index % half + half) << (index // half - 1)


def first_cpu_only() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


# A machine of 300 CPUs, as far as asking for them goes.
MANY_CPUS = {"HWLOC_SYNTHETIC": "core:300 pu:1", "HWLOC_THISSYSTEM": "1"}
GIVEN_ALL = """\
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *mask)
{
	memset(mask, 0, size);
	for (int cpu = 0; cpu < 300; cpu++)
		CPU_SET_S(cpu, size, mask);
	return 0;
}
"""


def no_huge_pages() -> None:
    """As if this machine had none, for this process and what it becomes."""
    ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)


class BenchTest(unittest.TestCase):
    """A folder for each test, and what is said of a run."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bench-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def assert_refused(self, done: subprocess.CompletedProcess[str], status: int,
                       *parts: str, by: str = "dmapool-bench") -> None:
        """Exit @status after one line of complaint, the last, that has all @parts."""
        self.assertEqual(done.returncode, status, done.stderr)
        lines = done.stderr.splitlines()
        self.assertEqual([line for line in lines if line.startswith(f"{by}: ")],
                         lines[-1:])
        for part in parts:
            self.assertIn(part, lines[-1])


class CommandLine(BenchTest):
    def assert_usage(self, args: list[str], *parts: str) -> None:
        with self.subTest(args=args):
            done = bench(*args)
            self.assert_refused(done, 2, *parts)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_unknown_names_are_told_what_there_is(self) -> None:
        self.assert_usage(["--variants=null nope"], "variant 'nope'", *variants())
        self.assert_usage(["--variants=nul"], "variant 'nul'", *variants())
        self.assert_usage(["--workloads=nope"], "workload 'nope'", *FAMILIES)

    def test_no_name_at_all(self) -> None:
        self.assert_usage(["--variants="], "no variant named", *variants())
        self.assert_usage(["--workloads= "], "no workload named", *FAMILIES)

    def test_unknown_flags(self) -> None:
        self.assert_usage(["--nope"], "--nope", "see --help")
        self.assert_usage(["-x"], "-x", "see --help")
        self.assert_usage(["nope"], "'nope'", "see --help")
        self.assert_usage(["--benchmark_nope"], "--benchmark_nope", "user guide")
        self.assert_usage(["--benchmark_out_format=csv"], "--benchmark_out_format=csv")

    def test_flags_without_their_value(self) -> None:
        for flag in ("--variants", "--workloads", "--profile", "--seed", "--raw-out"):
            self.assert_usage([flag], flag, "see --help")

    def test_values_of_no_use(self) -> None:
        for seed in ("", "x", "1x", "-1", "1.5", "99999999999999999999"):
            self.assert_usage([f"--seed={seed}"], f"--seed={seed}:", "whole number")
        self.assert_usage(["--profile=fast"], "--profile=fast", "quick or full")
        self.assert_usage(["--benchmark_min_time=x"], "--benchmark_min_time=x")

    def test_filters_of_no_use(self) -> None:
        self.assert_usage(["--benchmark_filter=pair/nope"], "pair/nope",
                          "--benchmark_list_tests")
        self.assert_usage(["--benchmark_filter=("], "regular expression")

    def test_help_names_the_options(self) -> None:
        done = bench("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for part in ("--profile=quick|full", "--variants", "--workloads", "--seed",
                     "--raw-out", "--benchmark_filter", "Exit status"):
            self.assertIn(part, done.stdout)

    def test_a_value_may_stand_apart(self) -> None:
        done = bench("--profile", "full", "--benchmark_list_tests")
        self.assertEqual(done.stdout.splitlines(), listed("--profile=full"))

    def iterations(self, *args: str) -> int:
        out = self.folder / "out.json"
        done = bench("--benchmark_filter=^pair/null/size:64/", *args,
                     f"--benchmark_out={out}")
        self.assertEqual(done.returncode, 0, done.stderr)
        return load(out)["benchmarks"][0]["iterations"]

    def test_full_measures_longer_unless_told_how_long(self) -> None:
        quick = self.iterations()
        self.assertGreater(self.iterations("--profile", "full"), 5 * quick)
        self.assertLess(self.iterations("--profile=full", "--benchmark_min_time=0"),
                        quick)


class Rows(BenchTest):
    def test_names_keep_the_grammar(self) -> None:
        for name in listed("--profile=full"):
            self.assertTrue(re.fullmatch(GRAMMAR, name), name)

    def test_no_row_stands_twice(self) -> None:
        names = listed("--profile=full")
        self.assertEqual(len(set(names)), len(names))

    def test_full_has_all_of_quick_and_more(self) -> None:
        quick, full = set(listed()), set(listed("--profile=full"))
        self.assertLess(quick, full)

    def test_every_variant_has_every_row(self) -> None:
        rows = {variant: [n.replace(f"/{variant}/", "/") for n in listed()
                          if f"/{variant}/" in n] for variant in variants()}
        self.assertLessEqual(set(OWN), set(rows))
        self.assertEqual({n.split("/")[0] for n in rows["null"]}, set(FAMILIES))
        for variant, names in rows.items():
            self.assertEqual(names, rows["null"], variant)

    def test_threads_are_those_of_the_machine(self) -> None:
        cpus = len(os.sched_getaffinity(0))
        most = max(threads_of(n) for n in listed())
        self.assertEqual(most, cpus if cpus > 1 else 1)

    def test_choices_are_kept(self) -> None:
        chosen = listed("--variants=null coherent_each", "--workloads=bulk pair")
        self.assertEqual(chosen, [n for n in listed() if re.match(
            "(pair|bulk)/(null|coherent_each)/", n)])

    def test_one_cpu_leaves_handoff_out(self) -> None:
        done = bench("--benchmark_list_tests", preexec_fn=first_cpu_only)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr,
                         "dmapool-bench: handoff left out: it takes 2 CPUs\n")
        self.assertEqual(done.stdout.splitlines(),
                         [n for n in listed() if threads_of(n) == 1])


class Figures(BenchTest):
    """What the rows of one run carry."""

    @classmethod
    def setUpClass(cls) -> None:
        folder = Path(tempfile.mkdtemp(prefix="bench-test-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        done = bench("--variants=global_list null", "--benchmark_min_time=0.002",
                     f"--benchmark_out={folder}/out.json", f"--raw-out={folder}/raw.json")
        if done.returncode:
            raise AssertionError(f"exit {done.returncode}: {done.stderr}")
        report, cls.raw = load(folder / "out.json"), load(folder / "raw.json")
        cls.context, cls.rows = report["context"], report["benchmarks"]
        cls.left = sorted(path.name for path in folder.iterdir())

    def those(self, family: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["name"].startswith(f"{family}/")]

    def assert_only_on(self, rows: list[dict[str, Any]], keys: tuple[str, ...]) -> None:
        """These rows have all of these figures, and no other row has any."""
        names = [row["name"] for row in rows]
        for row in self.rows:
            expected = set(keys) if row["name"] in names else set()
            self.assertEqual(set(keys) & set(row), expected, row["name"])

    def test_rows_are_those_listed(self) -> None:
        self.assertEqual([row["name"] for row in self.rows],
                         listed("--variants=global_list null"))
        for row in self.rows:
            self.assertEqual(row["threads"], threads_of(row["name"]))
            self.assertNotIn("error_occurred", row)

    def test_nothing_is_left_beside_the_files(self) -> None:
        self.assertEqual(self.left, ["out.json", "raw.json"])

    def test_time_is_on_every_row(self) -> None:
        # Of several CPUs it may be missing: where one of them was away.
        for row in self.rows:
            if row["threads"] == 1:
                self.assertIn("ns_per_op", row, row["name"])
            latency = row["name"].startswith("latency/")
            self.assertEqual("ops_per_s" in row, "ns_per_op" in row and not latency)
            for key in ("ns_per_op", "ops_per_s"):
                self.assertGreater(row.get(key, 1), 0, row["name"])
        several = [row for row in self.rows if row["threads"] > 1]
        self.assertTrue(not several or any("ns_per_op" in row for row in several))

    def test_pingpong_is_on_every_row_of_several_cpus(self) -> None:
        several = [row for row in self.rows if row["threads"] > 1]
        self.assert_only_on(several, ("pingpong_ns",))
        for row in several:
            self.assertGreater(row["pingpong_ns"], 1, row["name"])

    def test_several_cpus_tell_the_fastest_and_the_slowest(self) -> None:
        timed = [row for row in self.rows
                 if row["threads"] > 1 and "ns_per_op" in row]
        self.assert_only_on(timed, ("fastest_cpu_ns", "slowest_cpu_ns"))
        for row in timed:
            # ns_per_op is of all of them, and so in between but for rounding.
            for low, high in (("fastest_cpu_ns", "ns_per_op"),
                              ("ns_per_op", "slowest_cpu_ns")):
                self.assertLessEqual(row[low], row[high] * 1.000001, row["name"])

    def test_latency_has_quantiles_and_the_clock(self) -> None:
        self.assert_only_on(self.those("latency"), (*QUANTILES, "clock_ns"))
        for row in self.those("latency"):
            values = [row[key] for key in QUANTILES]
            self.assertEqual(values, sorted(values), row["name"])
            self.assertGreater(row["clock_ns"], 0)
            self.assertGreater(values[0], 0)

    def test_frag_has_pages(self) -> None:
        self.assert_only_on(self.those("frag"), PAGES + TRIM)
        for row in self.those("frag"):
            if "/global_list/" in row["name"]:
                held, occupied, ideal, stranded = (row[key] for key in PAGES)
                self.assertGreaterEqual(held, occupied, row["name"])
                self.assertGreaterEqual(occupied, ideal, row["name"])
                self.assertGreater(ideal, 0)
                self.assertEqual(stranded, 0)
                self.assertEqual(row["pages_held_after_trim"], held)
                self.assertEqual(row["bytes_stranded_after_trim"], 0)

    def test_dmapool_test_has_the_kernels_line(self) -> None:
        self.assertEqual(len(self.those("dmapool_test")), 2 * 6)
        for row in self.those("dmapool_test"):
            self.assertRegex(row["label"], KERNEL_LINE)

    def test_a_missing_counter_is_left_out_and_told(self) -> None:
        for key in PMU:
            having = [row for row in self.rows if key in row]
            self.assertIn(len(having), (0, len(self.rows)), key)
            self.assertTrue(all(row[key] > 0 for row in having), key)
            event = key.removesuffix("_per_op").replace("_", "-")
            self.assertEqual(event in self.context.get("counters", ""), not having, key)

    def test_every_number_is_one(self) -> None:
        for row in self.rows:
            for key, value in row.items():
                if not isinstance(value, str):
                    self.assertTrue(math.isfinite(value) and value >= 0,
                                    f"{row['name']}: {key} = {value}")

    def test_context_describes_the_run(self) -> None:
        for key, value in {"schema": "dmapool-bench/1", "build": "userspace",
                           "profile": "quick", "seed": "1"}.items():
            self.assertEqual(self.context[key], value)
        for key in ("lock", "irq", "page_source", "clock", "topology", "revision",
                    "compiler", "cflags", "kernel", "affinity", "load_before"):
            self.assertTrue(self.context.get(key), key)

    def test_pages_that_are_not_huge_are_told(self) -> None:
        out = self.folder / "out.json"
        done = bench("--benchmark_filter=pair/null/size:64/", "--benchmark_min_time=0",
                     f"--benchmark_out={out}", preexec_fn=no_huge_pages)
        self.assertEqual(done.returncode, 0, done.stderr)
        context = load(out)["context"]
        self.assertEqual(context["page_source"], "direct, small pages, one lock")
        self.assertIn("none of the pool's memory is on huge pages", context["warning"])

    def test_raw_keeps_its_schema(self) -> None:
        # The runner adds nothing but the launch.
        self.assertEqual(self.raw.keys(), {"schema", "histograms", "series"})
        self.assertEqual(self.raw["schema"], "dmapool-bench-raw/1")
        for kind in ("histograms", "series"):
            entries = [entry | {"launch": 0} for entry in self.raw[kind]]
            validate({"schema": f"dmapool-bench-{kind}/1", kind: entries},
                     f"{kind}.schema.json")

    def test_raw_has_each_latency_rows_steady_state_and_growth_apart(self) -> None:
        for phase in ("steady", "growth"):
            histograms = [h for h in self.raw["histograms"] if h["phase"] == phase]
            self.assertEqual([h["name"] for h in histograms],
                             [row["name"] for row in self.those("latency")], phase)
        for histogram in self.raw["histograms"]:
            self.assertIn(f"/op:{histogram['op']}/", histogram["name"])

    def test_raw_has_what_was_timed_in_company_alone(self) -> None:
        iterations = {row["name"]: row["iterations"] for row in self.rows}
        for histogram in self.raw["histograms"]:
            if histogram["phase"] == "steady":
                total = sum(count for _, count in histogram["counts"])
                self.assertEqual(total, iterations[histogram["name"]])

    def test_raw_agrees_with_the_median(self) -> None:
        rows = {row["name"]: row for row in self.rows}
        for histogram in self.raw["histograms"]:
            if histogram["phase"] != "steady":
                continue
            total = sum(count for _, count in histogram["counts"])
            seen, index = 0, 0
            for index, count in histogram["counts"]:
                seen += count
                if 2 * seen >= total:
                    break
            scale = 1e-3 if histogram["unit"] == "ps" else 1.0
            low = lower_bound(index, histogram["subbucket_bits"]) * scale
            median = rows[histogram["name"]]["p50_ns"]
            self.assertLessEqual(abs(median - low), 0.02 * median, histogram["name"])

    def test_raw_has_a_series_of_each_frag_row(self) -> None:
        names = [entry["name"] for entry in self.raw["series"]]
        self.assertEqual(names, [row["name"] for row in self.those("frag")])
        for entry in self.raw["series"]:
            ops = [point[entry["columns"].index("ops")] for point in entry["points"]]
            self.assertEqual(ops, sorted(set(ops)), entry["name"])
            self.assertGreater(len(ops), 2)


class Machines(BenchTest):
    def test_more_cpus_than_there_is_room_for(self) -> None:
        (self.folder / "all.c").write_text(GIVEN_ALL, encoding="utf-8")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", "all.so", "all.c"],
                       cwd=self.folder, check=True)
        done = bench("--benchmark_list_tests", "--workloads=contend handoff",
                     env=os.environ | MANY_CPUS | {"LD_PRELOAD": self.folder / "all.so"})
        self.assertEqual((done.returncode, done.stderr), (0, (
            "dmapool-bench: rows go up to 255 of 300 CPUs: the shim has no more\n")))
        most = {}
        for name in done.stdout.splitlines():
            most[name.split("/")[0]] = threads_of(name)
        self.assertEqual(most, {"contend": 255, "handoff": 254})


class Files(BenchTest):
    ROW = "--benchmark_filter=^pair/null/size:64/"
    FLAGS = ("--benchmark_out", "--raw-out")

    def assert_unwritable(self, path: str, reason: str) -> None:
        for flag in self.FLAGS:
            with self.subTest(flag=flag, path=path):
                done = bench(self.ROW, f"{flag}={path}", cwd=self.folder)
                self.assert_refused(done, 4, path, "cannot write", reason)

    def test_places_that_cannot_be_written(self) -> None:
        (self.folder / "file").touch()
        (self.folder / "dir").mkdir()
        self.assert_unwritable("nowhere/x.json", "No such file or directory")
        self.assert_unwritable("dir", "Is a directory")
        self.assert_unwritable("file/x.json", "Not a directory")
        self.assertEqual({p.name for p in self.folder.rglob("*")}, {"file", "dir"})

    def test_a_wrong_place_is_told_before_the_run(self) -> None:
        for flag in self.FLAGS:
            done = bench(f"{flag}={self.folder}/nowhere/x.json")
            self.assertEqual(done.stdout, "")

    def test_a_full_device_stays_what_it_is(self) -> None:
        # By a link, so that whoever breaks this replaces that and not the device.
        (self.folder / "full").symlink_to("/dev/full")
        self.assert_unwritable("full", "")
        self.assertEqual([p.name for p in self.folder.iterdir()], ["full"])
        self.assertTrue((self.folder / "full").is_char_device())

    def test_a_full_standard_output(self) -> None:
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.assert_refused(bench(self.ROW, stdout=full), 4, "standard output")

    def test_a_full_disk_keeps_the_earlier_file(self) -> None:
        # A file system of two pages, the earlier file on one of them.
        mount = ["unshare", "-rm", "sh", "-ec", 'mount -t tmpfs -o size=8k none "$1"; '
                 'cd "$1"; shift; echo earlier >x.json; status=0; "$@" >/dev/null || '
                 'status=$?; echo exit $status; cat x.json; ls -A', "sh", self.folder]
        if subprocess.run([*mount, "true"], capture_output=True, check=False).returncode:
            self.skipTest("no file system can be mounted here")
        for flag in self.FLAGS:
            with self.subTest(flag=flag):
                done = subprocess.run(
                    [*mount, BENCH, "--workloads=pair latency", "--benchmark_min_time=0",
                     f"{flag}=x.json"], capture_output=True, text=True, check=False)
                self.assertEqual(done.stdout, "exit 4\nearlier\nx.json\n", done.stderr)
                done.returncode = 4
                self.assert_refused(done, 4, "x.json", "No space left on device")

    def test_a_stop_keeps_what_was_measured(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number):
                self.check_stop(lambda process: process.send_signal(number))

    def test_a_reader_that_leaves_keeps_what_was_measured(self) -> None:
        self.check_stop(lambda process: process.stdout.close())

    def check_stop(self, stop: Callable[[subprocess.Popen], None]) -> None:
        out, raw = self.folder / "out.json", self.folder / "raw.json"
        with subprocess.Popen(["env", "--default-signal=INT,TERM,HUP,QUIT", BENCH,
                               "--variants=null", "--benchmark_min_time=0.1",
                               f"--benchmark_out={out}", f"--raw-out={raw}"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            for line in process.stdout:
                if line.startswith("pair/null/size:1024/"):
                    stop(process)
                    break
            self.assertNotIn("cannot write", process.stderr.read())
        self.assertEqual(process.returncode, 130)
        rows = load(out)["benchmarks"]
        names = [row["name"] for row in rows]
        self.assertGreaterEqual(len(names), 4)
        self.assertEqual(names, listed("--variants=null")[:len(names)])
        self.assertLess(len(names), len(listed("--variants=null")))
        for row in rows:
            self.assertGreater(row["ns_per_op"], 0)
            self.assertNotIn("error_occurred", row)
        self.assertEqual(load(raw)["histograms"], [])
        self.assertEqual({p.name for p in self.folder.iterdir()}, {out.name, raw.name})


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is missing")
class Instructions(BenchTest):
    """The claims about time, as counts that are the same on every run and machine."""
    PAIR = "pair/{}/size:64/threads:1"
    BATCH = "batch/{}/size:64/hold:{}/order:random/threads:1"

    def insn(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "bench/insn", f"--bench={BENCH}", f"--out={self.folder}", *args],
            capture_output=True, text=True, timeout=3000, check=False,
            env=os.environ | env)

    def count(self, *args: str) -> dict[str, float]:
        done = self.insn(*args)
        self.assertEqual(done.returncode, 0, done.stderr)
        folder = Path(done.stdout.splitlines()[-1])
        rows = load(folder / "results.json")["benchmarks"]
        shutil.rmtree(folder)
        return {row["name"]: row["instructions_per_op"] for row in rows}

    def count_growth(self, variant: str) -> float:
        """How many times the instructions of 1024 blocks held 8192 take, each."""
        if variant not in variants():
            self.skipTest(f"{variant} is not in this build")
        counts = self.count(f"--variants={variant}", "--workloads=batch",
                            "--filter=size:64/hold:(1024|8192)/order:random")
        return (counts[self.BATCH.format(variant, 8192)]
                / counts[self.BATCH.format(variant, 1024)])

    def test_null_is_the_floor_and_counts_repeat(self) -> None:
        args = ("--variants=null global_list", "--workloads=pair", "--filter=size:64/")
        counts = self.count(*args)
        self.assertEqual(counts.keys(), {self.PAIR.format("null"),
                                         self.PAIR.format("global_list")})
        self.assertLess(counts[self.PAIR.format("null")],
                        counts[self.PAIR.format("global_list")])
        self.assertEqual(counts, self.count(*args))

    def test_a_temporary_folder_of_any_name(self) -> None:
        odd = self.folder / "a %p %q{HOME} b"
        odd.mkdir()
        done = self.insn("--variants=null", "--workloads=pair", "--filter=size:64/",
                         TMPDIR=str(odd))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_second_belongs_to_one_set(self) -> None:
        loader = SourceFileLoader("insn", str(ROOT / "bench/insn"))
        insn = module_from_spec(spec_from_loader("insn", loader))
        loader.exec_module(insn)
        stamps = set()
        for _ in range(3):
            stage, folder = insn.claim_second(self.folder / "host", "revision-insn")
            stamps.add(folder.name)
            if len(stamps) == 2:        # this one is complete, the first is under way
                stage.rename(folder)
        self.assertEqual(len(stamps), 3)

    def test_global_list_is_as_mainline(self) -> None:
        upstream = [v for v in ("upstream-6.12", "upstream-7.2") if v in variants()]
        if not upstream:
            self.skipTest("neither upstream-6.12 nor upstream-7.2 is in this build")
        counts = self.count(f"--variants=global_list {' '.join(upstream)}",
                            "--workloads=pair", "--filter=size:64/")
        own = counts.pop(self.PAIR.format("global_list"))
        for name, theirs in counts.items():
            self.assertLess(abs(own - theirs), 0.1 * theirs, name)

    def test_global_list_does_not_grow(self) -> None:
        self.assertLess(self.count_growth("global_list"), 1.02)

    def test_page_chain_grows(self) -> None:
        self.assertGreater(self.count_growth("page_chain"), 3)

    def test_page_chain_grows_as_mainline_did(self) -> None:
        theirs = self.count_growth("upstream-6.1")
        self.assertLess(abs(self.count_growth("page_chain") - theirs), 0.2 * theirs)

    def test_bad_input_of_insn(self) -> None:
        self.assert_refused(self.insn("--variants=nope"), 2, "variant 'nope'")
        for arg, status, *parts in (
                ("--filter=(", 2, "--filter=("), ("--filter=nope", 2, "'nope'"),
                ("--bench=nope", 4, "nope", "make"),
                ("--out=/dev/null/x", 4, "/dev/null/x", "Not a directory")):
            self.assert_refused(self.insn(arg), status, *parts, by="insn")


class Profile(BenchTest):
    def test_bad_input_of_profile(self) -> None:
        for args, part in ([], "for example"), (["nope"], "'nope'"), (["("], "'('"):
            done = subprocess.run([ROOT / "bench/profile", *args], capture_output=True,
                                  cwd=ROOT, text=True, timeout=300, check=False)
            self.assert_refused(done, 2, part, by="profile")
            self.assertEqual(done.stderr.count("\n"), 1)

    def test_a_hottest_symbol_without_source(self) -> None:
        perf = self.folder / "perf"
        perf.write_text("#!/bin/sh\n[ $1 != report ] || echo '  90.00%  [k] a_symbol'\n",
                        encoding="utf-8")
        perf.chmod(0o755)
        done = subprocess.run(
            [ROOT / "bench/profile", "pair/null/size:64/"], capture_output=True, cwd=ROOT,
            env=os.environ | {"PATH": f"{self.folder}:{os.environ['PATH']}"}, text=True,
            timeout=300, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\nHot lines of \S+:\n +none: ")


if __name__ == "__main__":
    unittest.main()

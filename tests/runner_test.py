#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the runner against a benchmark program that misbehaves on demand.

DMAPOOL_RUN names the runner to be tested (default build/dmapool-run).
"""

import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema

sys.dont_write_bytecode = True
from patience import PATIENCE, wait_for  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
RUNNER = Path(os.environ.get("DMAPOOL_RUN", ROOT / "build/dmapool-run")).resolve()
FAKE = ROOT / "tests/fake_bench.py"
SCHEMAS = ROOT / "results/schema"
COMPARE = Path("/usr/share/benchmark/compare.py")
OTHERS = "something else took"
CELLS = ["pair/null", "pair/global_list", "pair/upstream-6.1", "pair/upstream-6x1",
         "latency/global_list", "frag/page_chain"]
DOCUMENTS = ["results", "histograms", "series", "fingerprint"]


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def load(path: Path) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file, parse_constant=refuse_constant)


def validator(document: str) -> jsonschema.Draft202012Validator:
    schema = load(SCHEMAS / f"{document}.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def cell_of(row: dict[str, Any]) -> str:
    return "/".join(row["name"].split("/")[:2])


class RunnerTest(unittest.TestCase):
    """A folder for each test, and ways to run the runner in it."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="runner-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = self.folder / "results"
        self.log_file = self.folder / "log"

    def command(self, *options: str, launches: int = 2) -> list[str]:
        return [str(RUNNER), f"--bench={FAKE}", f"--out={self.out}",
                f"--launches={launches}", *options]

    def environment(self, do: str) -> dict[str, str]:
        return os.environ | {"FAKE_DO": do, "FAKE_LOG": str(self.log_file),
                             "FAKE_GATE": str(self.folder / "gate")}

    def run_it(self, *options: str, do: str = "",
               launches: int = 2) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*options, launches=launches), text=True,
                              env=self.environment(do), capture_output=True,
                              timeout=PATIENCE, check=False)

    def start(self, *options: str, do: str = "",
              launches: int = 2) -> subprocess.Popen[str]:
        process = subprocess.Popen(self.command(*options, launches=launches), text=True,
                                   env=self.environment(do), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, process_group=0)
        self.addCleanup(process.kill)
        return process

    def log(self) -> list[dict[str, Any]]:
        if not self.log_file.exists():
            return []
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    def launches(self) -> list[dict[str, Any]]:
        return [entry for entry in self.log() if "cell" in entry]

    def launched(self) -> list[str]:
        return [entry["cell"] for entry in self.launches()]

    def await_launch(self, cell: str, times: int = 1) -> int:
        """Until it is launched that often; the process of the last launch."""
        wait_for(lambda: Counter(self.launched())[cell] >= times,
                 f"{cell} was not launched {times} times")
        return [entry["pid"] for entry in self.launches() if entry["cell"] == cell][-1]

    def await_end(self, pid: int) -> None:
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), f"{pid} lives on")

    def open_gate(self) -> None:
        """Let launches go on that hold."""
        (self.folder / "gate").touch()

    def result_sets(self) -> list[Path]:
        return sorted(self.out.glob("*/*")) if self.out.exists() else []

    def only_set(self) -> Path:
        sets = self.result_sets()
        self.assertEqual(len(sets), 1, sets)
        return sets[0]

    def documents(self) -> dict[str, Any]:
        """The one result set's documents, which keep their schemas."""
        folder = self.only_set()
        self.assertEqual(sorted(path.name for path in folder.iterdir()),
                         sorted(f"{name}.json" for name in DOCUMENTS))
        found = {name: load(folder / f"{name}.json") for name in DOCUMENTS}
        for name, document in found.items():
            validator(name).validate(document)
        return found

    def rows_by_cell(self) -> Counter[str]:
        return Counter(map(cell_of, self.documents()["results"]["benchmarks"]))

    def assert_one_line(self, text: str, *parts: str) -> None:
        self.assertEqual(text.count("\n"), 1, text)
        for part in parts:
            self.assertIn(part, text)

    def assert_nothing_left(self) -> None:
        left = list(self.out.rglob("*")) + list(self.out.rglob(".*"))
        self.assertEqual([path for path in left if path.parent != self.out], [])


class ResultSet(RunnerTest):
    def test_path_is_the_last_line_of_stdout(self) -> None:
        done = self.run_it()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, f"{self.only_set()}\n")
        self.assertRegex(self.only_set().name, r"^\d{8}T\d{6}Z-abc1234-dirty$")
        self.assertEqual(self.only_set().parent.name, os.uname().nodename)

    def test_every_launch_of_every_row_is_there(self) -> None:
        self.run_it(launches=3)
        names = subprocess.run([FAKE, "--benchmark_list_tests"], text=True,
                               capture_output=True, check=True).stdout.split()
        rows = self.documents()["results"]["benchmarks"]
        self.assertEqual([row["name"] for row in rows],
                         [name for name in names for _ in range(3)])
        self.assertEqual([row["repetition_index"] for row in rows],
                         [0, 1, 2] * len(names))
        self.assertEqual([row["launch"] for row in rows], [0, 1, 2] * len(names))
        self.assertEqual({row["repetitions"] for row in rows}, {3})

    def test_families_are_numbered_as_in_one_process(self) -> None:
        self.run_it()
        rows = self.documents()["results"]["benchmarks"]
        self.assertEqual({CELLS.index(cell_of(row)) - row["family_index"]
                          for row in rows}, {0})
        at = [row["per_family_instance_index"] for row in rows
              if row["name"] == "pair/null/size:4096/threads:1"]
        self.assertEqual(at, [1, 1])

    def test_context_tells_of_the_run(self) -> None:
        self.run_it("--seed=77", "--profile=full", launches=2)
        context = self.documents()["results"]["context"]
        self.assertEqual((context["seed"], context["profile"], context["launches"]),
                         ("77", "full", "2"))
        self.assertRegex(context["load_after"], r"^[\d.]+ [\d.]+ [\d.]+$")
        stamp = re.sub(r"[-:]|\+00:00", "", context["date"])
        self.assertTrue(self.only_set().name.startswith(f"{stamp}Z-"))
        self.assertEqual({entry["profile"] for entry in self.launches()}, {"full"})

    def test_ten_launches_by_default(self) -> None:
        for profile in "quick", "full":
            self.log_file.unlink(missing_ok=True)
            subprocess.run([RUNNER, f"--bench={FAKE}", f"--out={self.out}",
                            f"--profile={profile}", "--variants=page_chain"],
                           env=self.environment(""), capture_output=True, check=True)
            self.assertEqual(len(self.launched()), 10)

    def warnings(self) -> list[str]:
        return self.documents()["results"]["context"]["warning"].split("; ")

    def test_warnings_of_all_launches_are_united(self) -> None:
        self.run_it(launches=3)
        warnings = [text for text in self.warnings() if not text.startswith(OTHERS)]
        steal = f"the host has taken {self.launches()[0]['seed']} % of its time"
        self.assertEqual(sorted(warnings), sorted(
            ["nothing is measured", steal] + [f"{cell} is a fake" for cell in CELLS]),
            "each once, and the steal that the run found")

    def test_what_runs_beside_is_told(self) -> None:
        busy = [sys.executable, "-c", "while True: pass"]
        for _ in os.sched_getaffinity(0):
            other = subprocess.Popen(busy)
            self.addCleanup(other.wait)
            self.addCleanup(other.kill)
        self.run_it(do="pair/null=slow latency/global_list=slow", launches=5)
        told = [text for text in self.warnings() if text.startswith(OTHERS)]
        self.assertRegex(" ".join(told),
                         rf"^{OTHERS} \d+ % of the \d+ CPUs? while this was measured$")

    def test_measurements_without_a_time_are_counted(self) -> None:
        # Where instructions are counted none has one, and that is right.
        done = self.run_it(do="pair/null=timeless@0 frag/page_chain=away")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("; 2 of 2 measurements of several CPUs have no time: one was away",
                      self.documents()["results"]["context"]["warning"])

    def test_histograms_and_series_know_their_launch(self) -> None:
        self.run_it()
        documents = self.documents()
        self.assertEqual(
            [(entry["op"], entry["phase"], entry["launch"])
             for entry in documents["histograms"]["histograms"]],
            [(op, phase, launch) for launch in (0, 1) for op in ("alloc", "free")
             for phase in ("growth", "steady")])
        self.assertEqual([entry["launch"] for entry in documents["series"]["series"]],
                         [0, 1])

    def test_fingerprint_holds_machine_and_build_alone(self) -> None:
        self.run_it()
        facts = self.documents()["fingerprint"]
        self.assertEqual(facts["cpu_model"], "a fake")
        self.assertEqual(facts["compiler"], "gcc 12.2")
        for key in ("date", "executable", "seed", "profile", "launches", "warning",
                    "load_avg"):
            self.assertNotIn(key, facts)

    def test_figures_are_not_changed(self) -> None:
        self.run_it()
        seeds = {entry["seed"] for entry in self.launches()}
        times = {row["ns_per_op"] for row in
                 self.documents()["results"]["benchmarks"]}
        self.assertEqual(times, {10 + seed % 1000 / 1000 for seed in seeds})

    def test_nothing_is_overwritten(self) -> None:
        runs = [self.start(launches=1) for _ in range(3)]
        paths = {run.communicate(timeout=PATIENCE)[0] for run in runs}
        self.assertEqual(paths, {f"{path}\n" for path in self.result_sets()})
        self.assertEqual(len(paths), 3)

    @unittest.skipUnless(COMPARE.exists(), "libbenchmark-tools is not installed")
    def test_compare_py_reads_it(self) -> None:
        paths = [self.run_it(launches=9).stdout.strip() + "/results.json"
                 for _ in range(2)]
        done = subprocess.run(["/usr/bin/python3", COMPARE, "benchmarks", *paths],
                              text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"pair/null/size:64/threads:1_pvalue .*"
                                      r"U Test, Repetitions: 9 vs 9")


class Order(RunnerTest):
    def rounds(self, launches: int) -> list[list[str]]:
        cells = self.launched()
        self.assertEqual(len(cells), launches * len(CELLS))
        return [cells[i:i + len(CELLS)] for i in range(0, len(cells), len(CELLS))]

    def test_every_round_has_every_cell_in_an_order_of_its_own(self) -> None:
        self.run_it("--seed=1", launches=5)
        rounds = self.rounds(5)
        for cells in rounds:
            self.assertEqual(sorted(cells), sorted(CELLS))
        self.assertGreater(len({tuple(cells) for cells in rounds}), 1)

    def test_seed_decides(self) -> None:
        found = []
        for seed in 1, 1, 2:
            self.log_file.unlink(missing_ok=True)
            done = self.run_it(f"--seed={seed}", launches=3)
            self.assertIn(f"seed {seed}\n", done.stderr)
            found.append([(entry["cell"], entry["seed"]) for entry in self.launches()])
        self.assertEqual(found[0], found[1])
        self.assertNotEqual(found[0], found[2])

    def test_random_seed_is_told_and_recorded(self) -> None:
        seed = re.search(r"seed (\d+)\n", self.run_it().stderr)
        self.assertIsNotNone(seed)
        self.assertEqual(self.documents()["results"]["context"]["seed"], seed[1])

    def test_a_round_gives_all_cells_the_same_work(self) -> None:
        self.run_it(launches=3)
        seeds = [entry["seed"] for entry in self.launches()]
        a_round = len(CELLS)
        self.assertEqual(seeds, [seed for seed in seeds[::a_round]
                                 for _ in range(a_round)])
        self.assertEqual(len(set(seeds)), 3)

    def test_filter_takes_the_variant_literally(self) -> None:
        self.run_it("--variants=upstream-6.1 upstream-6x1", "--workloads=pair")
        rows = {tuple(entry["rows"]) for entry in self.launches()}
        self.assertEqual(rows, {("pair/upstream-6.1/size:64/threads:1",),
                                ("pair/upstream-6x1/size:64/threads:1",)})


class Failures(RunnerTest):
    def check_deed(self, deed: str, reason: str, *options: str) -> None:
        """One launch of two goes wrong: its rows are left out, all others kept."""
        done = self.run_it(*options, do=f"latency/global_list={deed}@0")
        self.assertEqual(done.returncode, 4, done.stderr)
        lines = [line for line in done.stderr.splitlines() if "failed in" in line]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertRegex(lines[0], "^dmapool-run[^ ]*: latency/global_list failed in "
                                   f"[12] of 2 launches: {reason}: try .*filter=")
        self.assertEqual(done.stdout, f"{self.only_set()}\n")
        self.check_others_are_kept(1 if "1 of 2" in lines[0] else 0)

    def check_others_are_kept(self, kept: int) -> None:
        documents = self.documents()
        rows = documents["results"]["benchmarks"]
        others = [row for row in rows if cell_of(row) != "latency/global_list"]
        failed = [row for row in rows if cell_of(row) == "latency/global_list"]
        self.assertEqual({row["repetitions"] for row in others}, {2})
        self.assertEqual(len(failed), 2 * kept)
        self.assertEqual({(row["repetitions"], row["repetition_index"], row["launch"])
                          for row in failed}, {(1, 0, 1)} if kept else set())
        self.assertEqual({entry["launch"] for entry in
                          documents["histograms"]["histograms"]}, {1} if kept else set())
        self.assertIn(f"kept {10 + kept} of 12 launches",
                      documents["results"]["context"]["warning"])

    def test_exit_status(self) -> None:
        self.check_deed("fail", "exit status 3: fake-bench: the pool leaks")

    def test_crash(self) -> None:
        self.check_deed("crash", "Segmentation fault")

    def test_hang(self) -> None:
        self.check_deed("wait", "killed after 1 s without an end", "--timeout=1")
        self.assertEqual(Counter(self.launched())["latency/global_list"], 1,
                         "a cell that hangs is not tried again")

    def test_garbage(self) -> None:
        self.check_deed("garbage", "wrote unusable results: line 1: .*")

    def test_no_output(self) -> None:
        self.check_deed("silent", "wrote no results")

    def test_nan(self) -> None:
        self.check_deed("nan", "wrote unusable results: line 1: .*NaN.*")

    def test_row_that_failed(self) -> None:
        # Whether the program's exit status says so, too, or not.
        for deed in "skip", "refuse":
            shutil.rmtree(self.out, ignore_errors=True)
            self.log_file.unlink(missing_ok=True)
            self.check_deed(deed, "latency/[^ ]*: pool is; broken")

    def test_row_that_was_skipped(self) -> None:
        self.check_deed("leave", "latency/[^ ]*: not on this machine")

    def test_the_result_set_knows_what_failed(self) -> None:
        self.run_it(do="pair/null=refuse@0 frag/page_chain=crash@1")
        said = self.documents()["results"]["context"]["warning"].split("; ")
        self.assertIn("pair/null failed in 1 of 2 launches: pair/null/size:64/threads:1: "
                      "pool is, broken", said)
        self.assertIn("frag/page_chain failed in 1 of 2 launches: Segmentation fault",
                      said)

    def test_aggregate(self) -> None:
        self.check_deed("aggregate", "wrote a row that is no measurement: .*")

    def test_lacking_row(self) -> None:
        self.check_deed("lacking", "left out the row latency/.*op:free/threads:1")

    def test_row_twice(self) -> None:
        self.check_deed("twice", "wrote a row it was not asked for: latency/.*")

    def test_wrong_raw_data(self) -> None:
        self.check_deed("rawless", "wrote raw data that is not dmapool-bench-raw/1")

    def test_stray_raw_data(self) -> None:
        self.check_deed("stray", "wrote raw data of a row that is not its: no/such/row")

    def test_every_cell_has_its_line(self) -> None:
        done = self.run_it(do="pair/null=fail pair/global_list=crash")
        self.assertEqual(done.returncode, 4)
        self.assertRegex(done.stderr, "pair/null failed in 2 of 2 launches: exit")
        self.assertRegex(done.stderr, "pair/global_list failed in 2 of 2 launches: Seg")
        self.assertEqual(set(self.rows_by_cell()),
                         set(CELLS) - {"pair/null", "pair/global_list"})

    def test_nothing_measured_leaves_nothing(self) -> None:
        done = self.run_it("--variants=page_chain", "--workloads=frag",
                           do="frag/page_chain=fail")
        self.assertEqual((done.returncode, done.stdout), (4, ""))
        self.assertIn("every launch failed: nothing kept", done.stderr)
        self.assert_nothing_left()


class Usage(RunnerTest):
    def check_usage(self, *options: str, part: str, status: int = 2,
                    do: str = "") -> None:
        done = self.run_it(*options, do=do)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assert_one_line(done.stderr, part)
        self.assertFalse(self.out.exists())

    def test_options(self) -> None:
        for option in ("--nonsense", "--launches=0", "--launches=2x", "--launches=",
                       "--seed=-1", "--seed=99999999999999999999", "--profile=slow",
                       "--timeout=0", "--out=", "stray"):
            self.check_usage(option, part=option)

    def test_help(self) -> None:
        done = self.run_it("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for option in ("bench", "profile", "variants", "workloads", "launches", "seed",
                       "timeout", "out"):
            self.assertIn(f"--{option}=", done.stdout)

    def test_benchmark_program_names_what_is_unknown(self) -> None:
        self.check_usage("--variants=nonsense",
                         part="fake-bench: no variant nonsense: see --help\n")
        self.check_usage("--workloads=nonsense",
                         part="fake-bench: no workload nonsense: see --help\n")

    def test_benchmark_program_is_missing(self) -> None:
        self.check_usage("--bench=/nonexistent", part="--bench")
        self.check_usage(f"--bench={self.folder}", part="--bench")

    def test_benchmark_program_cannot_list(self) -> None:
        self.check_usage(do="list=crash", part="cannot list", status=4)
        self.check_usage("--timeout=1", do="list=wait", part="cannot list", status=4)
        self.check_usage(do="list=empty", part="no such benchmark")
        self.check_usage(do="list=stranger", part='"BM_something"')


class Stopping(RunnerTest):
    def interrupts(self) -> int:
        return sum("interrupt" in entry for entry in self.log())

    def check_kept(self, output: str, errors: str) -> None:
        launches = len(self.launched()) - 1
        self.assertEqual(output, f"{self.only_set()}\n")
        self.assertIn(f"stopped: kept {launches} of 18 launches in {self.only_set()}\n",
                      errors)
        rows = self.documents()["results"]["benchmarks"]
        self.assertEqual(len({(cell_of(row), row["launch"]) for row in rows}), launches)

    def test_complete_launches_are_kept(self) -> None:
        for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT:
            with self.subTest(number):
                shutil.rmtree(self.out, ignore_errors=True)
                self.log_file.unlink(missing_ok=True)
                run = self.start(do="pair/null=wait@1", launches=3)
                self.await_launch("pair/null", 2)
                run.send_signal(number)
                output, errors = run.communicate(timeout=PATIENCE)
                self.assertEqual(run.returncode, 130, errors)
                self.check_kept(output, errors)
                self.assertEqual(self.interrupts(), 1)

    def test_nothing_complete_leaves_nothing(self) -> None:
        run = self.start("--variants=page_chain", do="frag/page_chain=wait")
        self.await_launch("frag/page_chain")
        run.send_signal(signal.SIGINT)
        output, errors = run.communicate(timeout=PATIENCE)
        self.assertEqual((run.returncode, output), (130, ""))
        self.assertIn("stopped: nothing kept", errors)
        self.assert_nothing_left()

    def test_while_listing(self) -> None:
        run = self.start(do="list=wait")
        wait_for(self.log, "it never lists")
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=PATIENCE)
        self.assertEqual(run.returncode, 130)
        self.assert_one_line(errors, "stopped")

    def test_twice_quits_at_once(self) -> None:
        run = self.start("--variants=page_chain", do="frag/page_chain=stubborn")
        self.await_launch("frag/page_chain")
        run.send_signal(signal.SIGINT)
        wait_for(self.interrupts, "the child was not interrupted")
        time.sleep(0.3)  # nobody presses twice in less
        self.assertIsNone(run.poll(), "it waits for its child")
        began = time.monotonic()
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=PATIENCE)
        self.assertLess(time.monotonic() - began, 5, "it waited for its child")
        self.assertEqual(run.returncode, 130)
        self.assert_nothing_left()

    def test_only_ctrl_c_twice_is_haste(self) -> None:
        # A terminal that closes sends more than one signal, and timeout(1) each twice.
        run = self.start("--variants=page_chain", do="frag/page_chain=stubborn@1")
        self.await_launch("frag/page_chain", 2)
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGHUP, signal.SIGTERM):
            run.send_signal(number)
            time.sleep(0.3)
        output, errors = run.communicate(timeout=PATIENCE)
        self.assertEqual((run.returncode, output), (130, f"{self.only_set()}\n"), errors)
        self.assertEqual(self.interrupts(), 1)

    def test_what_is_ignored_stays_ignored(self) -> None:
        run = subprocess.Popen(
            ["env", "--ignore-signal=HUP,INT,QUIT", *self.command(launches=1)],
            env=self.environment("pair/null=hold"), stdout=subprocess.PIPE, text=True)
        self.addCleanup(run.kill)
        self.await_launch("pair/null")
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            run.send_signal(number)
        self.open_gate()
        output, _ = run.communicate(timeout=PATIENCE)
        self.assertEqual((run.returncode, output), (0, f"{self.only_set()}\n"))
        self.assertEqual(len(self.rows_by_cell()), len(CELLS))

    def test_whoever_kills_the_runner_kills_its_child(self) -> None:
        run = self.start(do="pair/null=stubborn")
        pid = self.await_launch("pair/null")
        run.kill()
        self.await_end(pid)

    def test_what_a_launch_leaves_behind_is_killed(self) -> None:
        # A stand-in that dies of a signal cannot end its program.
        (self.folder / "bench").write_text(
            f'#!/bin/sh\ncase "$*" in *list*) exec {FAKE} "$@" ;; esac\n'
            f'sleep 1000 & echo $! >{self.folder}/left\nexec {FAKE} "$@"\n')
        (self.folder / "bench").chmod(0o755)
        done = self.run_it(f"--bench={self.folder}/bench", "--variants=page_chain",
                           launches=1)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.await_end(int((self.folder / "left").read_text()))

    def test_readers_that_leave(self) -> None:
        run = self.start("--variants=page_chain", do="frag/page_chain=hold")
        self.await_launch("frag/page_chain")
        for stream in run.stdout, run.stderr:
            stream.close()
        self.open_gate()
        self.assertEqual(run.wait(PATIENCE), 0)
        self.assertEqual(self.rows_by_cell(), {"frag/page_chain": 2})

    def test_standard_streams_that_are_closed(self) -> None:
        done = subprocess.run(["bash", "-c", '"$@" <&- >&- 2>&-', "bash",
                               *self.command()], env=self.environment(""), check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(self.rows_by_cell()), len(CELLS))

    def test_stubborn_child_is_killed_and_plain_lines_tell_of_it(self) -> None:
        run = self.start("--variants=page_chain", do="frag/page_chain=stubborn")
        self.await_launch("frag/page_chain")
        time.sleep(6)
        began = time.monotonic()
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=PATIENCE)
        self.assertGreater(time.monotonic() - began, 4.5)
        self.assertEqual(run.returncode, 130)
        lines = [line for line in errors.splitlines() if line.startswith("[")]
        self.assertEqual(len(lines), 1, errors)
        self.assertRegex(lines[0], r"^\[0/2\] 0 %  frag/page_chain  launch 1/2  "
                                   r"elapsed 0:1\d  left \?$")
        self.assertNotIn("\r", errors)


class Terminal(RunnerTest):
    """The runner on a terminal of its own, whose Ctrl-C goes to all of its group."""

    def start_on_terminal(self, do: str, launches: int, *before: str) -> tuple[int, int]:
        command = [*before, *self.command(launches=launches)]
        environment = self.environment(do)
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvpe(command[0], command, environment)
        return pid, terminal

    def exit_status(self, pid: int) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def read_all(self, terminal: int) -> str:
        text = b""
        try:
            while chunk := os.read(terminal, 4096):
                text += chunk
        except OSError:  # the other side is closed
            pass
        os.close(terminal)
        return text.decode()

    def test_line_is_redrawn(self) -> None:
        pid, terminal = self.start_on_terminal("pair/null=slow", launches=10)
        text = self.read_all(terminal)
        self.assertEqual(self.exit_status(pid), 0, text)
        lines = [line for line in text.split("\r") if line.startswith("[")]
        self.assertEqual(len(lines), 60)
        self.assertRegex(lines[0], r"^\[ 0/60\] 0 %  \w+/[\w.-]+  launch 1/10  "
                                   r"elapsed 0:00  left \?\x1b\[K$")
        self.assertRegex(lines[59], r"^\[59/60\] 98 %  .*  launch 10/10  "
                                    r"elapsed \d+:\d\d  left \d+:\d\d")
        self.assertRegex(text, r"\r\x1b\[K[^\r\[]*60 of 60 launches in \d+:\d\d")

    def test_line_is_cut_to_the_width(self) -> None:
        pid, terminal = self.start_on_terminal("", launches=2)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 30, 0, 0))
        text = self.read_all(terminal)
        os.waitpid(pid, 0)
        last = [line for line in text.split("\r") if line.startswith("[11/12]")][-1]
        self.assertEqual(len(last.removesuffix("\x1b[K")), 29)

    def test_control_c_reaches_the_child_once(self) -> None:
        pid, terminal = self.start_on_terminal("pair/null=wait", launches=2)
        self.await_launch("pair/null")
        os.write(terminal, b"\x03")
        text = self.read_all(terminal)
        self.assertEqual(self.exit_status(pid), 130, text)
        self.assertEqual(sum("interrupt" in entry for entry in self.log()), 1)

    def test_a_terminal_that_closes(self) -> None:
        for before, status in ((), 130), (("env", "--ignore-signal=HUP"), 0):
            shutil.rmtree(self.out, ignore_errors=True)
            self.log_file.unlink(missing_ok=True)
            (self.folder / "gate").unlink(missing_ok=True)
            pid, terminal = self.start_on_terminal("pair/null=hold@1", 2, *before)
            self.await_launch("pair/null", 2)
            os.close(terminal)
            if status == 0:
                self.open_gate()
            self.assertEqual(self.exit_status(pid), status)
            kept = sum(self.rows_by_cell().values())
            self.assertEqual(kept == 18, status == 0, kept)
            self.assertGreater(kept, 0)


class Disk(RunnerTest):
    def mount_small(self, mib: int) -> None:
        self.out.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs",
                               self.out], capture_output=True, text=True, check=False)
        if done.returncode:
            self.skipTest(f"no small file system: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", self.out], check=True)

    def add_earlier_set(self) -> Path:
        earlier = self.out / os.uname().nodename / "20200101T000000Z-old"
        earlier.mkdir(parents=True)
        (earlier / "results.json").write_text("{}\n")
        return earlier

    def check_refused(self, done: subprocess.CompletedProcess[str], line: str,
                      left: list[Path]) -> None:
        self.assertEqual((done.returncode, done.stdout), (4, ""), done.stderr)
        self.assertRegex(line, "^dmapool-run[^ ]*: .*: .* with --out$")
        self.assertEqual(self.result_sets(), left)
        self.assertEqual(list(self.out.rglob(".*")), [])

    def test_full_before_the_run(self) -> None:
        self.mount_small(20)
        earlier = self.add_earlier_set()
        done = self.run_it(launches=2000)
        self.assert_one_line(done.stderr, "No space left")
        self.check_refused(done, done.stderr.strip(), [earlier])
        self.assertEqual(self.launched(), [], "nothing was measured in vain")
        self.assertEqual((earlier / "results.json").read_text(), "{}\n")

    def test_full_at_the_end(self) -> None:
        self.mount_small(48)
        earlier = self.add_earlier_set()
        (self.out / "ballast").write_bytes(bytes(6 << 20))
        done = self.run_it(do="pair/null=big pair/global_list=big pair/upstream-6.1=big "
                              "pair/upstream-6x1=big frag/page_chain=big "
                              "latency/global_list=big", launches=1)
        self.assertEqual(len(self.launched()), len(CELLS))
        self.assertIn("No space left", done.stderr.splitlines()[-1])
        self.check_refused(done, done.stderr.splitlines()[-1], [earlier])

    def test_full_meanwhile_costs_nothing(self) -> None:
        self.mount_small(20)
        run = self.start("--variants=page_chain", do="frag/page_chain=wait@1",
                         launches=2)
        self.await_launch("frag/page_chain", 2)
        with open(self.out / "ballast", "wb", buffering=0) as file:
            with self.assertRaises(OSError):
                while file.write(bytes(1 << 16)):
                    pass
        run.send_signal(signal.SIGINT)
        output, errors = run.communicate(timeout=PATIENCE)
        self.assertEqual(run.returncode, 130, errors)
        self.assertEqual(load(Path(output.strip()) / "results.json")
                         ["benchmarks"][0]["repetitions"], 1)

    def test_stdout_is_full(self) -> None:
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(self.command(), text=True, env=self.environment(""),
                                  stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn(str(self.only_set()), done.stderr.splitlines()[-1])

    def test_no_folder_can_be_made(self) -> None:
        self.out.write_text("in the way\n")
        done = self.run_it()
        self.assertEqual((done.returncode, done.stdout), (4, ""))
        self.assert_one_line(done.stderr, str(self.out), "Not a directory", "--out")
        self.assertEqual(self.out.read_text(), "in the way\n")


class Schemas(RunnerTest):
    """What the schemas must refuse."""

    def spoilt(self, document: str, path: list[Any], value: Any) -> None:
        found = load(self.only_set() / f"{document}.json")
        at = found
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        with self.assertRaises(jsonschema.ValidationError, msg=(path, value)):
            validator(document).validate(found)

    def test_results(self) -> None:
        self.run_it()
        for key, value in (
                ("ns_per_op", float("nan")), ("ns_per_op", float("inf")),
                ("ns_per_op", -1.0), ("ns_per_op", "12"), ("some_counter", float("nan")),
                ("name", "pair/null/size:64"), ("name", "nonsense/null/threads:1"),
                ("name", "pair/null/manual_time/threads:1"), ("run_type", "aggregate"),
                ("aggregate_name", "mean"), ("error_occurred", True),
                ("repetitions", 0), ("launch", -1), ("threads", 0)):
            self.spoilt("results", ["benchmarks", 0, key], value)
        for key, value in (("schema", "other/1"), ("build", "moon"), ("seed", "x"),
                           ("launches", "0"), ("warning", ""), ("date", "today")):
            self.spoilt("results", ["context", key], value)
        self.spoilt("results", ["benchmarks"], [])

    def test_raw_data(self) -> None:
        self.run_it()
        for key, value in (("unit", "us"), ("phase", "late"), ("op", "both"),
                           ("counts", [[1]]), ("counts", [[1, 0]]), ("launch", None),
                           ("counts", [[1, 1.5]]), ("extra", 1), ("name", "pair")):
            self.spoilt("histograms", ["histograms", 0, key], value)
        for key, value in (("columns", ["pages_held", "ops"]), ("columns", ["ops"]),
                           ("columns", ["ops", "pages_lost"]),
                           ("points", [[0, float("nan")]]), ("points", [["0", "1"]])):
            self.spoilt("series", ["series", 0, key], value)

    def test_fingerprint(self) -> None:
        self.run_it()
        for key, value in (("num_cpus", 2), ("seed", "1"), ("warning", "loud")):
            self.spoilt("fingerprint", [key], value)


if __name__ == "__main__":
    unittest.main()

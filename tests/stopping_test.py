#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of how everything is stopped: by Ctrl-C, SIGTERM, SIGQUIT, a terminal that
closes, or by being killed. What was started ends, nothing temporary stays, what was
measured is kept, and the exit status is 130.

Nothing here waits for a time to pass: for files, and for processes to be there or gone.
"""

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

sys.dont_write_bytecode = True
import eval_test  # noqa: E402
import gate_test  # noqa: E402
from analysis_test import ROOT, Case, row, write  # noqa: E402
from evidence import children, gating, resultset, stopping  # noqa: E402
from evidence.comparison import Settings, Verdict  # noqa: E402
from patience import PATIENCE, wait_for  # noqa: E402

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
TOOLS = ("tools/calibrate", "tools/compare", "tools/eval", "tools/gate", "tools/history",
         "tools/measure", "tools/report", "tools/sides", "tools/summary", "plots/draw",
         "bench/insn", "kmod/boot/bench", "kmod/boot/boot", "kmod/boot/ktest",
         "kmod/boot/where", "tests/run")
# Interrupts its own process where STOP_AT says: as Python starts, or at an import.
INTERRUPTED = """\
import os, signal, sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["STOP_AT"]:
            os.kill(os.getpid(), signal.SIGINT)
if os.environ["STOP_AT"] == "start":
    os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
"""
# A callgrind that counts what "pair/null" does and is busy with all else.
VALGRIND = """\
#!/usr/bin/python3
import json, pathlib, re, subprocess, sys, time
words = dict(word.lstrip("-").split("=", 1) for word in sys.argv[1:] if "=" in word)
names = words["benchmark_filter"][2:-2].replace("[.]", ".").split("|")
base = words["callgrind-out-file"]
if not names[0].startswith("pair/null/"):
    pathlib.Path(base).with_name("busy").touch()
    time.sleep(1000)
for number, name in enumerate(names):
    pathlib.Path(f"{base}.{number}").write_text(
        f"desc: Trigger: Client Request: {name} ops=10\\nsummary: 680\\n")
pathlib.Path(words["benchmark_out"]).write_text(json.dumps(dict(
    context=dict(host_name="ares", revision="abc1234"),
    benchmarks=[dict(name=name) for name in names])))
"""


class Stopped(Case):
    """Programs that keep what is temporary in a folder of the test's, by which they and
    all that they start are known."""

    def setUp(self):
        super().setUp()
        self.temporary = self.folder / "temporary"
        self.temporary.mkdir()
        self.addCleanup(self.kill_all)

    def put(self, name: str, text: str) -> None:
        """A program, or what one reads."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        write(path, text).chmod(0o755)

    def start(self, *command: Any, **how: Any) -> subprocess.Popen:
        env = os.environ | {"TMPDIR": str(self.temporary)} | how.pop("env", {})
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
        return subprocess.Popen(
            ["env", "--default-signal=INT,TERM,HUP,QUIT", *map(str, command)], env=env,
            text=True, start_new_session=True, **how)

    def started(self) -> list[int]:
        """All that lives of what was started."""
        mark = f"TMPDIR={self.temporary}\0".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if mark in path.read_bytes() and int(path.parent.name) != os.getpid():
                    found.append(int(path.parent.name))
        return found

    def kill_all(self) -> None:
        for pid in self.started():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def assert_stopped(self, process: subprocess.Popen) -> tuple[str, str]:
        """It ends as it should; what it said."""
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 130, out + err)
        self.assertNotIn("Traceback", err)
        self.assertEqual(self.started(), [])
        self.assertEqual(list(self.temporary.iterdir()), [])
        return out, err


class Start(Stopped):
    def test_ctrl_c_while_a_tool_starts(self):
        self.put("path/sitecustomize.py", INTERRUPTED)
        for tool in TOOLS:
            for at in "start", "argparse", "evidence", "evidence.stopping":
                with self.subTest(tool=tool, at=at):
                    done = self.start(ROOT / tool, "--help", env={
                        "PYTHONPATH": str(self.folder / "path"), "STOP_AT": at})
                    _, err = done.communicate(timeout=PATIENCE)
                    self.assertEqual((done.returncode, err), (130, ""))

    def test_what_is_ignored_stays_ignored(self):
        for number in STOPS:
            told = []
            with mock.patch.object(signal, "getsignal", return_value=signal.SIG_IGN), \
                    mock.patch.object(signal, "signal", lambda *what: told.append(what)):
                stopping.gracefully()
            self.assertEqual(told, [], number)


class Children(Stopped):
    """children.complete(), in a program of its own."""
    PROGRAM = """\
import sys
sys.path.insert(0, {tools!r})
from evidence import children, stopping
from evidence.tool import begin, run_tool
def main():
    return children.complete(["sh", "-c", {script!r}])
begin()
run_tool(main)
"""

    def parent_of(self, script: str) -> subprocess.Popen:
        """Once its child has made the file "there"."""
        process = self.start(sys.executable, "-c", self.PROGRAM.format(
            tools=str(ROOT / "tools"), script=f"cd {self.folder}; {script}"))
        wait_for((self.folder / "there").exists, "there is no child")
        return process

    def test_a_child_ends_with_its_children(self):
        for number in STOPS:
            with self.subTest(number):
                (self.folder / "there").unlink(missing_ok=True)
                process = self.parent_of("sleep 1000 & touch there; wait")
                process.send_signal(number)
                self.assert_stopped(process)

    def test_a_child_is_waited_for(self):
        process = self.parent_of("trap 'echo it ends; exit 3' TERM; touch there; "
                                 "while :; do sleep 0.1; done")
        process.send_signal(signal.SIGHUP)
        self.assertEqual(self.assert_stopped(process)[0], "it ends\n")

    def test_who_is_killed_takes_its_child_along(self):
        process = self.parent_of("touch there; exec sleep 1000")
        process.kill()
        process.communicate(timeout=PATIENCE)
        wait_for(lambda: not self.started(), "the child lives on")

    def test_a_stop_before_there_is_a_child(self):
        # While Popen() is at work: the child hears of it once it is known.
        start = subprocess.Popen

        def interrupted(*args, **how):
            os.kill(os.getpid(), signal.SIGUSR1)
            return start(*args, **how)

        before = signal.signal(signal.SIGUSR1, lambda *what: stopping._on_stop(
            signal.SIGTERM, None))
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        self.addCleanup(stopping.obeyed)
        with mock.patch.object(subprocess, "Popen", interrupted):
            with self.assertRaises(KeyboardInterrupt):
                children.complete(["sleep", "1000"])
        # And after it none is started any more.
        with self.assertRaises(KeyboardInterrupt):
            children.complete(["touch", self.folder / "late"])
        self.assertFalse((self.folder / "late").exists())


class Gate(gate_test.Repository, Stopped):
    def measuring(self, *words: str, wait_at: int = 3, **how: Any) -> subprocess.Popen:
        """tools/gate, once that launch of a cell is under way."""
        for log in self.folder.glob("log-*"):
            log.unlink()
        gate = self.start(*self.command("HEAD~4", "HEAD~4", *words), env={
            "FAKE_DO": f"pair/null=wait@{wait_at}"}, **how)
        wait_for(lambda: self.launches("pair/null") > wait_at, "it does not measure")
        return gate

    def launches(self, cell: str) -> int:
        said = "".join(log.read_text() for log in self.folder.glob("log-*"))
        return said.count(f'"cell": "{cell}"')

    def test_all_that_it_started_ends(self):
        for number in STOPS:
            for send in os.kill, os.killpg:
                with self.subTest(number=number, send=send):
                    gate = self.measuring()
                    send(gate.pid, number)
                    out, err = self.assert_stopped(gate)
                    self.assertEqual(out, "")
                    self.assertRegex(err, "stopped: kept [1-9].* launches in /")

    def test_a_terminal_that_closes(self):
        ours, its = pty.openpty()
        gate = self.measuring(stdin=its, stdout=its, stderr=its)
        os.close(its)
        # As the kernel and a shell do: to all in the session, and again.
        os.close(ours)
        for _ in range(2):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(gate.pid, signal.SIGHUP)
        self.assertEqual(gate.wait(PATIENCE), 130)
        self.assertEqual((self.started(), list(self.temporary.iterdir())), ([], []))
        self.assertEqual(len(list(self.folder.glob("out/*/*Z-*/results.json"))), 1)

    def test_whoever_kills_it_ends_the_measuring(self):
        gate = self.measuring()
        gate.kill()
        gate.communicate(timeout=PATIENCE)
        wait_for(lambda: not self.started(), "something measures on")
        self.assertEqual(len(list(self.folder.glob("out/*/*Z-*/results.json"))), 1)

    def test_stopped_while_it_measures_again(self):
        for number in signal.SIGINT, signal.SIGHUP:
            for log in self.folder.glob("log-*"):
                log.unlink()
            gate = self.start(*self.command(
                self.commits[""], self.commits["global_list=1.3"], "--workloads=pair"),
                env={"FAKE_DO": "pair/global_list=wait@7"})
            wait_for(lambda: self.launches("pair/global_list") > 12, "never again")
            gate.send_signal(number)
            out, _ = self.assert_stopped(gate)
            self.assertIn("FAILED   measuring again: stopped", out)
            self.assertIn("unclear", out)

    def test_why_a_launch_failed(self):
        for deed, why in (("refuse", r"pair/null\+\w+/size:64/threads:1: pool is"),
                          ("crash", "Segmentation fault")):
            done = self.gate(self.commits[""], self.commits[""], "--workloads=pair",
                             deeds=f"pair/null={deed}@0")
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertRegex(done.stderr, f"failed in 1 of 6 launches: {why}")
            self.assertRegex(" ".join(done.stdout.split()), "FAILED pair/null.(base|new) "
                             f"failed in 1 of 6 launches: {why}")


class Verdicts(Case):
    """What was found until somebody stopped the rest."""

    def setUp(self):
        super().setUp()
        self.addCleanup(stopping.obeyed)

    def stop(self, *_: Any) -> None:
        stopping.asked.append(signal.SIGHUP)
        raise KeyboardInterrupt

    def test_eval_keeps_what_it_found_in_userspace(self):
        case = eval_test.Report()
        case.folder = self.folder
        report = case.report(case.found(1, 1.5))
        report.folder = self.folder / "kept"
        report.folder.mkdir()
        report.change = mock.Mock(told=["told"], base=mock.Mock(path=__file__),
                                  new=mock.Mock(path=__file__))
        report.kernel(self.stop)
        with mock.patch.object(children, "run", side_effect=AssertionError), \
                contextlib.redirect_stdout(None):
            report.finish()
        text = (report.folder / "report.txt").read_text()
        self.assertEqual(text.splitlines()[0],
                         "stopped: here is what was measured until then")
        self.assertIn("What got worse:\n  pair/upstream-new/size:1/threads:1 ns", text)
        self.assertIn("In a kernel: it was stopped\n", text)
        found = json.loads((report.folder / "userspace.json").read_text())
        self.assertEqual(found["judgements"][-1]["verdict"], "regression")

    def test_a_stop_while_instructions_are_counted(self):
        rows = [row("pair/null/size:8/threads:1", n, ns_per_op=10 + n / 100)
                for n in range(10)]
        results = resultset.load(write(self.folder / "results.json", {
            "context": gate_test.CONTEXT, "benchmarks": rows}))
        bench = mock.Mock(count=self.stop, measure=lambda *_: (results, results))
        bench.uncounted.return_value = ""
        found = gating.judge(bench, gating.Procedure(Settings()), lambda text: None)
        self.assertEqual(found.failures, ["counting instructions: stopped"])
        self.assertEqual([j.verdict for j in found.judgements], [Verdict.SAME])


class Others(Stopped):
    def test_instructions_that_were_counted_are_kept(self):
        self.put("bin/valgrind", VALGRIND)
        insn = self.start(
            ROOT / "bench/insn", f"--bench={ROOT}/tests/fake_bench.py",
            "--workloads=pair", f"--out={self.folder}/out",
            env={"PATH": f"{self.folder}/bin:{os.environ['PATH']}"})
        wait_for(lambda: list(self.temporary.glob("*/busy")), "nothing is counted")
        wait_for(lambda: "pair/null" in insn.stderr.readline(), "null is missing")
        insn.send_signal(signal.SIGTERM)
        out, err = self.assert_stopped(insn)
        self.assertIn("insn: stopped: kept 1 of 4 cells\n", err)
        kept = json.loads((Path(out.splitlines()[-1]) / "results.json").read_text())
        self.assertEqual([row["instructions_per_op"] for row in kept["benchmarks"]],
                         [68, 68])
        self.assertEqual(kept["context"]["warning"], "kept 2 of 6 rows")

    def test_tests_that_run(self):
        self.put("done_test.sh", "#!/bin/sh\necho ok this\n")
        self.put("long_test.sh", "#!/bin/sh\nsleep 1000 &\n"
                 f"echo $! >{self.folder}/there\nwait\n")
        tests = self.start(ROOT / "tests/run", *self.folder.glob("*_test.sh"))
        wait_for((self.folder / "there").exists, "no test runs")
        wait_for(lambda: "done_test" in tests.stdout.readline(), "none ends")
        tests.send_signal(signal.SIGHUP)
        out, _ = self.assert_stopped(tests)
        self.assertIn("stopped: 1 of 2 programs have ended\n", out)
        self.assertEqual(out.splitlines()[-1], "1 passed, 0 failed, 0 skipped")

    def test_a_test_that_hangs_is_killed_with_its_children(self):
        self.put("long_test.sh", "#!/bin/sh\nsleep 1000 &\nwait\n")
        tests = self.start(ROOT / "tests/run", "--timeout=1",
                           self.folder / "long_test.sh")
        out, _ = tests.communicate(timeout=PATIENCE)
        self.assertIn("exit nothing after 1 s", out)
        self.assertEqual((tests.returncode, self.started()), (1, []))


    @unittest.skipUnless((ROOT / "build/dmapool-bench").exists(),
                         "dmapool-bench is not built")
    def test_a_profile(self):
        self.put("bin/perf", f"#!/bin/sh\ntouch {self.folder}/there\nexec sleep 1000\n")
        for number in STOPS:
            (self.folder / "there").unlink(missing_ok=True)
            profile = self.start(
                ROOT / "bench/profile", "pair/null/size:64/", cwd=ROOT,
                env={"PATH": f"{self.folder}/bin:{os.environ['PATH']}"})
            wait_for((self.folder / "there").exists, "perf does not run")
            profile.send_signal(number)
            profile.communicate(timeout=PATIENCE)
            self.assertEqual(profile.returncode, 130)
            wait_for(lambda: not self.started(), "perf lives on")
            self.assertEqual(list(self.temporary.iterdir()), [])


class Measure(Stopped):
    """tools/measure, as the recipes of make start it, with the fake benchmark program."""

    def setUp(self):
        super().setUp()
        self.log = self.folder / "log"

    def measure(self, *words: str, wait_at: int) -> subprocess.Popen:
        process = self.start(
            ROOT / "tools/measure", f"--bench={ROOT}/tests/fake_bench.py",
            f"--out={self.folder}/out", "--variants=null", "--launches=2", "--no-plots",
            *words, env={"FAKE_DO": f"pair/null=wait@{wait_at}",
                         "FAKE_LOG": str(self.log)})
        wait_for(lambda: self.log.exists()
                      and self.log.read_text().count('"cell"') > wait_at, "no launch")
        return process

    def sets(self) -> list[Path]:
        return sorted(path.parent for path in self.folder.glob("out/*/*/results.json"))

    def test_what_was_measured_is_shown(self):
        process = self.measure(wait_at=1)
        process.send_signal(signal.SIGINT)
        out, err = self.assert_stopped(process)
        (kept,) = self.sets()
        self.assertIn(f"stopped: kept 1 of 2 launches in {kept}", err)
        self.assertIn("pair", out)
        self.assertTrue((kept / "report.html").exists())

    def test_runs_of_a_calibration_are_named(self):
        process = self.measure("--calibrate", wait_at=3)
        process.send_signal(signal.SIGHUP)
        _, err = self.assert_stopped(process)
        first, second = self.sets()
        self.assertEqual(err.splitlines()[-1], "measure: no noise floor was taken: kept "
                         f"2 of 3 runs: {first} {second}")
        self.assertFalse((first.parent / "noise.json").exists())


@unittest.skipUnless((ROOT / "build/dmapool-bench").exists(),
                     "dmapool-bench is not built")
class Make(Stopped):
    """make bench, by whatever reaches make alone."""

    def test_all_that_it_started_ends(self):
        out = self.folder / "out"
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            shutil.rmtree(out, ignore_errors=True)
            process = self.start(
                "env", "-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL", "make", "-s",
                "bench", f"OUT={out}", "VARIANTS=null", "WORKLOADS=pair", "LAUNCHES=9999",
                "-o", "build/dmapool-bench", "-o", "build/dmapool-run", cwd=ROOT)
            for there in True, False, True:     # the first launch is complete then
                wait_for(lambda: bool(list(out.glob(
                    "*/.*.tmp/launch-raw.json"))) == there, "no launch")
            if number == signal.SIGTERM:
                process.send_signal(number)
            else:
                os.killpg(process.pid, number)
            _, err = process.communicate(timeout=PATIENCE)
            wait_for(lambda: not self.started(), "something measures on")
            self.assertEqual(list(self.temporary.iterdir()), [])
            self.assertEqual(len(list(out.glob("*/*/results.json"))), 1, err)


if __name__ == "__main__":
    unittest.main()

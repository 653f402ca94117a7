#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of what all tools do when something goes wrong around them: 1 says that a
regression is confirmed, so nothing else may end in it, and nothing may hide it.
"""

import json
import math
import os
import pty
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
from analysis_test import ROOT, Case, row, write  # noqa: E402

COMPARE = ROOT / "tools/compare"
TOOLS = ("calibrate", "compare", "eval", "gate", "history", "report", "summary",
         "../plots/draw")


class Frame(Case):
    def made(self, name: str, *times: float, unit: str = "ns") -> Path:
        return write(self.folder / name, {"benchmarks": [
            row("BM_a", n) | {"real_time": time, "time_unit": unit}
            for n, time in enumerate(times)]})

    def slower(self) -> list[Path]:
        """Two results, of which the second is confirmed to be slower."""
        return [self.made(f"{side}.json", *(scale + n / 100 for n in range(9)))
                for side, scale in (("base", 10), ("new", 20))]

    def run_here(self, *command, **env: str) -> subprocess.CompletedProcess:
        return subprocess.run(list(map(str, command)), capture_output=True, text=True,
                              timeout=60, check=False, env=os.environ | env)

    def test_a_missing_module(self):
        # In a fresh clone, "make deps" has not been said.
        write(self.folder / "numpy.py", "raise ModuleNotFoundError(name='numpy')")
        for tool in TOOLS:
            done = self.run_here(ROOT / "tools" / tool, "--help",
                                 PYTHONPATH=str(self.folder))
            self.assert_one_line(done, 4, "module numpy is missing: run 'make deps'")

    def test_a_mistake_of_the_tool(self):
        write(self.folder / "numpy.py", "1 / 0")
        for mode in "", "1":
            done = self.run_here(COMPARE, "a", "b", PYTHONPATH=str(self.folder),
                                 PYTHONDEVMODE=mode)
            self.assertEqual((done.returncode, done.stdout), (4, ""))
            self.assertRegex(done.stderr.splitlines()[0], r"^compare: ZeroDivisionError "
                             r"\(division by zero\) at numpy\.py:1: .*: report it with")
            self.assertEqual("Traceback" in done.stderr, bool(mode))

    def test_a_reader_that_leaves(self):
        paths = self.slower()
        for streams in "", "2>&1":
            # All of it at once, and more than a pipe and the buffers hold.
            for words in [], ["--format=json"] + ["--metric=real_time"] * 2:
                done = self.run_here(
                    "bash", "-c", f'"$@" {streams} | :; exit ${{PIPESTATUS[0]}}', "bash",
                    COMPARE, *paths, *words)
                self.assertEqual((done.returncode, done.stderr), (1, ""), words)

    def test_a_terminal_that_is_gone(self):
        ours, its = pty.openpty()
        os.close(ours)
        self.addCleanup(os.close, its)
        for words in [], [f"--output={self.folder}/kept"]:
            done = subprocess.run([COMPARE, *self.slower(), *words], stdout=its,
                                  stderr=its, timeout=60, check=False)
            self.assertEqual(done.returncode, 1, words)
        self.assertIn("slower", (self.folder / "kept").read_text())

    def test_streams_that_take_nothing(self):
        paths = self.slower()
        done = self.run_here("bash", "-c", '"$@" >/dev/full', "bash", COMPARE, *paths)
        self.assert_one_line(done, 4, "No space left on device: free some space")
        done = self.run_here("bash", "-c", '"$@" >&-', "bash", COMPARE, *paths)
        self.assertEqual((done.returncode, done.stderr), (1, ""))

    def test_figures_that_nothing_has(self):
        for time, unit in ((5e-324, "ns"), (9e299, "s"), (1e308, "ns"), (1e99, "s")):
            odd = self.made("odd.json", time, unit=unit)
            self.assert_one_line(self.run_tool(COMPARE, odd, odd), 2,
                                 "that ran (BM_a: its real_time is out of range)")
        # What is left has a ratio that is a number, and fits into every table.
        small, large = (self.made(f"{time}.json", *[time] * 9) for time in (1e-90, 1e90))
        for pair in (small, large), (large, small):
            found = json.loads(self.run_tool(COMPARE, *pair, "--format=json").stdout)
            self.assertTrue(math.isfinite(found["judgements"][0]["ratio"]))
            self.assertIn(self.run_tool(COMPARE, *pair).returncode, (0, 1))

    def test_a_name_that_is_no_text(self):
        folder = os.fsencode(self.folder) + b"/\xff"
        os.mkdir(folder)
        paths = [os.path.join(folder, os.fsencode(path.name)) for path in self.slower()]
        for path in paths:
            os.rename(self.folder / os.fsdecode(os.path.basename(path)), path)
        for words in [], [f"--output={self.folder / 'found'}"]:
            done = subprocess.run([COMPARE, *paths, "--format=json", *words],
                                  capture_output=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stderr), (1, b""))
        found = json.loads((self.folder / "found").read_text())
        self.assertIn("?/base.json", found["base"]["path"])

    def test_no_place_for_the_output(self):
        paths, out = self.slower(), self.folder / "out"
        ours = self.folder / "ours.json"
        write(ours, {"benchmarks": [row("pair/null/size:8/threads:1")]})
        gate = [ROOT / "tools/gate", "--base=a", "--new=b"]
        for command in ([COMPARE, *paths, "--output"], [*gate, "--output"],
                        [ROOT / "tools/calibrate", ours, "--output"],
                        [ROOT / "tools/report", ours, "--output"],
                        [ROOT / "tools/history", self.folder, "--html"]):
            self.assert_one_line(self.run_tool(*command, self.folder), 2,
                                 f"{self.folder} is no place for a file")
        for words in (["--output=/dev/null"], [f"--output={self.folder}/no/where"],
                      [f"--out={out}", f"--output={out}"],
                      [f"--out={out}/kept", f"--output={out}"]):
            self.assert_one_line(self.run_tool(*gate, *words), 2,
                                 "is no place for a file")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of docs/ci: the commands of both files, as plain scripts on the small repository
of tests/gate_test.py, with an apt-get that does no harm.
"""

import os
import subprocess
import sys
import unittest

import yaml

sys.dont_write_bytecode = True
from analysis_test import ROOT, write  # noqa: E402
from gate_test import Repository  # noqa: E402


def steps(name: str) -> list[str]:
    """What one of the two has run, as its CI would say it to a shell."""
    document = yaml.safe_load((ROOT / "docs/ci" / name).read_text())
    job = document["jobs"]["gate"] if "jobs" in document else document["gate"]
    if "steps" in job:
        return [step["run"] for step in job["steps"] if "run" in step]
    return [*job["before_script"], *job["script"]]


class Ci(Repository):
    def run_steps(self, name: str, **env: str) -> subprocess.CompletedProcess:
        tools = self.folder / "bin"
        tools.mkdir()
        write(tools / "apt-get", "#!/bin/sh\n").chmod(0o755)
        # Each is a shell of its own, and the job ends with the first that fails.
        script = " &&\n".join(f"(\n{step}\n)" for step in steps(name))
        return subprocess.run(
            ["sh", "-ec", script], cwd=self.repository, capture_output=True, text=True,
            check=False, timeout=300, env=os.environ | env | {
                "PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(self.folder)})

    def test_github(self):
        done = self.run_steps(
            "github.yml", BASE=self.commits[""], NEW=self.commits["global_list=1.3"],
            GITHUB_STEP_SUMMARY=str(self.folder / "summary"))
        self.assertEqual(done.returncode, 1, done.stderr)
        said = (self.repository / "gate.md").read_text()
        self.assertIn("| slower | `pair/global_list/size:64/threads:1`", said)
        self.assertTrue(list(self.repository.glob("gate/*/*/results.json")))

    def test_github_holds_nothing_against_a_change_that_others_did(self):
        self.git("checkout", "-qb", "topic", self.commits[""])
        write(self.repository / "unrelated", "")
        self.git("add", "-A")
        self.git("commit", "-qm", "unrelated")
        summary = self.folder / "summary"
        done = self.run_steps(
            "github.yml", BASE=self.commits["global_list=0.7"],
            NEW=self.git("rev-parse", "HEAD"), GITHUB_STEP_SUMMARY=str(summary))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(summary.read_text(),
                         (self.repository / "gate.md").read_text())

    def test_github_has_no_summary_of_nothing(self):
        (step,) = (step for step in steps("github.yml") if "cat gate.md" in step)
        subprocess.run(["sh", "-ec", step], cwd=self.repository, check=True,
                       env=os.environ | {"GITHUB_STEP_SUMMARY": "summary"})
        self.assertFalse((self.repository / "summary").exists())

    def test_gitlab(self):
        done = self.run_steps(
            "gitlab.yml", CI_MERGE_REQUEST_DIFF_BASE_SHA=self.commits["global_list=1.3"],
            CI_COMMIT_SHA=self.commits[""])
        self.assertEqual(done.returncode, 0, done.stderr)
        said = (self.repository / "gate.xml").read_text()
        self.assertIn('failures="0"', said)
        self.assertIn("instructions_per_op", said)

    def test_too_noisy_is_not_red(self):
        for name in ("github.yml", "gitlab.yml"):
            (gate,) = (step for step in steps(name) if "tools/gate" in step)
            for status, red in ((0, 0), (1, 1), (2, 1), (3, 0), (4, 1), (130, 1)):
                write(self.repository / "tools/gate",
                      f"#!/bin/sh\nexit {status}\n").chmod(0o755)
                done = subprocess.run(["sh", "-ec", gate], cwd=self.repository,
                                      check=False, env=os.environ | {
                                          "BASE": "HEAD", "NEW": "HEAD"})
                self.assertEqual(done.returncode, red, (name, status))


if __name__ == "__main__":
    unittest.main()

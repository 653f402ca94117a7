#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of docs/ci: the commands of both files, as plain scripts on the small repository
of tests/gate_test.py, with stand-ins for apt-get and for what would comment.
"""

import json
import os
import subprocess
import sys
import unittest

import yaml

sys.dont_write_bytecode = True
from analysis_test import ROOT, write  # noqa: E402
from gate_test import Repository  # noqa: E402


def steps(name: str, job: str = "gate") -> list[str]:
    """What one of the two has run, as its CI would say it to a shell."""
    document = yaml.safe_load((ROOT / "docs/ci" / name).read_text())
    found = document.get("jobs", document)[job]
    if "steps" in found:
        return [step["run"] for step in found["steps"] if "run" in step]
    return [*found.get("before_script", []), *found["script"]]


class Steps(Repository):
    def stand_in(self, name: str, script: str) -> None:
        (self.folder / "bin").mkdir(exist_ok=True)
        write(self.folder / "bin" / name, f"#!/bin/sh\n{script}").chmod(0o755)

    def run_steps(self, name: str, job: str = "gate", **env: str
                  ) -> subprocess.CompletedProcess:
        self.stand_in("apt-get", "")
        # Each is a shell of its own, and the job ends with the first that fails.
        script = " &&\n".join(f"(\n{step}\n)" for step in steps(name, job))
        return subprocess.run(
            ["sh", "-ec", script], cwd=self.repository, capture_output=True, text=True,
            check=False, timeout=300, env=os.environ | env | {
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self.folder), "GITHUB_ENV": str(self.folder / "env")})


class Gate(Steps):
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
        self.assertIn("faster", (self.repository / "gate.md").read_text())
        # What is kept for the next job is no part of what is measured.
        self.assertEqual(self.git("status", "--porcelain", ".cache"), "")

    def test_packages_are_kept_where_the_cache_takes_them_from(self):
        for name, place in (("github.yml", self.folder / ".cache"),
                            ("gitlab.yml", self.repository / ".cache")):
            # Without revisions there is nothing to measure.
            self.run_steps(name, BASE="", NEW="", CI_MERGE_REQUEST_DIFF_BASE_SHA="")
            (config,) = (*place.glob("apt.conf"), *self.folder.glob("apt.conf"))
            self.assertEqual(config.read_text(),
                             f'Dir::Cache::Archives "{place}/debs";\n')
            self.assertTrue((place / "debs/partial").is_dir())
            config.unlink()
        self.assertEqual((self.folder / "env").read_text(),
                         f"APT_CONFIG={self.folder}/apt.conf\n")

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


class Comment(Steps):
    TABLE = "**regression**\n\n| slower | `pair` & \"more\" |\n"
    MARK = "<!-- dmapool-bench gate -->\n"

    def setUp(self):
        super().setUp()
        write(self.repository / "gate.md", self.TABLE)

    def said(self, program: str) -> list[str]:
        """What the program was called with."""
        log = self.folder / f"{program}-log"
        lines = log.read_text().splitlines()
        log.unlink()
        return lines

    def comment(self, name: str, **env: str) -> None:
        done = self.run_steps(name, "comment", **env)
        self.assertEqual(done.returncode, 0, done.stderr)

    def assert_text(self) -> None:
        self.assertEqual((self.repository / "comment.md").read_text(),
                         self.MARK + self.TABLE)

    def test_github(self):
        self.stand_in("gh", f'echo "$*" >>{self.folder}/gh-log\n'
                      f'case "$*" in *--jq*) cat {self.folder}/ids ;; esac\n')
        env = {"COMMENTS": "repos/o/r/issues", "PULL": "7"}
        for ids, calls in (("", "api repos/o/r/issues/7/comments -F body=@comment.md"),
                           ("12\n13\n", "api --method PATCH repos/o/r/issues/comments/12 "
                            "-F body=@comment.md")):
            write(self.folder / "ids", ids)
            self.comment("github.yml", **env)
            asked, *rest = self.said("gh")
            self.assertIn("--paginate repos/o/r/issues/7/comments", asked)
            self.assertEqual(rest, [calls])
            self.assert_text()

    def test_gitlab(self):
        self.stand_in("curl", f'echo "$*" >>{self.folder}/curl-log\n'
                      f'case "$*" in *per_page*) cat {self.folder}/notes ;; esac\n')
        env = {"NOTES": "https://g/notes", "GATE_TOKEN": "secret"}
        for notes, call in (
                ([{"id": 1, "body": "no"}], "body@comment.md https://g/notes"),
                ([{"id": 1, "body": "no"}, {"id": 2, "body": self.MARK + "old"}],
                 "--request PUT --data-urlencode body@comment.md https://g/notes/2")):
            write(self.folder / "notes", json.dumps(notes))
            self.comment("gitlab.yml", **env)
            asked, told = self.said("curl")
            self.assertTrue(asked.endswith("PRIVATE-TOKEN: secret https://g/notes"
                                           "?per_page=100"))
            self.assertTrue(told.endswith(call), told)
            self.assert_text()

    def test_no_table(self):
        (self.repository / "gate.md").unlink()
        self.stand_in("gh", "")
        self.comment("github.yml", COMMENTS="c", PULL="7")
        self.assertEqual((self.repository / "comment.md").read_text(),
                         f"{self.MARK}gate failed: see its log.\n")


class Files(unittest.TestCase):
    """What no shell can show: the keys that the CIs act on."""

    def test_time_and_turns_are_limited(self):
        github = yaml.safe_load((ROOT / "docs/ci/github.yml").read_text())
        gitlab = yaml.safe_load((ROOT / "docs/ci/gitlab.yml").read_text())
        self.assertTrue(github["concurrency"]["cancel-in-progress"])
        self.assertTrue(gitlab["gate"]["interruptible"])
        for job in github["jobs"].values():
            self.assertLessEqual(job["timeout-minutes"], 60)
        for job in gitlab.values():
            self.assertIn(job["timeout"], ("1h", "5m"))

    def test_who_runs_the_change_may_not_write(self):
        github = yaml.safe_load((ROOT / "docs/ci/github.yml").read_text())
        self.assertEqual(github["permissions"], {"contents": "read"})
        self.assertNotIn("permissions", github["jobs"]["gate"])
        self.assertFalse([step for step in github["jobs"]["comment"]["steps"]
                          if "checkout" in step.get("uses", "")])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of what tools show while they build: tools/evidence/progress.py."""

import io
import sys
import unittest
from unittest import mock

sys.dont_write_bytecode = True
from analysis_test import Case, write  # noqa: E402
from evidence import building, children, progress  # noqa: E402
from tree import Tree  # noqa: E402

WOULD = "mkdir -p a;printf '  %-3s %s\\n' CC a/1.o\ngcc\n" * 12


class Stderr(io.StringIO):
    def __init__(self, terminal: bool):
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


class Shown(unittest.TestCase):
    def shown(self, terminal: bool, *ticks: tuple[float, str], would: str = WOULD) -> str:
        """What is written, with make having said this by then."""
        with mock.patch.object(sys, "stderr", Stderr(terminal)) as stderr:
            with mock.patch.object(progress.time, "monotonic", return_value=0) as clock:
                shown = progress.Progress(would)
                for now, said in ticks:
                    clock.return_value = now
                    shown.tick(said)
                shown.end()
            return stderr.getvalue()

    FIRST = "  CC  a/1.o\n"
    TICKS = ((0.5, ""), (1, FIRST), (10.5, FIRST + "  LD  a/2\n"), (11, FIRST * 3))

    def test_on_a_terminal(self):
        self.assertEqual(self.shown(True, *self.TICKS), (
            "\r[ 0/12] \033[K\r[ 1/12] CC  a/1.o\033[K\r[ 2/12] LD  a/2\033[K"
            "\r[ 3/12] CC  a/1.o\033[K\r\033[K"))

    def test_elsewhere(self):
        self.assertEqual(self.shown(False, *self.TICKS), "[ 2/12] LD  a/2\n")

    def test_nothing_to_build(self):
        self.assertEqual(self.shown(False, (99, ""), would=""), "")


class Watched(Case):
    def test_what_a_program_says_is_told_while_it_runs(self):
        seen = []

        def watch(said: str) -> None:
            seen.append(said)
            if said:
                write(self.folder / "go", "")

        with mock.patch.object(children, "BEAT", 0.01):
            done = children.run(["sh", "-c", "echo one; until [ -e go ]; do sleep 0.01; "
                                 "done; echo two"], self.folder, watch=watch)
        self.assertEqual((seen[-1], done.said), ("one\n", "one\ntwo\n"))

    def test_as_many_targets_as_make_names(self):
        tree = Tree()
        self.addCleanup(tree.remove)
        with mock.patch.object(building, "Progress", wraps=progress.Progress) as made:
            done = building.make(tree.path, "build/dmapool-run")
        total = progress.Progress(made.call_args.args[0]).total
        self.assertGreater(total, 3)
        self.assertEqual(len(progress.TARGET.findall(done.said)), total)


if __name__ == "__main__":
    unittest.main()

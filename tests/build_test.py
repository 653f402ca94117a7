#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the build: what a result set says of compiler and flags is so of all that the
program was made from.
"""

import sys
import unittest

sys.dont_write_bytecode = True
from tree import Tree  # noqa: E402


class Objects(unittest.TestCase):
    OBJECTS = [f"build/bench/{name}.o" for name in (
        "bench/clock", "bench/fingerprint", "bench/gb", "bench/workloads/pair",
        "shim/lib", "tests/gb_test", "variant/null/entry", "variants/null")]

    @classmethod
    def setUpClass(cls) -> None:
        cls.tree = Tree()
        cls.addClassCleanup(cls.tree.remove)

    def setUp(self) -> None:
        self.built()

    def built(self, *said: str) -> list[str]:
        """The objects that a make, so told, compiles."""
        lines = self.tree.must_run("make", "-j2", *said, *self.OBJECTS).splitlines()
        return sorted(line.split()[1] for line in lines if line.startswith("  C"))

    def test_what_did_not_change_stays(self) -> None:
        self.assertEqual(self.built(), [])

    def test_other_flags(self) -> None:
        self.assertEqual(self.built("OPT_bench=-O3"), self.OBJECTS)
        self.assertEqual(self.built("OPT_bench=-O3"), [])

    def test_another_version_of_the_compiler(self) -> None:
        newer = self.tree.path / "newer"
        newer.write_text('#!/bin/sh\n[ "$1" = --version ] && exec echo "newer 99"\n'
                         'exec gcc "$@"\n', encoding="utf-8")
        newer.chmod(0o755)
        self.assertEqual(self.built("CC=./newer"), self.OBJECTS)
        strings = self.tree.must_run("strings", "build/bench/bench/fingerprint.o")
        self.assertIn("newer 99", strings)


if __name__ == "__main__":
    unittest.main()

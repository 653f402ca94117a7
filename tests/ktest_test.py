#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests kmod/boot/ktest: what it makes of a console, and what it refuses.

Of the suites themselves it runs as many as are done in a minute, if User Mode Linux is in
the cache; "make ktest" runs all.
"""

import contextlib
import importlib.machinery
import importlib.util
import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

KTEST = Path(__file__).resolve().parent.parent / "kmod" / "boot" / "ktest"
sys.dont_write_bytecode = True
sys.path.insert(0, str(KTEST.parent))
loader = importlib.machinery.SourceFileLoader("ktest", str(KTEST))
ktest = importlib.util.module_from_spec(importlib.util.spec_from_loader("ktest", loader))
loader.exec_module(ktest)

CONSOLE = """\
[    0.10] KTAP version 1
[    0.10] 1..2
[    0.10]     KTAP version 1
[    0.10]     # Subtest: null
[    0.10]     1..3
[    0.11]     ok 1 create_needs_a_device
[    0.11]     ok 2 trim_gives_back # SKIP it keeps no blocks
[    0.12] platform dev0: something
[    0.12]     # a_page: layout.c:12: wrong
[    0.12]     not ok 3 a_page
[    0.13] # null: pass:1 fail:1 skip:1 total:3
[    0.13] not ok 1 null
[    0.13]     # Subtest: null-checked
[    0.14]     ok 1 create_needs_a_device
[    0.14] ok 2 null-checked
"""


class TallyTest(unittest.TestCase):
    def setUp(self):
        self.tally = ktest.Tally()
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            for line in CONSOLE.splitlines():
                self.tally.line(line)
            self.tally.end_suite()
        self.shown = shown.getvalue().splitlines()

    def test_results_are_counted_and_suites_are_not(self):
        self.assertEqual(ktest.summary(self.tally.total),
                         "2 passed, 1 failed, 1 skipped")

    def test_each_suite_has_a_line(self):
        self.assertIn("null: 1 passed, 1 failed, 1 skipped", self.shown)
        self.assertIn("null-checked: 1 passed, 0 failed, 0 skipped", self.shown)

    def test_a_failure_is_shown_with_what_came_before(self):
        at = self.shown.index("not ok null: a_page")
        self.assertEqual(self.shown[at - 2:at], ["platform dev0: something",
                                                 "    # a_page: layout.c:12: wrong"])

    def test_reasons_are_counted(self):
        self.assertEqual(self.tally.skipped, {"it keeps no blocks": 1})


class ProvokedTest(unittest.TestCase):
    def test_only_what_tests_ask_for_passes(self):
        for text, passes in (
                ("BUG: sleeping function called from invalid context at x.c:1", True),
                ("WARNING: CPU: 0 PID: 1 at x.h:3 dmam_pool_destroy+0x1/0x2", True),
                ("BUG: KASAN: slab-use-after-free in dma_pool_free", False),
                ("WARNING: possible circular locking dependency detected", False),
                ("WARNING: CPU: 0 PID: 1 at x.h:3 dma_pool_destroy+0x1/0x2", False)):
            with self.subTest(text):
                self.assertEqual(bool(ktest.PROVOKED.search(text)), passes)


class RefusalTest(unittest.TestCase):
    def refuses(self, how: list[str], *words: str):
        done = subprocess.run([KTEST, *how], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def write_tree(self, tree: Path, options: str):
        config = tree / "include" / "config"
        config.mkdir(parents=True)
        (config / "kernel.release").write_text("6.6.6\n")
        (tree / ".config").write_text(options)

    def test_an_unknown_kernel(self):
        self.refuses(["--kernel", "9.9"], "'9.9' is no kernel", "debug")

    def test_an_unknown_variant(self):
        self.refuses(["--variants", "null none"], "'none' is no variant", "intree")

    def test_a_kernel_without_kunit(self):
        with tempfile.TemporaryDirectory() as tree:
            self.write_tree(Path(tree), "CONFIG_SMP=y\n")
            self.refuses(["--kernel", tree], "lacks KUnit", "CONFIG_KUNIT=y")

    def test_a_kernel_without_kmemleak(self):
        with tempfile.TemporaryDirectory() as tree:
            self.write_tree(Path(tree), "CONFIG_KUNIT=y\n")
            self.refuses(["--kernel", tree, "--leaks"], "lacks kmemleak", "debug")


class ContractTest(unittest.TestCase):
    @unittest.skipUnless(ktest.is_built("uml-7.2"), "uml-7.2 is not in the cache "
                         "(make deps-kernel ktest KERNEL=uml-7.2)")
    def test_the_contract_holds_in_a_kernel(self):
        done = subprocess.run([KTEST, "--kernel", "uml-7.2", "--variants",
                               "percpu_magazine intree"], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"\npercpu_magazine-checked: [1-9]\d* passed, 0 ")
        self.assertRegex(done.stdout, r"\n[1-9]\d* passed, 0 failed, \d+ skipped\n$")


if __name__ == "__main__":
    unittest.main()

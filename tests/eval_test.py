#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of tools/eval: what the contract's tests say of the two files, the report, and
the whole with the real mm/dmapool.c of 6.1 and 6.12.
"""

import json
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True
from analysis_test import ROOT, Case, row, write  # noqa: E402
from evidence import (children, comparison, contracts, evaluation,  # noqa: E402
                      gating, measuring, patches, resultset)
from evidence.cache import cache  # noqa: E402
from evidence.tool import Failed  # noqa: E402

EVAL = ROOT / "tools/eval"
UPSTREAM = {version: cache() / f"upstream/{version}/mm/dmapool.c"
            for version in ("6.1", "6.12")}


# --- the command line ------------------------------------------------------------------

class CommandLine(Case):
    def test_what_cannot_be_used(self):
        tree = self.folder / "linux"
        (tree / "mm").mkdir(parents=True)
        pool = write(tree / "mm/dmapool.c", "dma_pool_alloc")
        for words in ([], [f"--base={pool}"], [f"--base={pool}", f"--new={pool}",
                                               "--range=a..b"]):
            self.assert_one_line(self.run_tool(EVAL, *words), 2, "give --base and --new")
        for words, text in (
                (["--patch=a"], "--tree is missing"),
                ([f"--base={pool}", f"--new={pool}", f"--tree={tree}"],
                 "leave it out"),
                ([f"--base={pool}", f"--new={self.folder}/none.c"], "does not exist"),
                ([f"--base={pool}", "--new=/dev/null"], "/dev/null is no file: save"),
                ([f"--base={pool}", f"--new={write(self.folder / 'x', 'x')}"],
                 "does not mention dma_pool_alloc"),
                ([f"--base={pool}", f"--new={pool}", f"--output={tree}"],
                 "is no empty folder"),
                ([f"--base={pool}", f"--new={pool}", f"--output={pool}"],
                 "is no empty folder"),
                ([f"--base={pool}", f"--new={pool}", "--kernel=6.1", "--on=nowhere"],
                 "is no way to run")):
            self.assert_one_line(self.run_tool(EVAL, *words), 2, text)
        self.assert_one_line(self.run_tool(
            "bash", "-c", '"$@" --patch=<(echo)', "bash", EVAL, f"--tree={tree}"),
            2, " is empty: name a patch")


# --- the contract ----------------------------------------------------------------------

class Contract(Case):
    SAID = """upstream-new: DMAPOOL_TEST_SEED=1
1..4
skipped: this pool does not check itself
not ok 1 # SKIP blocks_are_poisoned
ok 2 - create_needs_a_device
upstream-new: zalloc_zeroes_a_used_block: bytes zero: 0, not 200
not ok 3 - zalloc_zeroes_a_used_block
# tests/contract/blocks.c:286: error: Failure!
{}"""

    def check(self, *ends: children.Done) -> contracts.Outcome:
        with mock.patch.object(children, "run", side_effect=ends):
            return contracts.check(self.folder, ["upstream-new"])

    def test_what_is_broken_is_said_in_words(self):
        found = self.check(
            children.Done(1, self.SAID.format("ok 4 - a_trimmed_pool_goes_on"), ""),
            children.Done(0, "ok 1 - blocks_are_poisoned", ""))
        self.assertEqual(found.passed, {
            "create needs a device", "a trimmed pool goes on",
            "with its own checks, blocks are poisoned"})
        self.assertEqual(found.skipped, {"blocks are poisoned"})
        self.assertEqual(found.broken, {
            "zalloc zeroes a used block": "bytes zero: 0, not 200"})
        self.assertEqual(contracts.broken_by(contracts.Outcome(), found), found.broken)
        # What the base breaks too is not the change's fault.
        self.assertEqual(contracts.broken_by(found, found), {})

    def test_each_test_is_judged_whatever_became_of_others(self):
        """Both crash in one test; the new one breaks another, too."""
        base = self.check(self.said("1 dies: Segmentation fault"), self.said())
        new = self.check(self.said("1 dies: Segmentation fault", "2 bytes zero: 0"),
                         self.said("2 bytes zero: 0"))
        self.assertEqual(base.in_words(), "passes 5 of 6 tests (1 crash)")
        self.assertEqual(new.in_words(), "passes 3 of 6 tests (1 crash, 2 fail)")
        self.assertEqual(contracts.broken_by(base, new), {"test 2": "bytes zero: 0"})
        self.assertIn("base breaks it already: test 1: dies: Segmentation fault",
                      contracts.told(base, new))

    def test_what_the_base_never_ran_excuses_nothing(self):
        why = "never ran: too many before it hang"
        base = self.check(self.said(f"3 {why}"), self.said())
        new = self.check(self.said("3 bytes zero: 0"), self.said())
        self.assertEqual(contracts.broken_by(base, new), {"test 3": "bytes zero: 0"})
        self.assertEqual(base.in_words(), "passes 5 of 6 tests (1 never ran)")

    def said(self, *broken: str) -> children.Done:
        """Three tests, of which some end badly: 'NUMBER WHY'."""
        whys = dict(text.split(" ", 1) for text in broken)
        lines = ["upstream-new: DMAPOOL_TEST_SEED=1", "1..3"]
        for number in "123":
            if number in whys:
                lines.append(f"upstream-new: test_{number}: {whys[number]}")
            lines.append(f"{'not ' * (number in whys)}ok {number} - test_{number}")
        return children.Done(bool(whys), "\n".join(lines), "")

    def test_a_program_that_does_not_end(self):
        found = self.check(
            children.Done(-9, "1..2\nok 1 - create_needs_a_device", ""),
            children.Done(1, "", "no memory"))
        self.assertEqual(list(found.broken.values()), [
            "Killed, after 'create needs a device'; 1 never ran",
            "exit 1: no memory, after 'the beginning'"])

    def test_to_begin_with_what_mainline_does_since_is_fine(self):
        old = "upstream-new: as before 6.4: no block ends at a boundary\n"
        before = self.check(children.Done(0, old + "ok 1 - a", ""), self.said())
        after = self.check(children.Done(0, "ok 1 - a", ""), self.said())
        self.assertEqual(contracts.broken_by(before, after), {})
        self.assertEqual(list(contracts.broken_by(after, before)), [
            "it does not go back: as before 6.4: no block ends at a boundary"])
        # An older kernel's file, held against a younger one's, is told.
        old += "upstream-new: a file of before 6.4\n"
        before = self.check(children.Done(0, old + "ok 1 - a", ""), self.said())
        self.assertEqual(contracts.broken_by(after, before), {})
        self.assertIn("new is a file of a kernel before 6.4, and held to the rules of "
                      "then", contracts.told(after, before))
        # A change to that one which loses more is none.
        older = self.check(children.Done(0, old + "upstream-new: as before 5.3: init_on_"
                                         "alloc does nothing\nok 1 - a", ""), self.said())
        self.assertEqual(list(contracts.broken_by(before, older)), [
            "it does not go back: as before 5.3: init_on_alloc does nothing"])
        self.assertEqual(list(contracts.broken_by(after, older)), [
            "it does not go back: as before 5.3: init_on_alloc does nothing"])


# --- in a kernel -----------------------------------------------------------------------

class Kernel(Case):
    """A 'make kbench' that leaves what it is told to."""

    def setUp(self):
        super().setUp()
        self.sets = 0
        self.output = self.folder / "kernel/host"
        # Of an earlier evaluation, and the last by any order.
        self.leave("9", slower=2.0)

    def leave(self, name: str, slower: float, sides=("base", "new")) -> None:
        folder = self.output / name
        folder.mkdir(parents=True)
        write(folder / "results.json", {
            "context": {"schema": "dmapool-bench/1"}, "benchmarks": [
                row(f"pair/upstream-{side}/size:8/threads:1", n, ns_per_op=(
                    10 + n / 100) * (slower if side == "new" else 1))
                for side in sides for n in range(10)]})

    def evaluate(self, *runs: tuple) -> comparison.Comparison:
        """Run by run: its exit status and, if it leaves a set, what leave() takes."""
        def run(command, *_, **__) -> children.Done:
            status, *left = runs[self.sets]
            self.sets += 1
            if left:
                self.leave(str(self.sets), *left)
            return children.Done(status, "", "")

        pools = mock.Mock(tree=self.folder, upstream="", revision="")
        procedure = gating.Procedure(comparison.Settings(
            variants=("upstream-base", "upstream-new")))
        with mock.patch.object(children, "run", run):
            return evaluation.in_kernel(
                pools, measuring.Choice(self.folder), procedure,
                evaluation.Kernel("", "", False), lambda text: None)

    def test_a_regression(self):
        found = self.evaluate((0, 1.5), (0, 1.5))
        self.assertEqual((found.exit_code, self.sets), (1, 2))

    def test_a_run_that_fails_is_not_judged_by_an_earlier_one(self):
        with self.assertRaisesRegex(Failed, "nothing could be measured in a kernel"):
            self.evaluate((4,))

    def test_a_second_run_that_fails_confirms_nothing(self):
        found = self.evaluate((0, 1.5), (4,))
        self.assertEqual((found.exit_code, found.regressions, self.sets), (4, [], 2))

    def test_one_side_fails(self):
        with self.assertRaisesRegex(Failed, "nothing of new could be measured: the run"):
            self.evaluate((4, 1.0, ("base",)))


# --- the report ------------------------------------------------------------------------

class Report(Case):
    def found(self, *scales: float, metric: str = "ns_per_op") -> comparison.Comparison:
        rows = [row(f"pair/upstream-{side}/size:{n}/threads:1", launch,
                    **{metric: (10 + launch % 5 / 100) * (scale if side == "new" else 1)})
                for n, scale in enumerate(scales) for side in ("base", "new")
                for launch in range(10)]
        results = resultset.load(write(self.folder / "results.json", {
            "context": {"schema": "dmapool-bench/1"}, "benchmarks": rows}))
        return comparison.compare(results, results, comparison.Settings(
            variants=("upstream-base", "upstream-new")))

    def report(self, *found: comparison.Comparison) -> evaluation.Report:
        report = evaluation.Report(patches.Change(None, None, ["told"]), None)
        report.contract(contracts.Outcome(), contracts.Outcome())
        report.parts = dict(zip(("userspace", "kernel"), found))
        return report

    def test_verdicts(self):
        faster = "1 of 2 rows faster in userspace"
        both = f"{faster}, 2 of 2 rows faster in a kernel"
        for scales, verdict, code in (
                ([(1, 1)], "no change", 0),
                ([(1, 0.5)], f"{faster}, not measured again", 0),
                ([(1, 0.5), (0.5, 0.5)], f"{both}, not measured again", 0),
                ([(1, 1.5)], "regression", 1), ([(0.5, 0.5), (1, 1.5)], "regression", 1)):
            report = self.report(*(self.found(*pair) for pair in scales))
            self.assertEqual((report.verdict, report.exit_code), (verdict, code))
            self.assertEqual(report.text().splitlines()[0], verdict)
            self.assertTrue(report.text().isascii())
            self.assertIn("In userspace: ", report.text())

    def test_what_fails_in_a_kernel_leaves_the_rest(self):
        def fails():
            raise Failed("it does not boot")

        for scales, verdict, code in (((1, 1), "a benchmark failed", 4),
                                      ((1, 2), "regression", 1)):
            report = self.report(self.found(*scales))
            report.kernel(fails)
            self.assertEqual((report.verdict, report.exit_code), (verdict, code))
            self.assertIn("In userspace: ", report.text())
            self.assertIn("In a kernel: it failed: it does not boot\n", report.text())

    def test_what_got_worse_stands_above(self):
        text = self.report(self.found(0.5, 1.5)).text()
        self.assertIn("What got worse:\n  pair/upstream-new/size:1/threads:1 ns_per_op: "
                      "10.0 -> 15.0 (+50.0%), in userspace\n", text)
        self.assertIn("What got worse:\n  nothing\n", self.report(self.found(1)).text())

    def test_memory_is_judged(self):
        report = self.report(self.found(1.5, metric="pages_held"))
        self.assertEqual(report.exit_code, 1)
        self.assertIn("memory: 1 of 1 rows worse", report.text())

    def test_a_broken_contract_is_a_regression(self):
        report = self.report()
        report.contract(contracts.Outcome(),
                        contracts.Outcome(broken={"a test": "why"}))
        self.assertEqual((report.refused, report.exit_code), (True, 1))
        self.assertIn("it breaks the contract, nothing was timed", report.text())
        self.assertIn("broken: a test: why", report.text())


# --- the whole -------------------------------------------------------------------------

class Whole(Case):
    """Real files; few launches, since what is planted is large."""

    def setUp(self):
        super().setUp()
        for version, path in UPSTREAM.items():
            if not path.exists():
                self.skipTest(f"no dmapool.c of {version}: make deps-upstream")

    def evaluate(self, base: Path, new: Path, *words) -> subprocess.CompletedProcess:
        return subprocess.run(
            [EVAL, f"--base={base}", f"--new={new}", "--workloads=pair", "--launches=5",
             "--again=6", f"--out={self.folder / 'out'}", *words], capture_output=True,
            text=True, timeout=500, check=False)

    def sets(self) -> list[Path]:
        return sorted(self.folder.rglob("results.json"))

    def broken(self, before: str, after: str) -> Path:
        text = UPSTREAM["6.12"].read_text()
        self.assertEqual(text.count(before), 1)
        return write(self.folder / "broken.c", text.replace(before, after))

    def test_a_wrong_name_is_told_before_anything_is_built(self):
        for option, words in (("--workloads=pairs", "no workload 'pairs' in both: choose "
                               "from pair batch "),
                              ("--kernel=6.13", "'6.13' is no kernel: give one of 6.1 "),
                              ("--profile=fast", "choose from"),
                              ("--launches=none", "no whole number")):
            done = self.evaluate(UPSTREAM["6.12"], UPSTREAM["6.1"], option)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn(words, done.stderr)
            self.assertNotIn("building", done.stderr)

    def test_faster_and_all_of_it_kept(self):
        output = self.folder / "kept"
        done = self.evaluate(UPSTREAM["6.1"], UPSTREAM["6.12"], f"--output={output}")
        self.assertIn(done.returncode, (0, 3), done.stdout + done.stderr)
        self.assertIn("What got worse:\n  nothing\n", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^ +64 +91[.\d]* +68[.\d]* +-25.*better$")
        self.assertEqual((output / "report.txt").read_text(), done.stdout)
        for side, version in (("base", "6.1"), ("new", "6.12")):
            self.assertEqual((output / f"{side}.c").read_bytes(),
                             UPSTREAM[version].read_bytes())
        found = json.loads((output / "userspace.json").read_text())
        self.assertEqual(found["schema"], "dmapool-bench-comparison/1")
        self.assertTrue((output / "report.html").exists())
        self.assertTrue(list(output.glob("results/*/*/plots/*.svg")))

    def test_the_reverse_is_a_regression(self):
        done = self.evaluate(UPSTREAM["6.12"], UPSTREAM["6.1"])
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertEqual(done.stdout.splitlines()[0], "regression")
        self.assertRegex(done.stdout, r"What got worse:\n  pair/upstream-new/size:")

    def test_the_series_of_6_4_in_its_first_form_is_refused(self):
        """It put a page's last block first, and broke two drivers."""
        path = self.broken("if (last)\n\t\t\tlast->next_block = block;\n\t\telse\n"
                           "\t\t\tfirst = block;\n\t\tlast = block;",
                           "block->next_block = first;\n\t\tfirst = block;\n"
                           "\t\tif (!last)\n\t\t\tlast = block;")
        done = self.evaluate(UPSTREAM["6.1"], path)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("broken: a fresh pool hands out ascending addresses: block 1 does "
                      "not follow the one before it", done.stdout)
        self.assertEqual(self.sets(), [])

    def test_what_breaks_the_contract_is_not_timed(self):
        path = self.broken("if (want_init_on_alloc(mem_flags))\n\t\tmemset(block, 0,",
                           "if (0)\n\t\tmemset(block, 0,")
        done = self.evaluate(UPSTREAM["6.12"], path)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("broken: zalloc zeroes a used block: bytes zero: 0", done.stdout)
        self.assertEqual(self.sets(), [])

    def test_a_fix_that_mainline_has_too_is_fine(self):
        """The comparison with the boundary that kept up to 6.3 a page's last block."""
        text = UPSTREAM["6.1"].read_text()
        before = "(next + pool->size) >= next_boundary"
        self.assertEqual(text.count(before), 1)
        path = write(self.folder / "packs.c", text.replace(before, before.replace(
            ">=", ">")))
        done = self.evaluate(UPSTREAM["6.1"], path, "--no-instructions")
        self.assertIn(done.returncode, (0, 3), done.stdout + done.stderr)
        self.assertNotIn("broken", done.stdout)
        worse = self.broken("offset + pool->size <= pool->allocation",
                            "offset + pool->size < pool->allocation")
        done = self.evaluate(UPSTREAM["6.12"], worse, "--no-instructions")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("broken: a page holds as many blocks as promised", done.stdout)

    def test_a_base_that_crashes_hides_nothing(self):
        """As up to 4.2 destroying no pool crashes; the new one zeroes no block either."""
        text = UPSTREAM["6.1"].read_text()
        bad = {"base": ["\tif (unlikely(!pool))\n\t\treturn;\n"]}
        bad["new"] = [*bad["base"], "\tif (want_init_on_alloc(mem_flags))\n"
                                    "\t\tmemset(retval, 0, pool->size);\n"]
        files = []
        for side, lines in bad.items():
            its = text
            for line in lines:
                self.assertEqual(its.count(line), 1)
                its = its.replace(line, "")
            files.append(write(self.folder / f"{side}.c", its))
        done = self.evaluate(*files)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("base breaks it already: destroy of null does nothing: dies: "
                      "Segmentation fault", done.stdout)
        self.assertIn("broken: zalloc zeroes a used block: bytes zero: 0", done.stdout)
        self.assertRegex(done.stdout,
                         r"contract: base passes \d+ of \d+ tests \(2 crash\)")
        self.assertEqual(self.sets(), [])

    def test_what_does_not_compile_is_told(self):
        path = self.broken("= pool_block_pop(pool);\n\tif",
                           "= pool_block_pop(pool)\n\tif")
        done = self.evaluate(UPSTREAM["6.12"], path)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertRegex(done.stderr.splitlines()[-1],
                         r"^eval: new does not compile against shim/: new.c:\d+:.*error:")

    def test_a_missing_function_is_named(self):
        path = self.broken("page = kmalloc(sizeof(*page), mem_flags);",
                           "page = kmalloc_lots(1, sizeof(*page), mem_flags);")
        done = self.evaluate(UPSTREAM["6.12"], path)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertRegex(done.stderr.splitlines()[-1],
                         r"^eval: new does not compile .* function 'kmalloc_lots'")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of tools/gate: what it decides, with figures made up; and the whole of it, on a
small repository whose revisions build the fake benchmark program.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
from unittest import mock

import jsonschema

sys.dont_write_bytecode = True
from analysis_test import ROOT, Case, row, write  # noqa: E402
from evidence import exports, gating, measuring, resultset, tables  # noqa: E402
from evidence.comparison import Look, Settings, Verdict  # noqa: E402
from evidence.tool import Failed, Unusable  # noqa: E402

NAMES = [f"pair/null/size:{1 << n}/threads:1" for n in range(8)]
CONTEXT = {"schema": "dmapool-bench/1", "build": "userspace", "host_name": "ares",
           "date": "2026-01-01T00:00:00+00:00"}
# What builds in the small repository, in no time: a revision is what its "scale" says.
MAKEFILE = """\
build/dmapool-bench: scale
	mkdir -p build
	! grep -q broken scale
	printf '#!/bin/sh\\nFAKE_LOG="%s" FAKE_SCALE="%s" exec "%s" "$$@"\\n' \\
		"{log}-$$(cksum <scale | tr ' ' -)" "$$(cat scale)" "{fake}" >$@
	chmod +x $@
deps-gate:
	echo deps >>"{log}-deps"
build/dmapool-run:
	mkdir -p build
	cp "{runner}" $@
build/check/contract/%/contract: contract-%
	mkdir -p $(@D)
	printf '#!/bin/sh\\ncat "%s/$<"\\n' "$(CURDIR)" >$@
	chmod +x $@
"""

# What the contract's programs say, where they say it of a null that passes.
CONTRACT = """\
null: DMAPOOL_TEST_SEED=1
1..3
ok 1 - a_test
ok 2 - another_test
skipped: it hands out the same block to everyone
not ok 3 # SKIP a_third_test
"""

# Stands in for bench/insn, which counts what real programs do.
INSN = """\
#!/usr/bin/python3
import argparse, json, pathlib, subprocess
parser = argparse.ArgumentParser()
for name in ("bench", "out", "profile", "variants", "workloads"):
    parser.add_argument("--" + name)
args = parser.parse_args()
rows = subprocess.run([args.bench, "--benchmark_list_tests", "--variants="
                       + args.variants, "--workloads=" + args.workloads],
                      capture_output=True, text=True, check=True).stdout.split()
out = pathlib.Path(args.out, str(hash(args.bench)))
out.mkdir(parents=True)
(out / "results.json").write_text(json.dumps(dict(
    context=dict(schema="dmapool-bench/1", build="callgrind"),
    benchmarks=[dict(name=name, instructions_per_op=68) for name in rows])))
print(out)
"""


# --- the decision ----------------------------------------------------------------------

class Decision(Case):
    """Figures by (base or new, first or again), the same for all rows but some."""

    def setUp(self):
        super().setUp()
        self.asked: list[tuple[list[str], int]] = []

    def results(self, side: str, scales: dict[str, float], launches: int,
                counter: str = "ns_per_op") -> resultset.ResultSet:
        rows = [row(name, n, pages_held=4,
                    **{counter: (10 + n % 7 / 100) * scales.get(name, 1.0)})
                for name in NAMES for n in range(launches)]
        return self.set_of(f"{side}-{len(self.asked)}", CONTEXT, rows)

    def set_of(self, name: str, context: dict, rows: list) -> resultset.ResultSet:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        write(folder / "results.json", {"context": context, "benchmarks": rows})
        return resultset.load(folder)

    def decide(self, *turns: dict[str, float], launches: int = 10,
               counter: str = "ns_per_op"):
        """Turn by turn by how much the rows of the new side are slower."""
        def measure(cells: list[str], launches: int):
            scales = turns[len(self.asked)]
            self.asked.append((cells, launches))
            return (self.results("base", {}, launches, counter),
                    self.results("new", scales, launches, counter))
        return gating.decide(measure, gating.Procedure(Settings(), launches))

    def test_nothing_worse_is_measured_once(self):
        found = self.decide({NAMES[0]: 0.5})
        self.assertEqual((found.exit_code, self.asked), (0, [([], 10)]))

    def test_an_alarm_is_confirmed(self):
        found = self.decide({NAMES[2]: 1.2}, {NAMES[2]: 1.1})
        self.assertEqual(self.asked, [([], 10), (["pair/null"], 20)])
        (worse,) = found.regressions
        self.assertEqual((found.exit_code, worse.name), (1, NAMES[2]))
        # Its figures are those of the second time.
        self.assertAlmostEqual(worse.ratio, 1.1, places=2)
        self.assertEqual(len(worse.new), 20)
        self.assertEqual(len(found.judgements), 2 * len(NAMES))
        self.assertIn("1 figure looks worse: 1 confirmed by 20 more launches",
                      " ".join(found.notes))
        self.assertEqual(found.looks, [Look(8, 0.05, 0.0), Look(1, 0.01, 0.0)])
        said = tables.markdown(found, tables.View())
        self.assertIn("p \\< 0.05 (Mann-Whitney U over launches, Benjamini-Hochberg over "
                      "8 figures); interval: 95 %", said)
        self.assertIn("p \\< 0.01, over 1 figure; interval: 99 %", said)
        data = exports.as_dict(found)
        self.assertEqual(data["method"]["looks"], [
            {"tests": 8, "alpha": 0.05, "threshold": 0},
            {"tests": 1, "alpha": 0.01, "threshold": 0}])
        self.assertEqual({j["row"]: j.get("alpha") for j in data["judgements"]
                          if not j["exact"]},
                         {name: 0.01 if name == NAMES[2] else 0.05 for name in NAMES})
        schema = json.loads((ROOT / "results/schema/comparison.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(data)

    def test_an_alarm_is_not_confirmed(self):
        # What is worse for the first time the second time is no suspect.
        found = self.decide({NAMES[2]: 1.2}, {NAMES[3]: 1.2})
        self.assertEqual((found.exit_code, found.regressions), (0, []))
        self.assertIn("none confirmed", " ".join(found.notes))

    def test_what_gets_better_the_second_time_is_unclear(self):
        found = self.decide({NAMES[2]: 1.2}, {NAMES[2]: 0.8})
        self.assertEqual(found.exit_code, 0)
        self.assertEqual([j.name for j in found.of(Verdict.UNCLEAR)], [NAMES[2]])

    def test_too_few_launches_are_made_up_for(self):
        # Two launches tell nothing: what looks worse is a suspect all the same.
        found = self.decide({name: 1.3 for name in NAMES}, {NAMES[5]: 1.3}, launches=2)
        self.assertEqual([j.name for j in found.regressions], [NAMES[5]])

    def test_too_few_launches_are_told(self):
        self.assertEqual(self.decide({}, launches=2).exit_code, 3)

    def test_what_failed_stays_failed(self):
        def measure(cells: list[str], launches: int):
            self.asked.append((cells, launches))
            base, new = (self.results(side, {}, launches) for side in ("base", "new"))
            if not cells:
                new.failures.append("pair/null: it broke")
            return base, new
        found = gating.decide(measure, gating.Procedure(Settings()))
        self.assertEqual(found.exit_code, 4)

    def test_what_cannot_be_measured_again_is_unclear(self):
        # Worse beyond doubt, as it seems; but the second look is what counts.
        for error in Failed("it hangs"), Unusable("no row in common"):
            self.asked.clear()
            turns = [{NAMES[2]: 1.5}]

            def measure(cells: list[str], launches: int):
                self.asked.append((cells, launches))
                if not turns:
                    raise error
                return (self.results("base", {}, launches),
                        self.results("new", turns.pop(), launches))
            found = gating.decide(measure, gating.Procedure(Settings()))
            self.assertEqual((found.exit_code, found.regressions), (4, []))
            self.assertEqual([j.name for j in found.of(Verdict.UNCLEAR)], [NAMES[2]])
            self.assertEqual(found.failures, [f"measuring again: {error}"])

    def test_what_a_run_lacks_is_no_wrong_usage(self):
        hangs = [row("pair/upstream-base/size:8/threads:1", ns_per_op=1)]
        with self.assertRaisesRegex(Failed, "nothing of new could be measured"):
            measuring.with_both(self.set_of("hangs", CONTEXT, hangs))
        write(self.folder / "results.json", {"context": CONTEXT, "benchmarks": [
            row(NAMES[0]) | {"error_occurred": True, "error_message": "no memory"}]})
        with self.assertRaisesRegex(Failed, "no memory"):
            measuring.written(self.folder)

    def test_what_can_be_counted(self):
        def why_not(*rows: str) -> str:
            return measuring.Bench(self.folder, [], list(rows), measuring.Choice(),
                                   self.folder).uncounted()
        alone, two = NAMES[0], "handoff/null/size:8/threads:2"
        with mock.patch("shutil.which", return_value=None):
            self.assertIn("rows of one thread", why_not(two))
            with self.assertRaisesRegex(Failed, "valgrind is missing"):
                why_not(alone, two)
        with mock.patch("shutil.which", return_value="/usr/bin/valgrind"):
            self.assertEqual(why_not(alone, two), "")

    def test_no_counts_are_no_reason_to_lose_the_times(self):
        case = self

        class Bench:
            reason = ""

            def uncounted(self):
                return self.reason

            def measure(self, cells, launches):
                case.asked.append((cells, launches))
                return case.results("base", {}, 10), case.results("new", {}, 10)

            def count(self):
                raise Failed("bench/insn failed")

        bench, procedure = Bench(), gating.Procedure(Settings())
        found = gating.judge(bench, procedure, lambda text: None)
        self.assertEqual((found.exit_code, len(found.judgements)), (4, 2 * len(NAMES)))
        self.assertIn("counting instructions: bench/insn failed", found.failures)
        bench.reason = "there is nothing to count"
        found = gating.judge(bench, procedure, lambda text: None)
        self.assertEqual((found.exit_code, found.failures), (0, []))
        self.assertIn(bench.reason, found.notes)

    def test_a_processors_count_is_confirmed_like_time(self):
        found = self.decide({NAMES[2]: 1.2}, {}, counter="instructions_per_op")
        self.assertEqual(self.asked, [([], 10), (["pair/null"], 20)])
        self.assertEqual((found.exit_code, found.regressions), (0, []))

    def test_what_is_exact_is_not_measured_again(self):
        def measure(cells: list[str], launches: int):
            self.asked.append((cells, launches))
            return [self.set_of(side, CONTEXT, [row(NAMES[0], n, pages_held=pages)
                                                for n in range(launches)])
                    for side, pages in (("base", 4), ("new", 5))]
        found = gating.decide(measure, gating.Procedure(Settings()))
        self.assertEqual((found.exit_code, len(self.asked)), (1, 1))

    def test_counts_have_the_last_word(self):
        case = self

        class Bench:
            more = 1.0

            def uncounted(self):
                return ""

            def measure(self, cells, launches):
                """On a machine whose processor counts instructions, too: more of them."""
                case.asked.append((cells, launches))
                return [case.results(side, {NAMES[0]: scale}, 10, "instructions_per_op")
                        for side, scale in (("base", 1.0), ("new", 1.5))]

            def count(self):
                return [case.set_of(
                    f"{side}-{self.more}", CONTEXT | {"build": "callgrind",
                                                      "cflags": side},
                    [row(NAMES[0], instructions_per_op=68 * scale)])
                    for side, scale in (("b", 1.0), ("n", self.more))]

        procedure, bench = gating.Procedure(Settings()), Bench()
        for more, code in ((1.0, 0), (1.004, 0), (1.01, 1), (0.9, 0)):
            bench.more = more
            found = gating.judge(bench, procedure, lambda text: None)
            self.assertEqual(found.exit_code, code, more)
            self.assertIn("instructions", found.headline)
            (judgement,) = [j for j in found.judgements if j.name == NAMES[0]
                            and j.metric.name == "instructions_per_op"]
            self.assertTrue(judgement.exact)
            self.assertEqual([look.threshold for look in found.looks], [0, 0.005])
            self.assertIn("of instructions one that exceeds 0.5 %", tables.method(found))


# --- the whole -------------------------------------------------------------------------

class Repository(Case):
    """A repository of this project's tools, whose revisions are a line each."""

    def setUp(self):
        super().setUp()
        self.repository = self.folder / "repository"
        shutil.copytree(ROOT / "tools", self.repository / "tools",
                        ignore=shutil.ignore_patterns("__pycache__"))
        write(self.repository / "Makefile", MAKEFILE.format(
            log=self.folder / "log", fake=ROOT / "tests/fake_bench.py",
            runner=ROOT / "build/dmapool-run"))
        for variant in ("null", "global_list", "page_chain"):
            write(self.repository / f"contract-{variant}", CONTRACT)
        (self.repository / "bench").mkdir()
        write(self.repository / "bench/insn", INSN).chmod(0o755)
        self.git("init", "-q")
        self.commits = {}
        for scale in ("", "global_list=1.3", "global_list=0.7", "null=1.5@7", "broken"):
            self.commit(scale)

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", "-C", self.repository, "-c", "user.name=a", "-c", "user.email=b",
             *words], check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, scale: str) -> None:
        write(self.repository / "scale", f"{scale}\n")
        self.git("add", "-A")
        self.git("commit", "-qm", f"scale {scale}")
        self.commits[scale] = self.git("rev-parse", "HEAD")

    def command(self, base, new, *words: str) -> list[str]:
        return [str(self.repository / "tools/gate"), f"--base={base}", f"--new={new}",
                "--no-instructions", "--launches=6", "--again=8",
                f"--out={self.folder / 'out'}", *words]

    def gate(self, base, new, *words: str, deeds: str = ""
             ) -> subprocess.CompletedProcess:
        for log in self.folder.glob("log-*"):
            log.unlink()
        return subprocess.run(self.command(base, new, *words), capture_output=True,
                              text=True, timeout=300, check=False,
                              env=os.environ | {"FAKE_DO": deeds, "COLUMNS": "100"})


class Whole(Repository):
    def test_alike(self):
        done = self.gate(self.commits[""], self.commits[""], "--all")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        # The rows have their names, and those of no pool of this project are left out.
        self.assertIn("pair/global_list/size:64/threads:1", done.stdout)
        self.assertNotIn("upstream", done.stdout)
        self.assertNotIn("+base", done.stdout)
        # The set that is kept has both sides, interleaved.
        (kept,) = self.folder.glob("out/*/*Z-*")
        variants = resultset.load(kept).variants("pair")
        self.assertEqual(sorted(variants), ["global_list+base", "global_list+new",
                                            "null+base", "null+new"])
        self.assertTrue((kept / "histograms.json").exists())

    def test_a_wrong_name_is_told_before_anything_is_built(self):
        (self.repository / "bench/workloads").mkdir()
        write(self.repository / "bench/workloads/families.c", "\t&wl_pair, &wl_bulk\n")
        with open(self.repository / "Makefile", "a", encoding="utf-8") as makefile:
            makefile.write("VARIANTS_ALL := global_list null\n")
        self.commit("")
        for option, wrong, names in (("workload", "pairs", "pair bulk"),
                                     ("variant", "nul", "global_list null")):
            self.assert_one_line(
                self.gate("HEAD", "HEAD", f"--{option}s={wrong}"), 2,
                f"no {option} '{wrong}' in both: choose from {names}")

    def test_slower(self):
        done = self.gate(self.commits[""], self.commits["global_list=1.3"],
                         "--format=json", "--workloads=pair")
        self.assertEqual(done.returncode, 1, done.stderr)
        found = json.loads(done.stdout)
        worse = [j for j in found["judgements"] if j["verdict"] == "regression"]
        self.assertEqual({j["row"] for j in worse}, {
            "pair/global_list/size:64/threads:1", "pair/global_list/size:4096/threads:1"})
        self.assertEqual(len(worse[0]["new_launches"]), 8)
        self.assertEqual(found["new"]["revision"],
                         self.commits["global_list=1.3"][:7])
        # Only the cell of the suspects was measured again.
        sets = sorted(self.folder.glob("out/*/*Z-*"))
        self.assertEqual(resultset.load(sets[1]).variants("pair"),
                         ["global_list+base", "global_list+new"])

    def breaking(self, said: str, *words: str) -> subprocess.CompletedProcess:
        """A commit of which the contract's program says this of null."""
        self.git("checkout", "-q", self.commits[""])
        write(self.repository / "contract-null", said)
        self.git("commit", "-qam", "contract")
        return self.gate(self.commits[""], "HEAD", *words)

    def test_what_breaks_the_contract_is_not_timed(self):
        said = CONTRACT.replace("ok 1", "null: a_test: 3 <bytes>, not 4\nnot ok 1")
        for name, expected in (
                ("terminal", "BROKEN   a test (null): 3 <bytes>, not 4\n"),
                ("markdown", r"- BROKEN: a test (null): 3 \<bytes\>, not 4"),
                ("junit", 'classname="contract" name="a test (null)"'),
                ("json", '"a test (null)": "3 <bytes>, not 4"'),
                ("commit", "BROKEN: a test (null): 3 <bytes>, not 4"),
                ("latex", "% BROKEN: a test (null)"), ("csv", "row,base_row,metric")):
            done = self.breaking(said, f"--format={name}")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(expected, done.stdout, name)
            self.assertIn("gate: testing the contract", done.stderr)
            self.assertNotIn("measuring", done.stderr)
        self.assertEqual(list(self.folder.glob("out/*/*Z-*")), [])
        done = self.breaking(said + "\n", "--format=json")
        schema = json.loads((ROOT / "results/schema/comparison.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(json.loads(done.stdout))

    def test_what_the_base_breaks_too_is_told_and_timed(self):
        said = CONTRACT.replace("ok 2", "null: another_test: dies: Aborted\nnot ok 2")
        self.assertEqual(self.breaking(said).returncode, 1)
        done = self.gate("HEAD", "HEAD", "--workloads=pair", "--variants=null")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("contract: base passes 1 of 2 tests (1 crash), new passes 1 of 2",
                      done.stdout)
        self.assertIn("base breaks it already: another test: dies: Aborted", done.stdout)

    def test_what_is_no_longer_tested_is_told(self):
        said = CONTRACT.replace("1..3", "1..2").replace("ok 2 - another_test\n", "")
        done = self.breaking(said, "--workloads=pair", "--variants=null")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("no longer tested: another test", done.stdout)

    def test_faster(self):
        done = self.gate(self.commits[""], self.commits["global_list=0.7"],
                         "--workloads=pair")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("faster", done.stdout.splitlines()[0])

    def test_counting_fails(self):
        write(self.repository / "bench/insn", "#!/bin/sh\nexit 4\n")
        command = [word for word in self.command(
            self.commits[""], self.commits["global_list=0.7"], "--workloads=pair",
            f"--output={self.folder / 'kept'}") if word != "--no-instructions"]
        done = self.run_tool(*command)
        self.assertEqual((done.returncode, done.stdout), (4, ""), done.stderr)
        kept = (self.folder / "kept").read_text()
        self.assertIn("faster", kept.splitlines()[0])
        self.assertIn("FAILED   counting instructions: bench/insn failed", kept)

    def test_its_sets_are_no_history(self):
        command = [word for word in self.command("HEAD~4", "HEAD~4", "--variants=null")
                   if not word.startswith("--out")]
        subprocess.run(command, capture_output=True, check=True, timeout=300)
        self.assertTrue(list(self.repository.glob("results/gate/*/*/results.json")))
        with self.assertRaises(Unusable):
            resultset.newest(self.repository / "results")

    def test_an_alarm_that_passes(self):
        done = self.gate(self.commits[""], self.commits["null=1.5@7"],
                         "--variants=null", "--seed=1")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("none confirmed by 8 more launches", done.stdout)

    def test_the_working_tree(self):
        write(self.repository / "scale", "null=1.4\n")
        head = self.gate(self.commits[""], "HEAD~2", "--variants=null")
        self.assertEqual(head.returncode, 0, head.stdout + head.stderr)
        done = self.gate(self.commits[""], str(self.repository), "--variants=null")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("-dirty", done.stdout)

    def test_what_is_not_committed_is_told(self):
        self.commit("null=1.0")
        write(self.repository / "scale", "null=1.4\n")
        done = self.gate(self.commits[""], "HEAD", "--variants=null")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("not committed (1 files)", done.stderr)

    def test_a_launch_fails(self):
        done = self.gate(self.commits[""], self.commits[""], "--workloads=pair",
                         deeds="pair/null=fail")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("the pool leaks", done.stderr)
        done = self.gate(self.commits[""], self.commits[""], "--variants=null",
                         "--workloads=pair", deeds="pair/null=fail")
        self.assertEqual((done.returncode, done.stdout), (4, ""))

    def test_ctrl_c(self):
        for target in (os.kill, os.killpg):
            gate = subprocess.Popen(
                self.command("HEAD~4", "HEAD~4"), text=True, start_new_session=True,
                env=os.environ | {"FAKE_DO": "pair/null=wait@3"},
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.wait_for_launches(gate)
            target(gate.pid, signal.SIGINT)
            out, err = gate.communicate(timeout=30)
            self.assertEqual((gate.returncode, out), (130, ""), err)
            self.assertIn("stopped: kept", err)
            self.assertNotIn("Traceback", err)
            for log in self.folder.glob("log-*"):
                log.unlink()

    def wait_for_launches(self, gate: subprocess.Popen) -> None:
        """Until some launches are complete and one hangs."""
        for _ in range(300):
            time.sleep(0.1)
            said = "".join(log.read_text() for log in self.folder.glob("log-*"))
            if said.count('"cell": "pair/null"') > 3 or gate.poll() is not None:
                break

    def test_what_cannot_be_used(self):
        for base, new, code, words in (
                ("nonsense", "HEAD", 2, "no git revision"),
                ("--all", "HEAD", 2, "no git revision"),
                ("HEAD", self.folder / "none.c", 2, "no git revision"),
                (ROOT / "README.md", "HEAD", 2, "does not mention dma_pool_alloc"),
                (self.folder, "HEAD", 2, "mm/dmapool.c does not exist")):
            self.assert_one_line(self.gate(base, new), code, words)
        done = self.gate("HEAD~4", "HEAD")
        self.assertEqual((done.returncode, done.stdout), (4, ""))
        self.assertIn("HEAD", done.stderr.splitlines()[-1])
        self.assertIn("does not build", done.stderr.splitlines()[-1])
        done = self.gate("HEAD~4", "HEAD~4", "--variants=null zero")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no variant 'zero' in both: choose from", done.stderr)
        done = self.gate("HEAD~4", "HEAD~4", "--launches=0")
        self.assertEqual(done.returncode, 2)
        pool = write(self.folder / "a.c", "dma_pool_alloc")
        self.assert_one_line(self.gate(pool, "HEAD"), 2, "of two kinds")

    def test_a_checkout_of_somebody_else(self):
        with mock.patch.dict(os.environ, {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}):
            self.assert_one_line(self.gate("HEAD~4", "HEAD"), 2,
                                 "git config --global --add safe.directory")


if __name__ == "__main__":
    unittest.main()

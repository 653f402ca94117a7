#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests that README.md and CONTRIBUTING.md tell the truth: their commands run, what they
link to is there, and what they list is what the program has.
"""

import json
import re
import sys
import unittest

sys.dont_write_bytecode = True
from tree import Tree  # noqa: E402

DOCUMENTS = ("README.md", "CONTRIBUTING.md")

# How each command of the two is run here: as it is (None), or what stands in for it
# because it takes minutes, the network, root, or this very test.
SMALL = "VARIANTS=null WORKLOADS=pair"
COMMANDS = {
    "make deps bench": f"make -n deps bench && make bench LAUNCHES=1 {SMALL}",
    "make deps test": "make -n deps test",
    'make bench VARIANTS="global_list page_chain" WORKLOADS="pair batch"':
        'make bench VARIANTS="global_list page_chain" WORKLOADS="pair batch" LAUNCHES=1',
    "make bench PROFILE=full": f"make bench PROFILE=full LAUNCHES=1 {SMALL}",
    "make deps bench PEERS=1": "make -n deps bench PEERS=1",
    "make bench LAUNCHES=20 SEED=42": f"make bench LAUNCHES=20 SEED=42 {SMALL}",
    'make bench-insn WORKLOADS="pair bulk"':
        'make bench-insn WORKLOADS="pair bulk" VARIANTS=null',
    "make profile FILTER=batch/page_chain/size:64/hold:8192/order:random":
        "make -n profile FILTER=batch/page_chain/size:64/hold:8192/order:random",
    "make calibrate": f"make calibrate LAUNCHES=6 {SMALL}",
    "make bench OUT=before": f"make bench OUT=before LAUNCHES=2 {SMALL}",
    "make bench OUT=after": 'make bench OUT=after LAUNCHES=2 '
        'VARIANTS="global_list percpu_magazine null" WORKLOADS="pair latency"',
    # Two launches tell nothing, which is exit 3.
    "tools/compare before/*/*Z-* after/*/*Z-*":
        "tools/compare before/*/*Z-* after/*/*Z-* || (($? == 3))",
    "tools/compare before/*/*Z-* after/*/*Z-* --metric=p99_ns --filter=latency --all":
        "tools/compare after/*/*Z-* after/*/*Z-* --metric=p99_ns --filter=latency --all "
        "|| (($? == 3))",
    "tools/compare after/*/*Z-* --base-variant=global_list --new-variant=percpu_magazine":
        "tools/compare after/*/*Z-* --base-variant=global_list "
        "--new-variant=percpu_magazine || (($? == 3))",
    "tools/compare before/*/*Z-* after/*/*Z-* --format=commit --output=table.txt":
        "tools/compare before/*/*Z-* after/*/*Z-* --format=commit --output=table.txt "
        "|| (($? == 3)) && cat table.txt",
    "tools/report": None,
    "tools/report after/*/*Z-* --compare before/*/*Z-* --output=report.html": None,
    "tools/history": None,
    "tools/history --metric=p99_ns --filter=latency": None,
    "tools/history --html=history.html": None,
    # Both are tried in full by tests of their own.
    "tools/eval --base=$HOME/linux/mm/dmapool.c --new=$HOME/patched/mm/dmapool.c":
        "tools/eval --help | grep -e --base",
    "tools/eval --patch=0001-dmapool.patch --tree=$HOME/linux --kernel":
        "tools/eval --help | grep -e --patch",
    "tools/eval --range=v6.3..v6.4 --tree=$HOME/linux --output=verdict":
        "tools/eval --help | grep -e --range",
    "tools/gate --base=main --new=HEAD": "tools/gate --help | grep -e --base",
    "tools/summary": None,
    "plots/draw": None,
    "build/dmapool-bench --help": None,
    "build/dmapool-bench --benchmark_list_tests": None,
    "build/dmapool-bench --benchmark_filter='pair/.*/size:64' "
    "--benchmark_repetitions=3": None,
    "make deps-upstream": "make -n deps-upstream",
    'make bench UPSTREAM="patched=$HOME/linux" VARIANTS="upstream-6.12 upstream-patched"':
        'HOME=$PWD/home; unset DMAPOOL_BENCH_CACHE XDG_CACHE_HOME; '
        'make -n bench UPSTREAM="patched=$HOME/linux" '
        'VARIANTS="upstream-6.12 upstream-patched"',
    "make test": "make -n test",
    "make kbench": "make -n kbench",
    'make kbench KERNEL=6.12 ON=icount VARIANTS="intree percpu_magazine" WORKLOADS=pair':
        "make -n kbench KERNEL=6.12 ON=icount",
    "make kmod KDIR=$HOME/linux": "make help | grep 'make kmod'",
    "make torture MINUTES=10": "make -n torture MINUTES=10",
    "make lint": "make -n lint",
    "make test lint": "make -n test lint",
    "make deps-fresh fresh RELEASE=trixie": "make -n deps-fresh fresh RELEASE=trixie",
}


def setUpModule() -> None:
    """One tree for all, built, with a user's home and a first result set."""
    global tree, first_set
    tree = Tree()
    unittest.addModuleCleanup(tree.remove)
    tree.build()
    released = tree.path / "home/.cache/dmapool-bench/upstream/6.12"
    for kernel in tree.path / "home/linux", released:
        (kernel / "mm").mkdir(parents=True)
        (kernel / "mm/dmapool.c").write_text("void *dma_pool_alloc(void);\n",
                                             encoding="utf-8")
    (released / "VERSION").write_text("6.12.1\n", encoding="utf-8")
    tree.must_run("make", "bench", "LAUNCHES=1", "VARIANTS=global_list null",
                  "WORKLOADS=pair latency frag")
    (first_set,) = tree.result_sets()


def text_of(document: str) -> str:
    return (tree.path / document).read_text(encoding="utf-8")


def blocks(document: str, language: str = "") -> list[str]:
    """The fenced blocks of a language, or those of none."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", text_of(document),
                        re.MULTILINE | re.DOTALL)
    return [block for its, block in fenced if its == language]


def commands(document: str) -> list[str]:
    return [line for block in blocks(document, "sh") for line in block.splitlines()]


def section(title: str) -> str:
    after = text_of("README.md").partition(f"\n## {title}\n")[2]
    return after.partition("\n## ")[0]


def first_column(text: str) -> list[str]:
    """What stands in code in the first column of the tables in a text."""
    cells = re.findall(r"^\|([^|]*)\|", text, re.MULTILINE)
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


def known(option: str) -> list[str]:
    """The names that an option of the program takes: one that is wrong is told all."""
    done = tree.run("build/dmapool-bench", f"--{option}=?")
    return done.stderr.partition(" there are ")[2].split()


class Commands(unittest.TestCase):
    def assert_run(self, document: str) -> None:
        for command in commands(document):
            with self.subTest(command=command):
                self.assertIn(command, COMMANDS, "say in this test how to run it")
                done = tree.run("bash", "-c", COMMANDS[command] or command)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertTrue(done.stdout)
                self.assertNotIn("Traceback", done.stderr)

    def test_commands_of_the_readme_run(self) -> None:
        self.assert_run("README.md")

    def test_commands_of_contributing_run(self) -> None:
        self.assert_run("CONTRIBUTING.md")

    def test_no_command_here_is_of_the_past(self) -> None:
        told = [command for document in DOCUMENTS for command in commands(document)]
        self.assertEqual(set(COMMANDS), set(told))

    def test_variables_are_the_makefiles(self) -> None:
        # make itself says nothing of one that is misspelt.
        for document in DOCUMENTS:
            for name in re.findall(r"\b([A-Z]{3,})=", text_of(document)):
                self.assertRegex(text_of("Makefile"), rf"(?m)^{name} \?=")

    def test_profile_shows_hot_symbols_and_lines(self) -> None:
        if tree.run("perf", "record", "-q", "-o", "/dev/null", "true").returncode:
            self.skipTest("perf may not record here")
        said = tree.must_run("make", "profile", "FILTER=pair/page_chain/size:64/")
        self.assertRegex(said, r"(?m)^ +\d+\.\d+% .* dma_pool_(alloc|free)$")
        self.assertRegex(said, r"(?m)^ +\d+\.\d+ +page_chain\.c:\d+")

    def test_results_may_go_elsewhere(self) -> None:
        before = tree.result_sets()
        for target in "bench", "bench-insn":
            tree.must_run("make", target, *SMALL.split(), "LAUNCHES=1", "OUT=elsewhere")
        self.assertEqual(tree.result_sets(), before)
        self.assertEqual(len(list((tree.path / "elsewhere").glob("*/*/results.json"))), 2)

    def test_a_result_set_has_the_files_listed(self) -> None:
        listed = first_column(section("What you will see"))
        self.assertEqual(sorted(path.name for path in first_set.iterdir()),
                         sorted(name.rstrip("/") for name in listed))


class Places(unittest.TestCase):
    def test_links_lead_somewhere(self) -> None:
        for document in tree.path.rglob("*.md"):
            text = document.read_text(encoding="utf-8")
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
                if not re.match("[a-z]+:", target):
                    self.assertTrue((document.parent / target).exists(),
                                    f"{document.name}: {target}")

    def test_where_things_are(self) -> None:
        (house,) = blocks("README.md")
        rooms = []
        for line in house.splitlines():
            rooms.append(tree.path / line.split()[0])
            self.assertTrue(rooms[-1].is_dir(), line)
            for name in re.findall(r"[\w./-]+(?:/|\.[a-z]+)(?=[ ;]|$)", line):
                self.assertTrue((tree.path / name).exists()
                                or (rooms[-1] / name).exists(), name)
        there = {path for path in tree.path.iterdir() if path.is_dir()
                 and path.name not in ("build", "elsewhere", "home", "before", "after")}
        self.assertEqual(set(rooms), {p for p in there if not p.name.startswith(".")})


class Lists(unittest.TestCase):
    def test_variants(self) -> None:
        own = [name for name in known("variants") if not name.startswith("upstream-")]
        self.assertEqual(first_column(section("The variants")), [*own, "upstream-…"])

    def test_families(self) -> None:
        families, _, _ = section("The workloads").partition("The figures")
        self.assertEqual(first_column(families), known("workloads"))

    def test_figures_are_in_the_schema(self) -> None:
        schema = json.loads(text_of("results/schema/results.schema.json"))
        _, _, figures = section("The workloads").partition("The figures")
        self.assertIn("ns_per_op", first_column(figures))
        self.assertLessEqual(set(first_column(figures)),
                             schema["$defs"]["row"]["properties"].keys())


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of what a user does with the whole: `make bench` in a copy of this tree, one's
own mm/dmapool.c beside ours, and a new variant.

The copy is built once, in a temporary folder, with the upstream versions of the cache.
"""

import json
import os
import re
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

import jsonschema

sys.dont_write_bytecode = True
from tree import UPSTREAM, Tree  # noqa: E402

COMPARE = Path("/usr/share/benchmark/compare.py")
DOCUMENTS = ("results", "histograms", "series", "fingerprint")
HOME = Path.home()
NOBODY = 65534

# A design of one's own, as CONTRIBUTING asks for it: a stack of pointers to what is free.
NEW_VARIANT = """\
// SPDX-License-Identifier: GPL-2.0-only
/* A list through the first word of each free block; the DMA address is looked up. */
#define CORE_LINK_BYTES sizeof(void *)

#include "core.h"

struct dma_pool {
	struct pool_base base;
	spinlock_t lock;
	void *free;
	size_t nr_active;
};

static int core_init(struct dma_pool *pool)
{
	spin_lock_init(&pool->lock);
	return 0;
}

static void core_exit(struct dma_pool *pool)
{
}

static void list_page(struct dma_pool *pool, struct pool_page *page)
{
	void **link = &pool->free, *rest = pool->free;
	unsigned int offset;

	pool_for_each_offset(&pool->base, offset) {
		*link = page->vaddr + offset;
		link = *link;
	}
	*link = rest;
}

static dma_addr_t dma_of(struct dma_pool *pool, void *vaddr)
{
	struct pool_page *page;

	list_for_each_entry(page, &pool->base.pages, pages)
		if (vaddr >= page->vaddr && vaddr < page->vaddr + pool->base.allocation)
			return page->dma + (vaddr - page->vaddr);
	return 0;
}

static void *core_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *dma)
{
	struct pool_page *page;
	unsigned long flags;
	void *block;

	spin_lock_irqsave(&pool->lock, flags);
	if (!pool->free) {
		spin_unlock_irqrestore(&pool->lock, flags);
		page = pool_page_alloc(&pool->base, sizeof(*page), gfp);
		if (!page)
			return NULL;
		spin_lock_irqsave(&pool->lock, flags);
		pool_page_add(&pool->base, page);
		list_page(pool, page);
	}
	block = pool->free;
	pool->free = *(void **)block;
	pool->nr_active++;
	*dma = dma_of(pool, block);
	spin_unlock_irqrestore(&pool->lock, flags);
	return block;
}

static void core_free(struct dma_pool *pool, void *vaddr, dma_addr_t dma)
{
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	*(void **)vaddr = pool->free;
	pool->free = vaddr;
	pool->nr_active--;
	spin_unlock_irqrestore(&pool->lock, flags);
}

static void core_usage(struct dma_pool *pool, struct pool_usage *usage)
{
	pool_usage_of_pages(&pool->base, READ_ONCE(pool->nr_active), usage);
}

#include "frontend.h"
"""


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def load(path: Path) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file, parse_constant=refuse_constant)


class EndToEnd(unittest.TestCase):
    """One tree for all, measured once: `measured` is what make said of it."""

    @classmethod
    def setUpClass(cls) -> None:
        if not hasattr(EndToEnd, "tree"):
            EndToEnd.tree = Tree()
            unittest.addModuleCleanup(cls.tree.remove)
            cls.tree.build()
            EndToEnd.measured = cls.tree.run(
                "make", "bench", "LAUNCHES=2", "SEED=7", "VARIANTS=global_list null",
                "WORKLOADS=pair handoff latency frag")
        if cls.measured.returncode:
            raise AssertionError(cls.measured.stdout + cls.measured.stderr)

    def only_set(self) -> Path:
        (folder,) = self.tree.result_sets()
        return folder

    def kept(self) -> dict[Path, bytes]:
        """Every file of every result set: what must not change any more."""
        return {file: file.read_bytes() for folder in self.tree.result_sets()
                for file in folder.rglob("*") if file.is_file()}

    def assert_bench_refused(self, *parts: str, variable: str, **how: Any) -> None:
        """make bench ends in one line, and the earlier results are as they were."""
        before = self.kept()
        done = self.tree.run("make", "bench", variable, **how)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        said = [line for line in done.stderr.splitlines()
                if not re.search(r"^make: \*\*\*|see the line above", line)]
        self.assertEqual(len(said), 1, done.stderr)
        for part in parts:
            self.assertIn(part, said[0])
        self.assertEqual(self.kept(), before)


class Bench(EndToEnd):
    def assert_keeps_schemas(self, folder: Path) -> None:
        for name in DOCUMENTS:
            schema = load(self.tree.path / f"results/schema/{name}.schema.json")
            document = load(folder / f"{name}.json")
            jsonschema.Draft202012Validator(schema).validate(document)

    def test_documents_keep_their_schemas(self) -> None:
        self.assert_keeps_schemas(self.only_set())

    def test_interrupt_keeps_complete_launches_and_earlier_results(self) -> None:
        before = self.kept()
        for seconds in ("9", "60", "200"):      # until a launch is complete
            done = self.tree.run("timeout", "-s", "INT", seconds, "make", "bench",
                                 "LAUNCHES=500", "VARIANTS=null", "WORKLOADS=pair",
                                 "OUT=stopped")
            if "nothing kept" not in done.stderr:
                break
        self.assertRegex(done.stderr, r"(?m)^dmapool-run: stopped: kept \d+ of 500 "
                                      r"launches in stopped/")
        (folder,) = (self.tree.path / "stopped").glob("*/*")
        self.assert_keeps_schemas(folder)
        self.assertEqual(self.kept(), before)

    def test_every_launch_of_every_chosen_row_is_there(self) -> None:
        rows = load(self.only_set() / "results.json")["benchmarks"]
        chosen = [name for name in self.tree.listed() if re.match(
            "(pair|handoff|latency|frag)/(global_list|null)/", name)]
        for key in "launch", "repetition_index":
            self.assertEqual(sorted((row["name"], row[key]) for row in rows),
                             sorted((name, n) for name in chosen for n in (0, 1)))
        self.assertEqual({row["repetitions"] for row in rows}, {2})

    def test_histograms_and_series_are_of_both_launches(self) -> None:
        for kind, family in ("histograms", "latency"), ("series", "frag"):
            entries = load(self.only_set() / f"{kind}.json")[kind]
            self.assertEqual({entry["launch"] for entry in entries}, {0, 1})
            self.assertEqual({entry["name"].split("/")[0] for entry in entries}, {family})

    def test_summary_shows_every_family_and_variant(self) -> None:
        for family in ("pair", "handoff", "latency", "frag"):
            self.assertRegex(self.measured.stdout, rf"(?m)^{family}\b.*: ")
        self.assertRegex(self.measured.stdout, r"global +\n|global  ")
        self.assertIn("null", self.measured.stdout)
        self.assertIn(str(self.only_set().relative_to(self.tree.path)),
                      self.measured.stdout)

    def test_plots_are_drawn(self) -> None:
        plots = {path.name for path in (self.only_set() / "plots").iterdir()}
        for name in ("latency-size", "latency-distribution", "pages-held"):
            self.assertLessEqual({f"{name}.svg", f"{name}.png"}, plots)

    def test_progress_names_the_seed_and_the_time_left(self) -> None:
        self.assertIn("seed 7", self.measured.stderr)
        self.assertIn("left", self.measured.stderr)

    def test_compare_py_reads_it_as_it_is(self) -> None:
        if not COMPARE.exists():
            self.skipTest("libbenchmark-tools is missing")
        results = self.only_set() / "results.json"
        said = self.tree.must_run("/usr/bin/python3", COMPARE, "benchmarks", results,
                                  results)
        for name in self.tree.listed():
            if re.match("(pair|latency)/(global_list|null)/", name):
                self.assertIn(name, said)

    def test_bad_choices_leave_what_is_there(self) -> None:
        for choice, part in (("VARIANTS=nope", "variant 'nope'"),
                             ("WORKLOADS=nope", "workload 'nope'"),
                             ("PROFILE=fast", "profile 'fast': choose from quick full"),
                             ("LAUNCHES=none", "LAUNCHES='none'"),
                             ("SEED=x", "SEED='x'")):
            with self.subTest(choice=choice):
                self.assert_bench_refused(part, variable=choice)


class Upstream(EndToEnd):
    def setUp(self) -> None:
        self.own = Path(tempfile.mkdtemp(dir=self.tree.folder))
        self.own.chmod(0o755)

    def released(self) -> str:
        """Some mainline mm/dmapool.c."""
        found = sorted(UPSTREAM.glob("*/mm/dmapool.c"))
        if not found:
            self.skipTest(f"no mm/dmapool.c in {UPSTREAM}: make deps fetches one")
        return found[-1].read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> Path:
        path = self.own / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def assert_refused(self, upstream: str, *parts: str, **how: Any) -> None:
        self.assert_bench_refused(*parts, variable=f"UPSTREAM={upstream}", **how)

    def test_files_of_no_use(self) -> None:
        other = self.write("other.c", "int main;\n")
        self.assert_refused("mine=/nonexistent/x.c", "/nonexistent/x.c", "does not exist")
        self.assert_refused(f"mine={self.own}", str(self.own), "no mm/dmapool.c")
        self.assert_refused(f"mine={other}", str(other), "dma_pool_alloc")
        self.assert_refused("mine=/dev/null", "/dev/null", "no file")

    def test_a_file_that_cannot_be_read(self) -> None:
        path = self.write("dmapool.c", "void *dma_pool_alloc(void);\n")
        path.chmod(0)
        user = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
        self.assert_refused(f"mine={path}", str(path), "cannot be read", **user)

    def test_names_of_no_use(self) -> None:
        path = self.write("dmapool.c", "void *dma_pool_alloc(void);\n")
        self.assert_refused(f"a/b={path}", "'a/b'", "letters")
        self.assert_refused(f"={path}", "''", "letters")
        self.assert_refused(str(path), str(path), "NAME=PATH")
        self.assert_refused(f"a={path} a={path}", "'a'", "twice")

    def test_a_file_that_does_not_compile(self) -> None:
        path = self.write("dmapool.c",
                          "void *dma_pool_alloc(void)\n{\n\treturn 1 +;\n}\n")
        self.assert_refused(f"broken={path}", "upstream-broken: ", f"{path}:3:",
                            "error: expected expression")

    def test_a_file_that_asks_for_what_the_shim_lacks(self) -> None:
        path = self.write("dmapool.c", "#include <linux/nonesuch.h>\n"
                                       "void *dma_pool_alloc(void);\n")
        self.assert_refused(f"broken={path}", "upstream-broken: ", f"{path}:1:",
                            "linux/nonesuch.h: No such file")

    def test_an_older_file_takes_a_newer_ones_name(self) -> None:
        pool = "build/bench/variants/upstream-mine.o"
        objects = []
        for name in ("newer", "older"):
            path = self.write(f"{name}.c", f"int {name};\nint dma_pool_alloc(void);\n")
            os.utime(path, (0, 0) if name == "older" else None)
            self.tree.must_run("make", pool, f"UPSTREAM=mine={path}")
            objects.append((self.tree.path / pool).read_bytes())
        self.assertIn(b"older", objects[1])
        self.assertNotIn(b"newer", objects[1])

    def test_a_tree_and_an_edited_file_are_variants(self) -> None:
        text = self.released()
        self.write("tree/mm/dmapool.c", text)
        self.write("tree/Makefile", "VERSION = 6\nPATCHLEVEL = 99\nSUBLEVEL = 3\n")
        edited = self.write("edited.c", text + "\nstatic int __maybe_unused edited;\n")
        self.tree.must_run("make", "-j2", "build/dmapool-bench",
                           f"UPSTREAM=my.tree={self.own}/tree edited={edited}")
        names = self.tree.listed()
        for variant in ("upstream-my.tree", "upstream-edited"):
            self.assertEqual([n.replace(variant, "null") for n in names if variant in n],
                             [n for n in names if "/null/" in n])
        out = self.own / "out.json"
        self.tree.must_run(
            "build/dmapool-bench", "--variants=upstream-my.tree upstream-edited",
            "--workloads=pair", "--benchmark_min_time=0", f"--benchmark_out={out}")
        report = load(out)
        self.assertEqual({row["name"].split("/")[1] for row in report["benchmarks"]},
                         {"upstream-my.tree", "upstream-edited"})
        self.assertTrue(all(row["ns_per_op"] > 0 for row in report["benchmarks"]))
        self.assertIn("upstream-my.tree = 6.99.3", report["context"]["upstream"])
        self.assertRegex(report["context"]["upstream"],
                         "upstream-edited = sha256 [0-9a-f]{12}")


class NewVariant(EndToEnd):
    """CONTRIBUTING's promise: one file, one word."""

    def setUp(self) -> None:
        makefile = self.tree.path / "Makefile"
        before = makefile.read_text(encoding="utf-8")
        after = re.sub(r"(?m)^(VARIANTS_ALL := .*)$", r"\1 word_list", before)
        self.assertNotEqual(before, after)
        file = self.tree.path / "variants/word_list.c"
        file.write_text(NEW_VARIANT, encoding="utf-8")
        self.addCleanup(file.unlink)
        makefile.write_text(after, encoding="utf-8")
        self.addCleanup(makefile.write_text, before, encoding="utf-8")

    def test_the_benchmark_has_it(self) -> None:
        said = self.tree.must_run("make", "-j2", "build/dmapool-bench")
        self.assertNotIn("variants/global_list.o", said)
        names = self.tree.listed()
        new = [n for n in names if "/word_list/" in n]
        self.assertEqual([n.replace("word_list", "null") for n in new],
                         [n for n in names if "/null/" in n])
        self.tree.must_run("build/dmapool-bench", "--variants=word_list",
                           "--benchmark_min_time=0")

    def test_the_contract_is_run_on_it(self) -> None:
        # In every flavour, by `make test`; here in the quickest.
        contract = "build/check/contract/word_list/contract"
        self.assertIn(contract, self.tree.must_run("make", "-n", "test"))
        self.tree.must_run("make", "-j2", contract)
        said = self.tree.must_run(contract, env={"CMOCKA_MESSAGE_OUTPUT": "TAP"})
        self.assertRegex(said, r"(?m)^ok \d+ - ")


if __name__ == "__main__":
    unittest.main()

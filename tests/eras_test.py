#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""mm/dmapool.c of other eras than the cached ones, got from those by the edits that lie
between: each builds, plain and with its checks, and passes the contract of its kernel.
"""

import re
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
from eval_test import UPSTREAM  # noqa: E402
from tree import Tree  # noqa: E402

Edits = list[tuple[str, str]]

TO_5_15: Edits = [
    ("retval = kmalloc(sizeof(*retval), GFP_KERNEL)",
     "retval = kmalloc_node(sizeof(*retval), GFP_KERNEL, dev_to_node(dev))"),
    ("strscpy(", "strlcpy("),
    ("DEVICE_ATTR_RO(pools)", "DEVICE_ATTR(pools, 0444, pools_show, NULL)"),
    ("might_alloc(mem_flags)", "might_sleep_if(gfpflags_allow_blocking(mem_flags))")]
TO_4_19: Edits = [
    ("want_init_on_alloc(mem_flags)", "mem_flags & __GFP_ZERO"),
    ("\tif (want_init_on_free())\n\t\tmemset(vaddr, 0, pool->size);\n", ""),
    ("dma %pad already free\\n\",\n\t\t\t\t\t__func__, pool->name, &dma",
     "dma %Lx already free\\n\",\n\t\t\t\t\t__func__, pool->name, (u64)dma")]
TO_3_18: Edits = [
    ("\tif (unlikely(!pool))\n\t\treturn;\n", ""),
    ("\tif (mem_flags & __GFP_ZERO)\n\t\tmemset(retval, 0, pool->size);\n", ""),
    ("gfpflags_allow_blocking(mem_flags)", "mem_flags & __GFP_WAIT"),
    ("%4zu %4zu", "%4Zu %4Zu"), ("0444", "S_IRUGO"), ("export.h", "module.h")]
TO_2_6_32: Edits = [
    ("\tchar name[32];\n", "\tchar name[32];\n\twait_queue_head_t waitq;\n"),
    ("\tretval->dev = dev;\n", "\tretval->dev = dev;\n"
     "\tinit_waitqueue_head(&retval->waitq);\n"),
    ("\tmight_sleep_if(mem_flags & __GFP_WAIT);\n", ""),
    ("\tlist_for_each_entry(page, &pool->page_list, page_list) {\n\t\tif (page->offset",
     " restart:\n\tlist_for_each_entry(page, &pool->page_list, page_list) {\n"
     "\t\tif (page->offset"),
    ("\tspin_unlock_irqrestore(&pool->lock, flags);\n\n\tpage = pool_alloc_page(pool, "
     "mem_flags & (~__GFP_ZERO));\n\tif (!page)\n\t\treturn NULL;\n\n"
     "\tspin_lock_irqsave(&pool->lock, flags);\n",
     "\tpage = pool_alloc_page(pool, GFP_ATOMIC);\n\tif (!page) {\n"
     "\t\tDECLARE_WAITQUEUE(wait, current);\n\n\t\tif (!(mem_flags & __GFP_WAIT)) {\n"
     "\t\t\tspin_unlock_irqrestore(&pool->lock, flags);\n\t\t\treturn NULL;\n\t\t}\n"
     "\t\t__set_current_state(TASK_UNINTERRUPTIBLE);\n"
     "\t\t__add_wait_queue(&pool->waitq, &wait);\n"
     "\t\tspin_unlock_irqrestore(&pool->lock, flags);\n"
     "\t\tschedule_timeout(100 * HZ / 1000);\n"
     "\t\tspin_lock_irqsave(&pool->lock, flags);\n"
     "\t\t__remove_wait_queue(&pool->waitq, &wait);\n\t\tgoto restart;\n\t}\n"),
    ("\tpage->in_use--;\n", "\tpage->in_use--;\n\tif (waitqueue_active(&pool->waitq))\n"
     "\t\twake_up_locked(&pool->waitq);\n")]
# As proposed in 2026: checks behind a static key and a boot option of their own.
TO_A_KEY: Edits = [
    ("#include <linux/wait.h>\n", "#include <linux/wait.h>\n#include <linux/init.h>\n"
     "#include <linux/static_key.h>\n\n"
     "static DEFINE_STATIC_KEY_FALSE(dmapool_debug_enabled);\n\n"
     "static int __init dmapool_debug_setup(char *str)\n{\n"
     "\tstatic_branch_enable(&dmapool_debug_enabled);\n\treturn 1;\n}\n"
     "__setup(\"dmapool_debug\", dmapool_debug_setup);\n"),
    ("#ifdef CONFIG_SLUB_DEBUG_ON\n", "#if 1\n"),
    ("\tint i;\n\n\tfor", "\tint i;\n\n"
     "\tif (!static_branch_unlikely(&dmapool_debug_enabled))\n\t\treturn;\n\n\tfor"),
    ("\tpage = pool_find_page(pool, dma);\n",
     "\tif (!static_branch_unlikely(&dmapool_debug_enabled)) {\n"
     "\t\tif (want_init_on_free())\n\t\t\tmemset(vaddr, 0, pool->size);\n"
     "\t\treturn false;\n\t}\n\n\tpage = pool_find_page(pool, dma);\n")]

# Of each rule that came, the test that holds it.
INIT, NULL, CHECKS = ("init_on_alloc_zeroes_the_stride", "destroy_of_null_does_nothing",
                      "a_second_free_is_reported")


def edited(text: str, *steps: Edits) -> str:
    for before, after in (edit for edits in steps for edit in edits):
        if before not in text:
            raise AssertionError(f"the cached file has no {before!r}")
        text = text.replace(before, after)
    return text


class Eras(unittest.TestCase):
    """Built once for all: most of it is the contract's and the shim's."""

    @classmethod
    def setUpClass(cls) -> None:
        for version, path in UPSTREAM.items():
            if not path.exists():
                raise unittest.SkipTest(f"no dmapool.c of {version}: make deps-upstream")
        cls.tree = Tree()
        cls.addClassCleanup(cls.tree.remove)

    def passes(self, name: str, text: str) -> tuple[set[str], set[str]]:
        """The tests that the file passes, plain and checked; it must fail none."""
        (self.tree.path / "era.c").write_text(text, encoding="utf-8")
        names = [f"upstream-{name}", f"upstream-{name}-debug"]
        programs = [f"build/check/contract/{each}/contract" for each in names]
        self.tree.must_run("make", "-j2", f"UPSTREAM={name}=era.c", *programs)
        found = []
        for program in programs:
            said = self.tree.must_run(program, env={"CMOCKA_MESSAGE_OUTPUT": "TAP"})
            found.append(set(re.findall(r"(?m)^ok \d+ - (\S+)$", said)))
        return found[0], found[1]

    def old(self, *steps: Edits) -> str:
        return edited(Path(UPSTREAM["6.1"]).read_text(encoding="utf-8"), *steps)

    def test_5_15(self) -> None:
        plain, checked = self.passes("5.15", self.old(TO_5_15))
        self.assertTrue({INIT, NULL} <= plain)
        self.assertIn(CHECKS, checked)

    def test_4_19(self) -> None:
        plain, checked = self.passes("4.19", self.old(TO_5_15, TO_4_19))
        self.assertIn(NULL, plain)
        self.assertNotIn(INIT, plain)
        self.assertIn(CHECKS, checked)

    def test_3_18(self) -> None:
        plain, checked = self.passes("3.18", self.old(TO_5_15, TO_4_19, TO_3_18))
        self.assertFalse({INIT, NULL} & plain)
        self.assertIn(CHECKS, checked)

    def test_2_6_32(self) -> None:
        plain, checked = self.passes("2.6.32", self.old(TO_5_15, TO_4_19, TO_3_18,
                                                        TO_2_6_32))
        self.assertFalse({INIT, NULL} & plain)
        self.assertIn(CHECKS, checked)

    def test_checks_behind_a_key(self) -> None:
        text = edited(Path(UPSTREAM["6.12"]).read_text(encoding="utf-8"), TO_A_KEY)
        plain, checked = self.passes("key", text)
        self.assertTrue({INIT, NULL} <= plain)
        self.assertNotIn(CHECKS, plain)
        self.assertIn(CHECKS, checked)

    def test_who_forgets_a_rule_is_not_older(self) -> None:
        text = self.old([("\tif (want_init_on_alloc(mem_flags))\n"
                          "\t\tmemset(retval, 0, pool->size);\n", "")])
        with self.assertRaisesRegex(AssertionError, "zalloc_zeroes_a_used_block"):
            self.passes("forgetful", text)


    # --- tools/judge: the same in one table

    def judge(self, *files: str) -> tuple[int, list[str], str]:
        """Without the cache: exit status, rows, and what was said beside them."""
        none = str(self.tree.path / "no-cache")
        done = self.tree.run("tools/judge", *files, env={"DMAPOOL_BENCH_CACHE": none})
        return done.returncode, done.stdout.splitlines()[2:], done.stderr

    def test_a_table_of_what_passes_and_what_does_not_build(self) -> None:
        text = self.old(TO_5_15, TO_4_19)
        (self.tree.path / "good.c").write_text(text, encoding="utf-8")
        (self.tree.path / "bad.c").write_text(
            text.replace("kmalloc(sizeof(*page)", "kmalloc_lots(sizeof(*page)"),
            encoding="utf-8")
        status, rows, _ = self.judge("good=good.c", "bad=bad.c")
        self.assertEqual(status, 1)
        self.assertRegex(rows[0], r"^\| good \| sha256 \w+ (\| \d+ ){4}\| \|$")
        self.assertRegex(rows[1], r"^\| bad \| .* it does not build: .*bad\.c:\d+:.*"
                                  r"function 'kmalloc_lots'")

    def test_a_table_of_nothing(self) -> None:
        status, _, said = self.judge()
        self.assertEqual(status, 2)
        self.assertIn("judge: there is no file: name one, or say make deps-upstream",
                      said)
        status, _, said = self.judge("a=nowhere.c")
        self.assertEqual(status, 2)
        self.assertIn("nowhere.c does not exist", said)


if __name__ == "__main__":
    unittest.main()

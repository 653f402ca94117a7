#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the build: what a result set says of compiler and flags is so of all that the
program was made from; what users bring is taken for what it is, and reaches no shell; and
makes in one tree take turns.
"""

import json
import os
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
from patience import wait_for  # noqa: E402
from tree import UPSTREAM, Tree  # noqa: E402

# In a name that somebody gave to something: all that make, shells and compilers read.
ODD = "a b\tc_'d\"$(touch pwned)`touch pwned`${HOME};#=:%&|\\n\n f=g"
OBJECTS = [f"build/bench/{name}.o" for name in (
    "bench/clock", "bench/fingerprint", "bench/gb", "bench/workloads/pair",
    "shim/lib", "tests/gb_test", "variant/null/entry", "variants/null")]
POOL = "void *dma_pool_alloc(void);\nint %s;\n"


class InTree(unittest.TestCase):
    """One tree for all."""

    @classmethod
    def setUpClass(cls) -> None:
        if not hasattr(InTree, "tree"):
            InTree.tree = Tree()
            unittest.addModuleCleanup(cls.tree.remove)

    def compiled(self, *words: str) -> list[str]:
        """The objects that a make, so told, compiles."""
        lines = self.tree.must_run("make", "-j2", *words).splitlines()
        return sorted(line.split()[1] for line in lines if line.startswith("  C"))

    def write(self, name: str, text: str) -> Path:
        path = self.tree.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def script(self, name: str, text: str) -> str:
        """As make is told of it."""
        self.write(name, text).chmod(0o755)
        return f"./{name}"


class Objects(InTree):
    def setUp(self) -> None:
        self.compiled(*OBJECTS)

    def test_what_did_not_change_stays(self) -> None:
        self.assertEqual(self.compiled(*OBJECTS), [])
        self.assertNotIn("gcc", self.tree.must_run("make", "-n", *OBJECTS))

    def test_other_flags(self) -> None:
        before = (self.tree.path / "build/bench/flags").read_bytes()
        said = self.tree.must_run("make", "-n", "OPT_bench=-O3", *OBJECTS)
        self.assertEqual([name for name in OBJECTS if f" -o {name}" not in said], [])
        self.assertEqual((self.tree.path / "build/bench/flags").read_bytes(), before)
        self.assertEqual(self.compiled("OPT_bench=-O3", *OBJECTS), OBJECTS)
        self.assertEqual(self.compiled("OPT_bench=-O3", *OBJECTS), [])

    def test_another_version_of_the_compiler(self) -> None:
        newer = self.script("newer", '#!/bin/sh\n[ "$1" = --version ] && '
                            'exec echo "newer \\"99\\""\nexec gcc "$@"\n')
        self.assertEqual(self.compiled(f"CC={newer}", *OBJECTS), OBJECTS)
        strings = self.tree.must_run("strings", "build/bench/bench/fingerprint.o")
        self.assertIn('newer "99"', strings)

    def test_a_source_that_is_gone(self) -> None:
        library = "build/bench/libshim.a"
        extra = self.write("shim/extra.c", "int shim_extra;\n")
        for there in True, False:
            self.compiled(library)
            self.assertEqual("shim_extra" in self.tree.must_run("nm", library), there)
            extra.unlink(missing_ok=True)


class Upstream(InTree):
    OBJECT = "build/bench/variants/upstream-mine.o"
    ENTRY = "build/bench/variant/upstream-mine/entry.o"

    def compiled_for(self, path: Path) -> list[str]:
        return self.compiled(self.OBJECT, self.ENTRY, f"UPSTREAM=mine={path}")

    def test_a_file_that_changes_or_is_another(self) -> None:
        path = self.write("own/dmapool.c", POOL % "one")
        self.assertEqual(self.compiled_for(path), [self.ENTRY, self.OBJECT])
        self.assertEqual(self.compiled_for(path), [])
        self.write("own/dmapool.c", POOL % "two")
        self.assertIn(self.OBJECT, self.compiled_for(path))
        again = self.write("own/again.c", POOL % "one")
        os.utime(again, (0, 0))
        self.assertIn(self.OBJECT, self.compiled_for(again))
        self.assertIn(" one\n", self.tree.must_run("nm", self.OBJECT))

    def test_a_header_beside_it(self) -> None:
        path = self.write(f"{ODD}/dmapool.c", '#include "own.h"\n' + POOL % "with_header")
        header = self.write(f"{ODD}/own.h", "int own_header;\n")
        self.compiled_for(path)
        self.assertIn(" own_header\n", self.tree.must_run("nm", self.OBJECT))
        header.write_text("int another_header;\n", encoding="utf-8")
        self.assertEqual(self.compiled_for(path), [self.OBJECT])

    def test_messages_have_the_users_path(self) -> None:
        path = self.write("my linux/dmapool.c", POOL % "=")
        done = self.tree.run("make", self.OBJECT, f"UPSTREAM=mine={path}")
        self.assertIn(f"{path}:2:", done.stderr)


class Choices(InTree):
    """What is chosen wrongly is told before anything is built."""

    def assert_refused(self, said: str, *words: str) -> None:
        done = self.tree.run("make", *words)
        lines = done.stderr.splitlines()
        self.assertEqual((done.returncode, done.stdout, len(lines)), (2, "", 1),
                         (words, done.stdout, done.stderr))
        self.assertIn(said, lines[0])

    def test_names(self) -> None:
        for goal in "bench", "calibrate", "bench-insn", "kbench", "ktest", "torture":
            self.assert_refused("no variant 'nul': choose from ", goal,
                                "VARIANTS=null nul")
        for goal in "bench", "calibrate", "bench-insn", "kbench":
            self.assert_refused("no workload 'pairs': choose from pair batch ", goal,
                                "WORKLOADS=pairs")
            self.assert_refused("no profile 'fast': choose from quick full", goal,
                                "PROFILE=fast")
            self.assert_refused("choose one of quick full", goal, "PROFILE=quick full")
        self.assert_refused("choose from intree ", "kbench", "VARIANTS=peer-jemalloc")

    def test_numbers(self) -> None:
        for variable, values in (("LAUNCHES", ("0", "ten", "-1", "1 2", "10001")),
                                 ("SEED", ("x", "18446744073709551616")),
                                 ("MINUTES", ("0", "1h", "a[$(touch pwned)]"))):
            for value in values:
                goal = "torture" if variable == "MINUTES" else "bench"
                self.assert_refused(f"{variable}='{value}': give a whole number", goal,
                                    f"{variable}={value}")

    def test_nothing_is_run(self) -> None:
        for variable in "VARIANTS", "WORKLOADS", "PROFILE", "LAUNCHES", "SEED":
            self.assert_refused(variable, "bench", f"{variable}={ODD}")
        for variable in "FILTER", "KERNEL", "ON", "UPSTREAM":
            for goal in "bench-insn", "kbench", "ktest", "profile":
                self.tree.run("make", "-n", goal, f"{variable}={ODD}")
        self.assertEqual(list(self.tree.path.rglob("pwned")), [])

    def test_kernels(self) -> None:
        for goal in "kbench", "ktest", "kstress":
            done = self.tree.run("make", goal, "KERNEL=6.13")
            self.assertEqual(done.returncode, 2)
            self.assertIn("'6.13' is no kernel: give one of 6.1 6.12 ", done.stderr)
            self.assertNotIn("CC", done.stdout)


class Odd(unittest.TestCase):
    """All that has a name has an odd one: the checkout, the kernel tree, its version and
    its tag, the cache, and the folder of the results.
    """

    @classmethod
    def setUpClass(cls) -> None:
        released = sorted(UPSTREAM.glob("*/mm/dmapool.c"))
        if not released:
            raise unittest.SkipTest(f"no mm/dmapool.c in {UPSTREAM}: make deps fetches "
                                    "one")
        cls.tree = Tree(ODD)
        cls.addClassCleanup(cls.tree.remove)
        cls.kernel, cls.cache = (cls.tree.folder / f"{what} {ODD}"
                                 for what in ("linux", "cache"))
        cls.pool(cls.kernel, released[-1])
        cls.pool(cls.cache / "upstream/6.1", released[0])
        (cls.cache / "upstream/6.1/VERSION").write_text(f"6.1 {ODD}", encoding="utf-8")
        (cls.kernel / "Makefile").write_text(
            "VERSION = 6\nPATCHLEVEL = 99\n"
            "EXTRAVERSION = -my_tree'\"$(touch pwned)`touch pwned`;%\\n\n",
            encoding="utf-8")
        cls.commit(cls.kernel)
        cls.commit(cls.tree.path)
        cls.done = cls.tree.run(
            "make", "-j2", "bench", "VARIANTS=null\nupstream-6.1\tupstream-mine",
            "WORKLOADS= pair ", "LAUNCHES=1", f"OUT={ODD}", f"UPSTREAM=mine={cls.kernel}",
            env={"DMAPOOL_BENCH_CACHE": str(cls.cache)})

    @staticmethod
    def pool(tree: Path, released: Path) -> None:
        (tree / "mm").mkdir(parents=True)
        (tree / "mm/dmapool.c").write_bytes(released.read_bytes())

    @classmethod
    def commit(cls, folder: Path) -> None:
        git = ("git", "-C", folder, "-c", "user.name=n", "-c", "user.email=n@example.org")
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"],
                      ["tag", "v1'\"$(touch${IFS}pwned)`x`;|&%"]):
            cls.tree.must_run(*git, *words)

    def results(self) -> dict:
        (path,) = (self.tree.path / ODD).glob("*/*/results.json")
        return json.loads(path.read_text(encoding="utf-8"))

    def test_it_is_measured(self) -> None:
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        names = [row["name"] for row in self.results()["benchmarks"]]
        self.assertEqual({name.split("/")[1] for name in names},
                         {"null", "upstream-6.1", "upstream-mine"})

    def test_versions_are_kept_to_the_letter(self) -> None:
        said = self.results()["context"]["upstream"]
        self.assertIn("-my_tree'\"$(touch pwned)`touch pwned`;%\\n ", said)
        self.assertIn("6.1 a b?c_'d\"$(touch pwned)", said)

    def test_no_shell_reads_it(self) -> None:
        self.assertEqual(list(self.tree.folder.rglob("pwned")), [])

    def test_nothing_is_built_again(self) -> None:
        said = self.tree.must_run(
            "make", "-n", "build/dmapool-bench", f"UPSTREAM=mine={self.kernel}",
            env={"DMAPOOL_BENCH_CACHE": str(self.cache)})
        self.assertNotIn("gcc", said)


class Turns(InTree):
    """The first make compiles until it is told to go on."""

    def setUp(self) -> None:
        slow = self.script("slow", '#!/bin/sh\ncase " $* " in *" -c "*)\n'
                           '\ttouch compiling\n\twhile [ ! -e go ]; do sleep 0.05; done\n'
                           'esac\nexec gcc "$@"\n')
        for name in ("compiling", "go", "build/dmapool-run",
                     "build/bench/bench/run/main.o"):
            (self.tree.path / name).unlink(missing_ok=True)
        self.words = ("make", f"CC={slow}", "build/dmapool-run")
        self.first = self.start()
        self.addCleanup(self.go_on)
        wait_for((self.tree.path / "compiling").exists, "nothing is compiled")

    def start(self):
        process = self.tree.start(*self.words)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        return process

    def go_on(self) -> None:
        (self.tree.path / "go").touch()

    def second(self):
        """Another make, that waits."""
        second = self.start()
        self.assertEqual(second.stdout.readline(), "make: waiting for 'make "
                         "build/dmapool-run', which is at work in build/\n")
        return second

    def test_a_second_make_waits_and_has_nothing_left_to_do(self) -> None:
        second = self.second()
        self.go_on()
        self.assertEqual(second.communicate()[0].splitlines(),
                         ["make: 'build/dmapool-run' is up to date."])
        self.assertEqual((self.first.wait(), second.returncode), (0, 0))

    def test_nobody_waits_for_one_that_was_killed(self) -> None:
        second = self.second()
        self.first.kill()
        self.go_on()
        second.communicate()
        self.assertEqual(second.returncode, 0)

    def test_what_only_looks_does_not_wait(self) -> None:
        for words in ["help"], ["-n", "bench"], ["-n", "build/dmapool-run"]:
            self.assertNotIn("waiting", self.tree.run("make", *words).stderr)

    def test_a_make_of_a_recipe_does_not_wait(self) -> None:
        self.go_on()
        self.first.wait()
        rule = "outer: ; @$(MAKE) -s build/dmapool-run"
        self.tree.must_run("make", "--eval", rule, "outer")


class Revision(unittest.TestCase):
    def setUp(self) -> None:
        self.tree = Tree()
        self.addCleanup(self.tree.remove)

    def said(self, **env: str) -> tuple[str, str]:
        done = self.tree.run("make", "-s", "--eval=show: ; @echo $(described)",
                             "show", env=env)
        return done.stdout, done.stderr

    def test_of_a_checkout(self) -> None:
        self.tree.must_run("git", "init", "-q")
        self.tree.must_run("git", "-c", "user.name=a", "-c", "user.email=b", "commit",
                           "-qm", "a", "--allow-empty")
        commit = self.tree.must_run("git", "rev-parse", "--short", "HEAD")
        self.assertEqual(self.said(), (commit, ""))
        revision, line = self.said(GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
        self.assertEqual(revision, "none\n")
        # Once for the build, and once for what is shown here.
        self.assertEqual(set(line.splitlines()), {
            "git does not trust this checkout, so its revision is unknown: git config "
            f"--global --add safe.directory {self.tree.path}"})

    def test_outside_of_git(self) -> None:
        self.assertEqual(self.said(), ("none\n", ""))


if __name__ == "__main__":
    unittest.main()

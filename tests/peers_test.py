#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of PEERS=1: other allocators behind the pool's calls, measured for reference.

Their packages are no part of plain `make deps`, which is what CI runs: where they are
not installed, the tests that build them are skipped.
"""

import json
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from evidence import resultset  # noqa: E402
from tree import Tree  # noqa: E402

PACKAGES = {"peer-rte_mempool": "libdpdk-dev", "peer-tcmalloc": "libgoogle-perftools-dev",
            "peer-jemalloc": "libjemalloc-dev", "peer-mimalloc": "libmimalloc-dev"}
FAMILIES = {"pair", "batch", "contend", "handoff", "latency", "bulk"}
MANY_CPUS = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
long sysconf(int name)
{
	long (*real)(int) = dlsym(RTLD_NEXT, "sysconf");

	return name == _SC_NPROCESSORS_ONLN ? 64 : real(name);
}
"""
OF_PAGES = {"pages_held", "pages_occupied", "pages_ideal", "bytes_stranded"}


def setUpModule() -> None:
    global tree
    tree = Tree()
    unittest.addModuleCleanup(tree.remove)


def missing() -> list[str]:
    return [package for package in PACKAGES.values()
            if subprocess.run(["dpkg-query", "-W", package], capture_output=True,
                              check=False).returncode]


class Without(unittest.TestCase):
    """Where the packages are not there."""

    def test_only_peers_ask_for_the_packages(self) -> None:
        plain = tree.must_run("make", "-n", "deps")
        peers = tree.must_run("make", "-n", "deps", "PEERS=1")
        for package in PACKAGES.values():
            self.assertNotIn(package, plain)
            self.assertIn(package, peers)

    def test_a_missing_package_is_named(self) -> None:
        absent = tree.path / "bin/dpkg-query"
        absent.parent.mkdir()
        absent.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        absent.chmod(0o755)
        done = tree.run("sh", "-c", f"PATH={absent.parent}:$PATH exec make PEERS=1 "
                        "-W bench/peers/jemalloc.c build/bench/bench/peers/jemalloc.o")
        self.assertNotEqual(done.returncode, 0)
        said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
        self.assertEqual(said, ["peer-jemalloc: libjemalloc-dev is not installed: "
                                "make deps PEERS=1"])

    def test_peers_are_the_last_in_a_table(self) -> None:
        names = [*PACKAGES, "null", "global_list", "mine"]
        self.assertEqual(sorted(names, key=resultset.variant_key)[:3],
                         ["global_list", "mine", "null"])


class Built(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        if missing():
            raise unittest.SkipTest("the peers' packages are no part of plain make deps: "
                                    "make deps PEERS=1")
        tree.must_run("make", "-j2", "PEERS=1", "build/dmapool-bench",
                      "build/dmapool-run",
                      *(f"build/bench/{peer}/blocks" for peer in PACKAGES))
        cls.rows = [name.split("/") for name in tree.listed()]

    def test_each_takes_part_in_the_families_of_time(self) -> None:
        for peer in PACKAGES:
            families = {row[0] for row in self.rows if row[1] == peer}
            if not any(row[0] == "handoff" for row in self.rows):
                families.add("handoff")     # this machine has but one CPU
            self.assertEqual(families, FAMILIES)

    def test_malloc_is_not_replaced(self) -> None:
        outside = tree.must_run("nm", "-g", "build/bench/dmapool-bench")
        self.assertRegex(outside, r"(?m) U malloc\b")
        self.assertNotRegex(outside, r"(?m) [TW] (malloc|free|memalign|_Znwm)$")
        self.assertNotIn("mimalloc", tree.must_run("ldd", "build/bench/dmapool-bench"))

    def test_blocks(self) -> None:
        for peer in PACKAGES:
            with self.subTest(peer):
                tree.must_run(f"build/bench/{peer}/blocks")

    def test_blocks_on_a_machine_of_many_cpus(self) -> None:
        source = tree.path / "many.c"
        source.write_text(MANY_CPUS, encoding="utf-8")
        tree.must_run("gcc", "-shared", "-fPIC", "-o", "many.so", source)
        for peer in PACKAGES:
            with self.subTest(peer):
                tree.must_run(f"build/bench/{peer}/blocks",
                              env={"LD_PRELOAD": str(tree.path / "many.so")})

    def test_a_quick_row_of_each(self) -> None:
        for peer in PACKAGES:
            with self.subTest(peer):
                report = self.measure(peer)
                rows = report["benchmarks"]
                self.assertEqual({row["name"].split("/")[0] for row in rows},
                                 {row[0] for row in self.rows if row[1] == peer})
                for row in rows:
                    self.assertNotIn("error_message", row)
                    # So short a time two CPUs may miss each other in.
                    if row["threads"] == 1:
                        self.assertGreater(row["ns_per_op"], 0)
                    self.assertFalse(OF_PAGES & row.keys())
                self.assertRegex(report["context"]["peers"], rf"{peer} = \d+\.\d")

    def measure(self, peer: str) -> dict:
        out = tree.path / f"{peer}.json"
        done = tree.run("build/dmapool-bench", f"--variants={peer}",
                        "--benchmark_min_time=0.001", f"--benchmark_out={out}",
                        "--benchmark_out_format=json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("EAL", done.stdout + done.stderr)
        return json.loads(out.read_text(encoding="utf-8"))

    def test_they_stand_beside_the_variants_chosen(self) -> None:
        said = tree.must_run("make", "bench", "PEERS=1", "VARIANTS=null global_list",
                             "WORKLOADS=pair frag", "LAUNCHES=1")
        for peer in PACKAGES:
            self.assertIn(peer.removeprefix("peer-"), said)
        self.assertIn("for reference", said)
        results = resultset.load(tree.result_sets()[-1])
        self.assertEqual(results.variants("pair"),
                         ["global_list", "null", *sorted(PACKAGES)])
        self.assertEqual(results.variants("frag"), ["global_list", "null"])
        facts = tree.result_sets()[-1] / "fingerprint.json"
        self.assertNotIn("peers", json.loads(facts.read_text(encoding="utf-8")))

    def test_a_peer_may_be_chosen_alone(self) -> None:
        said = tree.must_run("make", "-n", "bench", "PEERS=1", "VARIANTS=peer-jemalloc")
        self.assertIn("--variants='peer-jemalloc '", said)


if __name__ == "__main__":
    unittest.main()

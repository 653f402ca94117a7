#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests kmod/boot: what gets kernels, makes initrds, boots guests and chooses where.

All but the last three need no kernel: two boot the cached 6.1 under emulation, one has
what the harness says and refuses from a cached UML.
"""

import base64
import gzip
import importlib.machinery
import importlib.util
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

BOOT = Path(__file__).resolve().parent.parent / "kmod" / "boot"
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
NAMES = ("6.1", "6.12", "uml-7.2", "uml-7.2-smp", "debug", "kcsan")
# A UML that does what the test says once it has noted that it was started.
FAKE_UML = """#!/bin/sh
dir=$(dirname "$0")
echo $$ "$@" >>$dir/started
. $dir/behaviour
"""
# What init does: says so, and sends the exit status 7 and no file.
SENDS = r"""echo 'boot: init'
for word in "$@"; do
    case $word in con1=*) out=/proc/self/fd/${word##*:} ;; esac
done
echo 7 >$dir/status
tar -cz -C $dir status | base64 >$out
"""
# Profiles that there are not, a second run, one that is stopped, and one that is not.
HARNESS_JOB = """\
insmod ./dmapool_bench.ko && insmod ./dmapool_null.ko || exit 4
cd /sys/kernel/debug/dmapool_bench || exit 4
echo pair >workloads
for profile in '' 'quick full' fast; do
    echo "$profile" >profile
    echo 1 2>/dev/null >run && echo ran
done
echo quick >profile
echo 60000 >min_time_ms
echo 1 >run || exit 4
echo 1 2>/dev/null >run && echo ran
echo 0 >run
dmesg | grep -o 'no .*'
cat progress
echo 1 >min_time_ms
echo 1 >run || exit 4
cat wait
cat results.json >/out/results.json
"""
# Where a static busybox is, if there is one: none is fetched for a test.
BUSYBOX = subprocess.run([BOOT / "busybox"], capture_output=True, text=True, check=False,
                         env=os.environ | {"APT_SOURCES_DIR": "/nonexistent"}
                         ).stdout.strip()
sys.dont_write_bytecode = True
from patience import wait_for  # noqa: E402

sys.path.insert(0, str(BOOT))


def load(name: str):
    """A module, or a program without .py, as a module."""
    path = BOOT / (name if (BOOT / name).exists() else name + ".py")
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(name, loader))
    sys.modules[name] = module
    loader.exec_module(module)
    return module


guest, where, boot, bench = load("guest"), load("where"), load("boot"), load("bench")


class Folder(unittest.TestCase):
    """A test with a folder of its own, which is the cache too."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name)
        # One in the real cache is this machine's own in a test.
        self.env = os.environ | {"DMAPOOL_BENCH_CACHE": str(self.dir / "cache"),
                                 "APT_SOURCES_DIR": "/nonexistent",
                                 "PATH": f"{os.environ['PATH']}:{Path(BUSYBOX).parent}"}

    def call(self, program: str, *args, **env) -> subprocess.CompletedProcess:
        return subprocess.run([BOOT / program, *args], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env=self.env | env, check=False)

    def modules(self, kernel: "guest.Kernel") -> list[str]:
        """The harness and a variant, built for that kernel."""
        env = {key: value for key, value in os.environ.items() if "MAKE" not in key}
        arch = ["ARCH=um"] if kernel.arch == "um" else []
        done = subprocess.run(
            ["make", "-j2", "kmod", f"KDIR={kernel.kdir}", *arch,
             f"KMOD_OUT={self.dir}/kmod", "KMOD_NAMES=null"], cwd=BOOT.parent.parent,
            env=env, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [str(self.dir / f"kmod/dmapool_{name}.ko") for name in ("bench", "null")]

    def complains(self, done, status: int, *words: str):
        """One line on stderr with all of the words, nothing on stdout."""
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)


class KernelTest(Folder):

    def tree(self, config: str, image: str) -> Path:
        tree = self.dir / "tree"
        for name, text in {".config": config, image: "",
                           "include/config/kernel.release": "9.1.0-mine\n"}.items():
            path = tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tree

    def test_bad_names_list_the_valid_ones(self):
        self.complains(self.call("kernel", "7.9"), 2, "'7.9'", *NAMES)
        self.complains(self.call("kernel"), 2, *NAMES)
        self.complains(self.call("kernel", "6.1", "6.12"), 2, *NAMES)
        self.complains(self.call("kernel", f"{self.dir}/none"), 2, *NAMES)

    def test_help_names_all(self):
        done = self.call("kernel", "--help")
        self.assertEqual(done.returncode, 0)
        for name in NAMES:
            self.assertRegex(done.stdout, rf"(?m)^  .*{re.escape(name)}\b")

    def test_tree_that_was_not_built(self):
        self.complains(self.call("kernel", f"{self.dir}/"), 2, "no kernel that was built")

    def test_own_tree(self):
        tree = self.tree("CONFIG_SMP=y\n", "arch/x86/boot/bzImage")
        done = self.call("kernel", str(tree))
        self.assertEqual(done.stdout.splitlines()[1:], [
            "ARCH=x86_64", "RELEASE=9.1.0-mine", f"KDIR={tree}",
            f"IMAGE={tree}/arch/x86/boot/bzImage"], done.stderr)

    def test_own_uml_tree(self):
        tree = self.tree("CONFIG_UML=y\n", "linux")
        done = self.call("kernel", str(tree))
        self.assertIn("ARCH=um\n", done.stdout)
        self.assertIn(f"IMAGE={tree}/linux\n", done.stdout)

    def test_headers_of_a_package(self):
        for root in ("", "unpacked"):
            tree = self.tree("CONFIG_SMP=y\n", "unused")
            headers = self.dir / root / "usr/src/linux-headers-9.1.0-3-cloud"
            image = self.dir / root / "boot/vmlinuz-9.1.0-3-cloud"
            for folder in headers.parent, image.parent:
                folder.mkdir(parents=True)
            tree.rename(headers)
            image.write_text("")
            release = headers / "include/generated/utsrelease.h"
            release.parent.mkdir()
            release.write_text('#define UTS_RELEASE "9.1.0-3-cloud"\n')
            said = self.call("kernel", str(headers)).stdout.splitlines()
            self.assertEqual(said[2:], ["RELEASE=9.1.0-3-cloud", f"KDIR={headers}",
                                        f"IMAGE={image}"])

    def test_a_name_is_checked_without_fetching(self):
        for name in (*NAMES, str(self.tree("", "linux"))):
            self.assertEqual(self.call("kernel", "--check", name).returncode, 0)
        for program, *how in (["kernel", "--check"], ["where", "--kernel"]):
            self.complains(self.call(program, *how, "6.13"), 2, "'6.13'", *NAMES)
            self.complains(self.call(program, *how, f"{self.dir}/"), 2, "was built")
        self.assertFalse((self.dir / "cache").exists())

    def test_a_cache_that_no_modules_can_be_built_in(self):
        for odd in ("a b", "a'b", "a:b", "a#b", "a\nb", "$(touch pwned)"):
            done = self.call("kernel", "6.12", DMAPOOL_BENCH_CACHE=f"{self.dir}/{odd}")
            self.assertEqual(done.returncode, 4)
            self.assertIn("set DMAPOOL_BENCH_CACHE to a folder that has only letters",
                          done.stderr)

    def test_a_kernel_that_cannot_be_booted_is_told_before_modules_are_built(self):
        tree = self.tree("CONFIG_UML=y\n", "unused")
        done = self.call("kbench", KERNEL=str(tree))
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn(f"kbench: {tree} has no image to boot", done.stderr)

    def test_cached_needs_nothing(self):
        facts = self.dir / "cache/kernels/6.1/facts"
        facts.parent.mkdir(parents=True)
        facts.write_text("NAME=6.1\n")
        done = self.call("kernel", "6.1")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "NAME=6.1\n", ""))

    def test_without_an_archive(self):
        for name in ("6.12", "uml-7.2"):
            self.complains(self.call("kernel", name), 4, "no sources of the Debian")

    def test_unwritable_cache(self):
        (self.dir / "cache").write_text("")
        self.complains(self.call("kernel", "6.1"), 4, "set DMAPOOL_BENCH_CACHE")

    def test_fragments_say_what_they_are_for(self):
        for fragment in BOOT.glob("*.config"):
            self.assertRegex(fragment.read_text(), r"\A# ", fragment)


@unittest.skipUnless(BUSYBOX and shutil.which("cpio"),
                     "busybox or cpio is missing (make deps)")
class InitrdTest(Folder):

    def test_content(self):
        script, module = self.dir / "job.sh", self.dir / "x.ko"
        script.write_text("echo job\n")
        module.write_text("module\n")
        output = self.dir / "initrd"
        done = self.call("initrd", str(output), str(script), str(module))
        self.assertEqual(done.returncode, 0, done.stderr)
        archive = gzip.decompress(output.read_bytes())
        names = subprocess.run(["cpio", "-it", "--quiet"], input=archive,
                               capture_output=True, check=True).stdout.decode().split()
        self.assertEqual(names, [".", "bin", "bin/busybox", "bin/sh", "init", "job",
                                 "job/script", "job/x.ko"])
        self.assertIn(b"echo job\n", archive)
        self.assertEqual(sorted(os.listdir(self.dir)), ["initrd", "job.sh", "x.ko"])
        again = self.dir / "again"
        os.utime(module, (1, 1))
        self.call("initrd", str(again), str(script), str(module))
        self.assertEqual(again.read_bytes(), output.read_bytes())

    def test_a_busybox_that_is_not_static_is_none(self):
        (self.dir / "busybox").symlink_to(shutil.which("ls"))
        done = self.call("initrd", f"{self.dir}/initrd", "/dev/null",
                         PATH=f"{self.dir}:{os.environ['PATH']}")
        self.complains(done, 4, "no sources of the Debian")

    def test_unreadable_file(self):
        output = self.dir / "initrd"
        done = self.call("initrd", str(output), "/dev/null", f"{self.dir}/none")
        self.complains(done, 2, "none cannot be read")
        self.assertFalse(output.exists())


class WhereTest(unittest.TestCase):

    @staticmethod
    def facts(kvm=False, qemu=True, uml=""):
        return where.Facts("9.1-mine", qemu, uml, lambda: (kvm, "kvm's reason"),
                           lambda name: name.startswith("uml-"))

    def test_decisions(self):
        for on, name, facts, want in (
                ("", "", {"kvm": True}, "kvm 6.1"),
                ("", "", {}, "uml uml-7.2"),
                ("", "", {"qemu": False}, "uml uml-7.2"),
                ("", "", {"uml": "no flex"}, "icount 6.1"),
                ("", "6.12", {"kvm": True}, "kvm 6.12"),
                ("", "6.12", {}, "icount 6.12"),
                ("", "uml-7.2-smp", {"kvm": True}, "uml uml-7.2-smp"),
                ("host", "", {"kvm": True}, "host 9.1-mine"),
                ("icount", "", {"kvm": True}, "icount 6.1"),
                ("uml", "", {"kvm": True}, "uml uml-7.2"),
                ("kvm", "6.12", {"kvm": True}, "kvm 6.12")):
            with self.subTest(on=on, name=name, facts=facts):
                way, kernel, _ = where.decide(on, name, self.facts(**facts))
                self.assertEqual(f"{way} {kernel}", want)

    def test_wishes_that_cannot_be(self):
        for on, name, facts, word in (
                ("moon", "", {}, "host kvm uml icount"),
                ("kvm", "", {}, "kvm's reason"),
                ("uml", "6.1", {}, "leave out one"),
                ("icount", "uml-7.2", {}, "leave out one"),
                ("uml", "", {"uml": "no flex"}, "no flex"),
                ("", "6.1", {"qemu": False}, "make deps"),
                ("icount", "", {"qemu": False}, "make deps"),
                ("", "", {"qemu": False, "uml": "no flex"}, "make deps")):
            with self.subTest(on=on, name=name, facts=facts):
                with self.assertRaisesRegex(guest.GuestError, re.escape(word)) as caught:
                    where.decide(on, name, self.facts(**facts))
                self.assertEqual(caught.exception.status, 2)

    def test_says_why(self):
        self.assertIn("kvm's reason", where.decide("", "", self.facts())[2])
        both = where.decide("", "", self.facts(uml="no flex"))[2]
        self.assertEqual(both, "kvm's reason; no flex")


class KvmTest(Folder):

    def test_what_could_not_be_tried_is_not_remembered(self):
        def no_kernel(name: str):
            raise guest.GuestError("", 4)

        with mock.patch.object(guest, "cache", lambda: self.dir), \
                mock.patch.object(guest.os, "access", lambda *_: True), \
                mock.patch.object(guest, "find_kernel", no_kernel):
            boots, why = guest.kvm_works()
        self.assertFalse(boots)
        self.assertIn("not tried", why)
        self.assertEqual(list(self.dir.iterdir()), [])


class ConsoleTest(unittest.TestCase):

    def read(self, text: str, allow: str | None = None):
        shown, outcome = [], guest.Outcome()
        console = guest.Console(outcome, shown.append, False,
                                re.compile(allow) if allow else None)
        for i in range(0, len(text), 7):
            console.feed(text[i:i + 7].encode())
        console.end()
        return outcome, shown

    def test_shows_what_the_script_says(self):
        outcome, shown = self.read("BIOS\r\nboot: init\r\none\r\ntwo\r\nboot: end\r\nbye")
        self.assertTrue(outcome.reached_init)
        self.assertEqual(shown, ["one", "two"])
        self.assertEqual(outcome.last[-1], "bye")

    def test_trouble(self):
        for line in ("[    4.7] Kernel panic - not syncing: x",
                     "[    1.2] BUG: KASAN: slab-use-after-free in f",
                     "[    1.2] BUG: KCSAN: data-race in f / g",
                     "[   12.2] WARNING: possible circular locking dependency detected",
                     "[   12.2] watchdog: BUG: soft lockup - CPU#0 stuck for 22s!",
                     "[   12.2] rcu: INFO: rcu_preempt self-detected stall on CPU",
                     "[   12.2] INFO: task sh:1 blocked for more than 120 seconds.",
                     "[    9.9] kmemleak: 1 new suspected memory leaks",
                     "[    1.1] Oops: 0000 [#1] SMP"):
            outcome, _ = self.read(f"boot: init\n{line}\n")
            self.assertEqual(outcome.trouble, line.partition("] ")[2])
            self.assertIn("complained", guest.complaint(outcome, 1))

    def test_no_trouble(self):
        for line in ("[    4.7] dmapool_bench: loading out-of-tree module",
                     "    # Subtest: BUG: not one", "[    4.7] rcu: srcu INFO: fine",
                     "[    9.9] kmemleak: 0 new suspected memory leaks"):
            self.assertEqual(self.read(f"boot: init\n{line}\n")[0].trouble, "", line)

    def test_allowed_trouble(self):
        outcome, _ = self.read("BUG: KASAN: a\nBUG: KASAN: b\n", "KASAN: a")
        self.assertEqual(outcome.trouble, "BUG: KASAN: b")


class OutcomeTest(Folder):

    @staticmethod
    def sent(files: dict[str, bytes]) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for name, data in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
        return base64.encodebytes(packed.getvalue())

    def test_unpack(self):
        outcome = guest.Outcome(reached_init=True)
        guest.unpack(self.sent({"status": b"7\n", "out/a/b": b"x"}), outcome)
        self.assertEqual((outcome.status, outcome.files), (7, {"a/b": b"x"}))
        self.assertEqual(guest.complaint(outcome, 1), "")

    def test_torn_archive(self):
        whole = self.sent({"status": b"0\n", "out/a": os.urandom(5000)})
        for data in (b"", b"\0", whole[:3000], self.sent({"out/a": b"x"}),
                     self.sent({"status": b"?"})):
            outcome = guest.Outcome(reached_init=True)
            guest.unpack(data, outcome)
            self.assertIsNone(outcome.status)
            self.assertIn("before its script", guest.complaint(outcome, 1))

    def test_files_stay_in_the_folder(self):
        boot.store(self.dir / "tmp/../out", {"a/b": b"x"})
        self.assertEqual((self.dir / "out/a/b").read_bytes(), b"x")
        for name in ("../x", "a/../../x", "/x"):
            with self.assertRaises(guest.GuestError):
                boot.store(self.dir / "out", {name: b"x"})

    def test_wishes_that_cannot_be(self):
        uml = guest.Kernel("uml-7.2", "um", "7.2", "/k", "/k/linux")
        for kernel, machine in ((uml, guest.Machine(icount=True)),
                                (uml, guest.Machine(devices=["edu"])),
                                (uml, guest.Machine(mem=guest.memory() + 1)),
                                (guest.Kernel("k", "um", "1", "/k", ""),
                                 guest.Machine())):
            with self.assertRaises(guest.GuestError) as caught:
                guest.check(kernel, machine)
            self.assertEqual(caught.exception.status, 2)


@unittest.skipUnless(BUSYBOX and shutil.which("cpio"),
                     "busybox or cpio is missing (make deps)")
class StallTest(Folder):
    """Guests that hang, by a UML that is a shell script."""

    def setUp(self):
        super().setUp()
        self.tree = self.dir / "tree"
        (self.tree / "include/config").mkdir(parents=True)
        (self.tree / "include/config/kernel.release").write_text("9.1.0-mine\n")
        (self.tree / ".config").write_text("CONFIG_UML=y\nCONFIG_SMP=y\n")
        (self.tree / "linux").write_text(FAKE_UML)
        (self.tree / "linux").chmod(0o755)
        (self.dir / "dmapool_intree.ko").write_text("")
        for name in bench.HARNESS:
            (self.dir / f"dmapool_{name}.ko").write_text("")

    def behave(self, behaviour: str) -> None:
        (self.tree / "behaviour").write_text(behaviour)

    def started(self) -> list[str]:
        return (self.tree / "started").read_text().splitlines()

    def run_guest(self, **limits) -> guest.Outcome:
        return guest.run(guest.find_kernel(str(self.tree)), guest.Machine(smp=2),
                         "/dev/null", [], **limits)

    def test_a_stalled_boot_is_tried_again(self):
        self.behave("[ $(wc -l <$dir/started) = 2 ] || exec sleep 100\n" + SENDS)
        outcome = self.run_guest(boot_seconds=0.5)
        self.assertEqual((outcome.status, guest.complaint(outcome, 1)), (7, ""))
        self.assertEqual(len(self.started()), 2)
        self.assertIn(" ncpus=2 seccomp=on", self.started()[0])

    def test_a_boot_that_always_stalls(self):
        self.behave("exec sleep 100\n")
        outcome = self.run_guest(boot_seconds=0.3)
        self.assertIn("never reached init", guest.complaint(outcome, 1))
        self.assertEqual(len(self.started()), 2)

    def test_a_stalled_script_is_not_tried_again(self):
        self.behave("echo 'boot: init'; exec sleep 100\n")
        outcome = self.run_guest(timeout=0.5)
        self.assertIn("killed after 0.5 s", guest.complaint(outcome, 0.5))
        self.assertEqual(len(self.started()), 1)

    def test_a_stalled_launch_leaves_no_figures(self):
        self.behave("echo 'boot: init'; exec sleep 100\n")
        with subprocess.Popen(
                ["env", "--default-signal=INT", BOOT / "bench", "--variants=intree",
                 f"--benchmark_out={self.dir}/results.json"],
                env=self.env | {"KBENCH_WAY": "uml", "KBENCH_KERNEL": str(self.tree),
                                "KBENCH_MODULES": str(self.dir)}) as launch:
            self.await_guest()
            launch.send_signal(signal.SIGINT)
        self.assertEqual(launch.returncode, 130)
        self.assertFalse((self.dir / "results.json").exists())
        cpus = len(os.sched_getaffinity(0))
        self.assertEqual(f" ncpus={cpus} " in self.started()[0], cpus > 1)

    def test_a_full_launch_has_room_for_its_largest_row(self):
        self.behave(SENDS)
        self.call("bench", "--profile=full", KBENCH_WAY="uml",
                  KBENCH_KERNEL=str(self.tree), KBENCH_MODULES=str(self.dir))
        self.assertIn(" mem=2560M ", self.started()[0])

    def test_the_guest_ends_with_who_started_it(self):
        self.behave("trap '' TERM; echo 'boot: init'; while :; do sleep 0.1; done\n")
        with subprocess.Popen([BOOT / "boot", "--kernel", self.tree, "--timeout", "30",
                               "--script", "/dev/null"],
                              stdout=subprocess.DEVNULL) as boots:
            pid = self.await_guest()
            boots.kill()
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), "the guest lives on")

    def test_a_stop_ends_the_guest_and_takes_its_files_along(self):
        self.behave("trap '' TERM INT HUP QUIT; echo 'boot: init'; "
                    "while :; do sleep 0.1; done\n")
        temporary = self.dir / "temporary"
        temporary.mkdir()
        for number in STOPS:
            (self.tree / "started").unlink(missing_ok=True)
            with subprocess.Popen(
                    ["env", "--default-signal=INT,TERM,HUP,QUIT", BOOT / "boot",
                     "--kernel", self.tree, "--script", "/dev/null"],
                    env=self.env | {"TMPDIR": str(temporary)}, text=True,
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as boots:
                pid = self.await_guest()
                boots.send_signal(number)
                said = boots.stderr.read()
            self.assertEqual((boots.returncode, said), (130, ""))
            wait_for(lambda: not Path(f"/proc/{pid}").exists(), "the guest lives on")
            self.assertEqual(list(temporary.iterdir()), [])

    def await_guest(self) -> str:
        """The process of the first guest."""
        return wait_for(lambda: (self.tree / "started").exists() and self.started()
                        and self.started()[0].split()[0], "no guest starts")


class BenchTest(Folder):

    def test_wrong_variant_lists_the_valid_ones(self):
        for name in ("bench", "run", "intree", "null"):
            (self.dir / f"dmapool_{name}.ko").write_text("")
        done = self.call("bench", "--variants=intree x", KBENCH_WAY="uml",
                         KBENCH_MODULES=str(self.dir))
        self.complains(done, 2, "'x' is no variant", "intree null")
        got = [path.name for path in bench.modules(self.dir, ["null"])]
        self.assertEqual(got, ["dmapool_bench.ko", "dmapool_null.ko"])

    def test_who_else_was_busy_is_said(self):
        stat = self.dir / "stat"
        idle = "cpu  100 0 50 9000 70 0 0 {}\n"
        stat.write_text(idle.format(0))
        others = bench.Others(stat)
        results = b'{"context": {"warning": "it rains"}}'
        end = time.monotonic() + 0.2
        while time.monotonic() < end:       # our own time is no other's
            pass
        stat.write_text(idle.format(500))   # nor is what the host has stolen
        said = json.loads(bench.completed(results, "uml", others))["context"]
        self.assertEqual(said["warning"], "it rains")
        stat.write_text(idle.format(0).replace("100", "300"))
        for way, warning in (("uml", f"it rains; {bench.OTHERS}"),
                             ("icount", "it rains")):
            said = json.loads(bench.completed(results, way, others))["context"]
            self.assertEqual(said["warning"], warning)

    def test_why_a_run_failed_is_said_without_noise(self):
        log = ["[    1.20] dmapool_bench: loading out-of-tree module",
               "[    2.00] dmapool_bench: pair/null: allocation failed: -12; the end"]
        self.assertEqual(bench.last_words(log),
                         "pair/null: allocation failed: -12; the end")
        self.assertEqual(bench.last_words([
            *log, "failed after 2 of 9: pair/null/size:8: allocation failed: -12", "x"]),
            "pair/null/size:8: allocation failed: -12")

    def test_alone(self):
        self.complains(self.call("bench"), 2, "make kbench")

    def test_host_is_asked_for_in_a_terminal_only(self):
        done = self.call("kbench", ON="host")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr.splitlines()[-1], "terminal|root")


class RealBootTest(Folder):

    def setUp(self):
        super().setUp()
        if not shutil.which(guest.QEMU) or not BUSYBOX:
            self.skipTest("QEMU or busybox is missing (make deps)")
        if not (guest.kernels() / "6.1" / "facts").exists():
            self.skipTest("kernel 6.1 is not in the cache (make deps)")
        del self.env["DMAPOOL_BENCH_CACHE"]
        if "DMAPOOL_BENCH_CACHE" in os.environ:
            self.env["DMAPOOL_BENCH_CACHE"] = os.environ["DMAPOOL_BENCH_CACHE"]

    def test_script_files_and_status(self):
        script, data = self.dir / "job.sh", self.dir / "data"
        script.write_text("uname -r\ncat data data >/out/twice\nexit 7\n")
        data.write_bytes(os.urandom(20000))
        done = self.call("boot", "--kernel", "6.1", "--kvm", "off", "--timeout", "100",
                         "--pin", "--out", str(self.dir / "out"), "--script", str(script),
                         str(data))
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertRegex(done.stdout, r"^6\.1\.\S*-cloud-amd64\n$")
        self.assertEqual((self.dir / "out/twice").read_bytes(), 2 * data.read_bytes())


    def test_rows_of_two_cpus_tell_the_fastest_and_the_slowest(self):
        kernel, settings, said = guest.find_kernel("6.1"), self.dir / "settings", []
        settings.write_text("workloads=contend,latency\nmin_time_ms=20\n")
        outcome = guest.run(kernel, guest.Machine(smp=2, mem=512),
                            str(BOOT / "bench-guest"),
                            [str(settings), *self.modules(kernel)], timeout=900,
                            show=said.append)
        self.assertEqual((outcome.status, guest.complaint(outcome, 900)), (0, ""), said)
        rows = json.loads(outcome.files["results.json"])["benchmarks"]
        timed = [row for row in rows if row["threads"] > 1 and "ns_per_op" in row]
        self.assertTrue(timed)
        for row in rows:
            self.assertEqual("slowest_cpu_ns" in row, row in timed, row["name"])
        for row in timed:
            # ns_per_op is of all of them, and so in between but for rounding.
            self.assertLessEqual(row["fastest_cpu_ns"], row["ns_per_op"] + 0.01)
            self.assertLessEqual(row["ns_per_op"] * 0.999, row["slowest_cpu_ns"])


class HarnessTest(Folder):
    """The files of dmapool_bench.ko, in UML."""

    def setUp(self):
        super().setUp()
        if not any((guest.kernels() / "uml-7.2").glob("*/facts")):
            self.skipTest("uml-7.2 is not in the cache "
                          "(make deps-kernel ktest KERNEL=uml-7.2)")
        self.kernel = guest.find_kernel("uml-7.2")

    def test_settings_and_progress(self):
        script, said = self.dir / "job.sh", []
        script.write_text(HARNESS_JOB)
        outcome = guest.run(self.kernel, guest.Machine(mem=256), str(script),
                            self.modules(self.kernel), show=said.append)
        self.assertEqual((outcome.status, guest.complaint(outcome, 300)), (0, ""), said)
        said = "\n".join(said)
        for profile in ("", "quick full", "fast"):
            self.assertIn(f"no profile '{profile}': there are quick full", said)
        self.assertRegex(said, r"no run was started: -(EBUSY|16)\n")
        self.assertRegex(said, r"\nstopped after 0 of \d+, \d+\.\d s\n")
        self.assertRegex(said, r"\ndone after (\d+) of \1, \d+\.\d s$")
        self.assertNotIn("ran", said.split("\n"))
        context = json.loads(outcome.files["results.json"])["context"]
        self.assertEqual(context["profile"], "quick")


if __name__ == "__main__":
    unittest.main()

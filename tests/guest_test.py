#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the scripts of kmod/guest in guests: CPU hotplug, memory pressure and refused
memory under load, DMA by a real device, uses after free.

GUEST_KERNEL names the kernel, which must be in the cache, and GUEST_TURNS how often a CPU
goes off and on; "make kstress" sets them, and has all of it done.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOOT, SCRIPTS = ROOT / "kmod" / "boot", ROOT / "kmod" / "guest"
KERNEL = os.environ.get("GUEST_KERNEL", "6.1")
TURNS = os.environ.get("GUEST_TURNS")
# QEMU's model of the IOMMU comes before the devices behind it.
IOMMU = ("--device", "intel-iommu,intremap=off", "--append", "intel_iommu=on")
sys.dont_write_bytecode = True
sys.path.insert(0, str(BOOT))
import guest
from boot_test import BUSYBOX  # noqa: E402


def is_there(kernel: str) -> bool:
    """In the cache, or a path: nothing is fetched or built for a test."""
    folder = guest.kernels() / kernel
    return "/" in kernel or any(folder.glob("facts")) or any(folder.glob("*/facts"))


def upstream() -> str:
    """For make: a dmapool.c of another kernel, if there is one."""
    done = subprocess.run([ROOT / "variants/upstream/resolve"], capture_output=True,
                          text=True, check=True)
    return f"UPSTREAM=my-1.0={done.stdout.split()[1]}" if done.stdout else "UPSTREAM="


def build(kernel: guest.Kernel, folder: Path) -> None:
    """The modules; what was said to the make that runs the tests is not for this one."""
    env = {key: value for key, value in os.environ.items() if "MAKE" not in key}
    done = subprocess.run(["make", "-j2", "kguest", f"KDIR={kernel.kdir}",
                           f"KMOD_OUT={folder}", upstream()], cwd=ROOT, env=env,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)


class GuestTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        if not shutil.which(guest.QEMU) or not BUSYBOX:
            raise unittest.SkipTest("QEMU or busybox is missing (make deps)")
        if not is_there(KERNEL):
            raise unittest.SkipTest(f"kernel {KERNEL} is not in the cache (make deps)")
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.dir = Path(folder.name)
        cls.kernel = guest.find_kernel(KERNEL)
        build(cls.kernel, cls.dir)

    def modules(self, kind: str) -> dict[str, Path]:
        """By variant."""
        start = f"dmapool_{kind}_"
        return {path.stem.removeprefix(start): path
                for path in sorted(self.dir.glob(f"{start}*.ko"))}

    def boot(self, script: str, files: list[Path], *how: str) -> str:
        """What the script said; it and the kernel must have found nothing wrong."""
        done = subprocess.run([BOOT / "boot", "--kernel", KERNEL, *how,
                               "--timeout", "900", "--script", SCRIPTS / script, *files],
                              capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def results(self, kind: str, script: str, said: str) -> dict[str, str]:
        """A line of each variant's, and not one too few."""
        lines = dict(re.findall(rf"^{script} (\w+): (.*)$", said, re.M))
        self.assertEqual(set(lines), set(self.modules(kind)), said)
        self.assertLessEqual({"intree", "global_list", "percpu_magazine"}, set(lines))
        return lines

    def test_cpu_goes_off_and_on_under_load(self):
        turns = self.dir / "turns"
        turns.write_text(f"{TURNS or 3}\n")
        said = self.boot("hotplug", [turns, *self.modules("stress").values()],
                         "--smp", "2", "--mem", "512", "--append", "init_on_alloc=0")
        for line in self.results("stress", "hotplug", said).values():
            self.assertRegex(line, r"^rounds [1-9]\d*, wrong 0, lost 0$")

    def test_memory_is_given_back_under_pressure(self):
        said = self.boot("pressure", [self.modules("stress")["percpu_magazine"]],
                         "--smp", "2", "--mem", "256")
        pages = re.findall(r"^pressure (\w+): pages (\d+), then (\d+)$", said, re.M)
        self.assertEqual([name for name, *_ in pages], ["drop_caches", "tmpfs"])
        for _, before, after in pages:
            self.assertLess(int(after), int(before) / 10)

    def test_memory_is_refused_under_load(self):
        if not self.kernel.has("FAILSLAB"):
            self.skipTest(f"kernel {KERNEL} refuses none (make kstress KERNEL=debug)")
        # dma_debug asks for memory on behalf of a pool's page, and gives up without.
        said = self.boot("faults", list(self.modules("stress").values()), "--smp", "2",
                         "--mem", "512", "--append", "kmemleak=on dma_debug=off")
        for line in self.results("stress", "faults", said).values():
            self.assertRegex(line, r"^refused [1-9]\d*, then 0, wrong 0, lost 0$")

    def dma(self, *how: str) -> dict[str, str]:
        said = self.boot("dma", list(self.modules("edu").values()), "--mem", "256",
                         *how, "--device", "edu")
        return self.results("edu", "dma", said)

    @unittest.skipUnless(TURNS, "behind an IOMMU is enough here (make kstress)")
    def test_device_writes_from_block_to_block(self):
        for name, line in self.dma().items():
            self.assertRegex(line, "^iommu N, finished Y, copied 2368, wrong 0,", name)

    def test_device_behind_an_iommu_writes_to_a_freed_block(self):
        lines = self.dma(*IOMMU)
        for name, line in lines.items():
            self.assertRegex(line, "^iommu Y, finished Y, copied 2368, wrong 0,", name)
        self.assertRegex(lines["percpu_magazine"], "misled 0$")
        self.assertRegex(lines["global_list"], "misled 1$")

    def test_use_after_free_is_reported(self):
        modules = self.modules("uaf")
        if not modules:
            self.skipTest(f"kernel {KERNEL} has no KASAN (make kstress KERNEL=debug)")
        said = self.boot("uaf", list(modules.values()), "--append", "kasan_multi_shot",
                         "--allow", "KASAN: use-after-free in uaf_init")
        for name, line in self.results("uaf", "uaf", said).items():
            # Mainline's hides it.
            hides = name == "intree" or name.startswith("upstream_")
            self.assertEqual(line, f"reports {int(not hides)}", name)


if __name__ == "__main__":
    unittest.main()

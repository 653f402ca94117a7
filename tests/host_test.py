#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs make kbench ON=host on a machine that may be lost: a guest with this machine's
files. GUEST_KERNEL names its kernel; "make kstress" has it done, for it takes minutes.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VIRTIOFSD = Path("/usr/lib/qemu/virtiofsd")
MEMORY = 1024       # MiB
# In the order they are loaded in.
MODULES = ("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev",
           "virtio_pci", "fuse", "virtiofs", "overlay")
# How a run ends: exit status, results, modules that stay loaded.
ENDS = {
    "refused": (2, 0, 0),
    "done": (0, 1, 0),
    "stopped": (130, 0, 0),
    "killed": (4, 0, 0),
    "loaded": (2, 0, 1),        # by somebody else before
}
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "kmod" / "boot"))
import guest


class HostTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        if not os.environ.get("GUEST_TURNS"):
            raise unittest.SkipTest("it takes minutes (make kstress)")
        if os.geteuid() or not VIRTIOFSD.exists():
            raise unittest.SkipTest(f"root and {VIRTIOFSD} show a guest all files")
        cls.kernel = guest.find_kernel(os.environ.get("GUEST_KERNEL", "6.1"))
        installed = Path(cls.kernel.image).parent.parent / "lib/modules"
        cls.modules = [next(installed.rglob(f"{name}.ko"), None) for name in MODULES]
        if None in cls.modules:
            raise unittest.SkipTest(f"kernel {cls.kernel.name} has no virtiofs")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name)

    def serve(self) -> Path:
        """All files of this machine, for one guest; it ends with the guest."""
        socket = self.dir / "socket"
        server = subprocess.Popen(
            [VIRTIOFSD, f"--socket-path={socket}", "-o", "source=/", "-o", "cache=always",
             "-o", "sandbox=chroot"], stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        while not socket.exists() and server.poll() is None:
            time.sleep(0.1)
        return socket

    def job(self) -> list[str]:
        """What lies beside the guest's script."""
        build = Path("/lib/modules") / self.kernel.release / "build"
        (self.dir / "kdir").write_text(str(build if build.exists()
                                           else self.kernel.kdir))
        (self.dir / "tree").write_text(str(ROOT))
        for number, module in enumerate(self.modules):
            (self.dir / f"{number}-{module.name}").write_bytes(module.read_bytes())
        return [str(path) for path in self.dir.iterdir()]

    def build(self) -> None:
        """All that make would build in the guest, where it takes longer."""
        kdir = (self.dir / "kdir").read_text()
        for what in (["kmod", f"KDIR={kdir}"], ["build/dmapool-run"]):
            env = {key: value for key, value in os.environ.items() if "MAKE" not in key}
            done = subprocess.run(["make", "-s", *what], cwd=ROOT, env=env, text=True,
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_way_a_run_ends(self):
        said, files = [], self.job()
        self.build()
        memory = f"memory-backend-memfd,id=memory,size={MEMORY}M,share=on"
        machine = guest.Machine(
            smp=2, mem=MEMORY, devices=["vhost-user-fs-pci,chardev=files,tag=files"],
            options=["-chardev", f"socket,id=files,path={self.serve()}",
                     "-object", memory, "-numa", "node,memdev=memory"])
        outcome = guest.run(self.kernel, machine, str(ROOT / "kmod/guest/host"), files,
                            timeout=550, show=said.append, boots=1)
        text = "\n".join(said)
        self.assertEqual(guest.complaint(outcome, 550), "", text)
        ends = re.findall(r"^host (\w+): status (\d+), results (\d+), loaded (\d+)$",
                          text, re.M)
        self.assertEqual({name: tuple(map(int, end)) for name, *end in ends}, ENDS, text)


if __name__ == "__main__":
    unittest.main()

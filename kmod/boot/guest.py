# SPDX-License-Identifier: GPL-2.0-only
"""One guest, from its kernel to what it brings back: QEMU with KVM or without, or UML.

A guest runs a script out of an initrd. Its console comes line by line; a second tty
carries, as base64 of a tar archive, the script's exit status and files. Both exist in
every kernel, whatever else it lacks.
"""

import base64
import io
import os
import re
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tools"))
from evidence import children
from evidence.cache import cache

QEMU = "qemu-system-x86_64"
BOOT_SECONDS = 180.0    # until init runs; a debug kernel on a busy machine takes 70
UML_SECONDS = 30.0      # the same for UML, which takes one, or stalls with several CPUs
KVM_SECONDS = 20.0      # the same for a guest that only has to show that KVM works
INIT, END = "boot: init", "boot: end"      # what init says around the script
LAST_LINES = 12
# A guest whose host is busy, or that is stopped for a minute, is not stuck.
PATIENCE = "watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120"

# What a kernel says when something is wrong with it.
TROUBLE = re.compile(
    r"(^|\] )(BUG: |WARNING: |Kernel panic|Oops: |general protection fault|"
    r"Unable to handle|UBSAN: |watchdog: BUG|INFO: task .* blocked|"
    r"INFO: trying to register non-static key|"
    r"rcu: INFO: .* stall|kmemleak: [1-9]\d* new suspected|=+ \[ BUG)")


class GuestError(Exception):
    """What went wrong, in one line, and the exit status for it."""

    def __init__(self, text: str, status: int = 4):
        super().__init__(text)
        self.status = status


@dataclass
class Kernel:
    """What kmod/boot/kernel says of one."""
    name: str
    arch: str       # um or x86_64
    release: str
    kdir: str
    image: str

    def has(self, option: str) -> bool:
        """Whether CONFIG_option is built in."""
        config = Path(self.kdir) / ".config"
        return f"CONFIG_{option}=y" in config.read_text().splitlines()


@dataclass
class Machine:
    """What the guest runs on."""
    smp: int = 1
    mem: int = 1024             # MiB; the host's when it is touched
    kvm: bool = False
    icount: bool = False        # a clock that counts instructions
    pin: bool = False           # every virtual CPU on a CPU of its own
    devices: list[str] = field(default_factory=list)
    drives: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)    # QEMU's, word by word
    append: str = ""            # to the kernel's command line


@dataclass
class Outcome:
    """How a guest ended."""
    reached_init: bool = False
    seconds_to_init: float = 0.0
    status: int | None = None   # the script's; None: nothing came back
    files: dict[str, bytes] = field(default_factory=dict)
    trouble: str = ""           # the first line in which the kernel complains
    timed_out: bool = False
    last: list[str] = field(default_factory=list)


def kernels() -> Path:
    """Where they are kept."""
    return cache() / "kernels"


def find_kernel(name: str) -> Kernel:
    """Has kmod/boot/kernel bring it; progress and complaints are on stderr already."""
    done = children.run([HERE / "kernel", name], shown=True)
    if done.status:
        raise GuestError("", done.status)
    facts = dict(word.split("=", 1) for word in shlex.split(done.said))
    return Kernel(**{key.lower(): value for key, value in facts.items()})


def check_name(name: str) -> None:
    """Whether kmod/boot/kernel knows it; complaints are on stderr already."""
    status = children.complete([HERE / "kernel", "--check", name],
                               stdout=subprocess.DEVNULL)
    if status:
        raise GuestError("", status)


def in_module(name: str) -> str:
    """A variant's name as kmod/pool.mk has it in those of modules."""
    return name.translate(str.maketrans("-.", "__"))


def make_initrd(path: Path, script: str, files: list[str]) -> None:
    """Complaints are on stderr already."""
    status = children.complete([HERE / "initrd", path, script, *files], close_fds=False)
    if status:
        raise GuestError("", status)


# --- The command -----------------------------------------------------------------------

def uml_command(kernel: Kernel, machine: Machine, initrd: Path, out: int) -> list[str]:
    command = [kernel.image, f"mem={machine.mem}M", f"initrd={initrd}",
               f"uml_dir={initrd.parent}", "con=null", "con0=fd:0,fd:1",
               f"con1=null,fd:{out}", "boot_out=tty1", "quiet", "loglevel=5",
               *PATIENCE.split()]
    if machine.smp > 1:
        command += [f"ncpus={machine.smp}", "seccomp=on"]
    return command + machine.append.split()


def qemu_command(kernel: Kernel, machine: Machine, initrd: Path, out: int) -> list[str]:
    append = ("console=ttyS0 boot_out=ttyS1 quiet loglevel=5 panic=-1 oops=panic "
              f"softlockup_panic=1 hung_task_panic=1 {PATIENCE}")
    command = [QEMU, "-M", "q35", "-m", str(machine.mem), "-smp", str(machine.smp),
               "-name", "guest,debug-threads=on", "-nodefaults", "-no-user-config",
               "-display", "none", "-no-reboot", "-kernel", kernel.image,
               "-initrd", str(initrd), "-serial", "stdio",
               "-add-fd", f"fd={out},set=1", "-serial", "file:/dev/fdset/1"]
    if machine.kvm:
        command += ["-accel", "kvm", "-cpu", "host"]
    else:
        # QEMU 7.2 translates cmpxchg16b wrongly: kernels that use it crash at random.
        command += ["-cpu", "max,-cx16"]
    if machine.icount:
        command += ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-seed", "1",
                    "-rtc", "base=2024-01-01,clock=vm"]
        append += " nokaslr"
    elif not machine.kvm:
        command += ["-accel", "tcg,thread=multi"]
    for drive in machine.drives:
        command += ["-drive", drive]
    for device in machine.devices:
        command += ["-device", device]
    return [*command, *machine.options, "-append", f"{append} {machine.append}".rstrip()]


def memory() -> int:
    """This machine's, in MiB."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20


def check(kernel: Kernel, machine: Machine) -> None:
    """What cannot work is said before it is tried."""
    if kernel.arch == "x86_64" and not shutil.which(QEMU):
        raise GuestError(f"{QEMU} is missing: run make deps")
    if not kernel.image:
        raise GuestError(f"{kernel.kdir} has no kernel image to boot: build one there, "
                         "or name another kernel", 2)
    if kernel.arch == "um" and (machine.icount or machine.devices or machine.drives):
        raise GuestError(f"{kernel.name} is User Mode Linux, which has no icount and no "
                         "devices: name another kernel", 2)
    if machine.icount and machine.smp > 1:
        raise GuestError("icount runs one CPU: leave out --smp", 2)
    if machine.mem > memory():
        raise GuestError(f"a guest of {machine.mem} MiB is larger than this machine, "
                         f"which has {memory()}: take a larger one, or a smaller guest "
                         "(boot --mem, kbench PROFILE=quick)", 2)


# --- Pinning ---------------------------------------------------------------------------

def child_of(parent: int) -> int:
    """The one child of the timeout program."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            return int(path.parent.name)
    raise ProcessLookupError


def vcpu_threads(pid: int, arch: str, smp: int) -> list[int]:
    """In order. QEMU names them; those of UML are the process and its first threads."""
    tasks = sorted(int(task) for task in os.listdir(f"/proc/{pid}/task"))
    if arch == "um":
        return tasks[:smp]
    named = {}
    for task in tasks:
        comm = Path(f"/proc/{pid}/task/{task}/comm").read_text()
        match = re.match(r"CPU (\d+)/", comm)
        if match:
            named[int(match[1])] = task
    return [named[cpu] for cpu in sorted(named)]


def pin(timeout: int, kernel: Kernel, machine: Machine) -> None:
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < machine.smp:
        raise GuestError(f"{machine.smp} virtual CPUs cannot be pinned to {len(cpus)}: "
                         "leave out --pin, or ask for fewer with --smp", 2)
    try:
        threads = vcpu_threads(child_of(timeout), kernel.arch, machine.smp)
        for cpu, thread in zip(cpus, threads):
            os.sched_setaffinity(thread, {cpu})
    except (FileNotFoundError, ProcessLookupError):
        pass    # a guest that has ended already needs no pinning


# --- Running ---------------------------------------------------------------------------

class Console:
    """A guest's console: lines are looked at, kept, and handed on."""

    def __init__(self, outcome: Outcome, show: Callable[[str], None], verbose: bool,
                 allow: re.Pattern | None):
        self.outcome, self.show, self.verbose = outcome, show, verbose
        self.allow = allow
        self.rest = b""
        self.ended = False
        self.last = deque(maxlen=LAST_LINES)
        self.started = time.monotonic()

    def feed(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.line(line.decode(errors="replace").strip("\r"))

    def end(self) -> None:
        if self.rest:
            self.feed(b"\n")
        self.outcome.last = list(self.last)

    def line(self, text: str) -> None:
        outcome = self.outcome
        self.last.append(text)
        if text == INIT and not outcome.reached_init:
            outcome.reached_init = True
            outcome.seconds_to_init = time.monotonic() - self.started
            return
        self.ended |= text == END
        if (not outcome.trouble and TROUBLE.search(text)
                and not (self.allow and self.allow.search(text))):
            outcome.trouble = text.partition("] ")[2] or text
        if self.verbose or outcome.reached_init and not self.ended:
            self.show(text)


def unpack(data: bytes, outcome: Outcome) -> None:
    """What the guest sent; a torn archive counts as none."""
    try:
        with tarfile.open(fileobj=io.BytesIO(base64.b64decode(data)), mode="r:gz") as tar:
            files = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}
        outcome.status = int(files.pop("status"))
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError):
        return
    outcome.files = {name.removeprefix("out/"): data for name, data in files.items()}


def watch(process: subprocess.Popen, console: Console, boot_seconds: float,
          at_init: Callable[[], None]) -> None:
    """Reads the console until its end, or kills a guest that does not reach init."""
    deadline = time.monotonic() + boot_seconds
    outcome = console.outcome
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            before = outcome.reached_init
            left = None if before else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            if not selector.select(left):
                continue
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                return
            console.feed(data)
            if outcome.reached_init and not before:
                at_init()


def run_once(kernel: Kernel, machine: Machine, initrd: Path, timeout: float,
             console: Console, boot_seconds: float) -> None:
    outcome = console.outcome
    make = uml_command if kernel.arch == "um" else qemu_command
    sent = initrd.with_name("sent")
    # QEMU asks of a file handed to it that it was opened for writing only.
    out = os.open(sent, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    # Whoever kills this process kills the guest with it; UML heeds no SIGTERM.
    command = ["setpriv", "--pdeathsig", "TERM",
               "timeout", "-s", "KILL", "-k", "1", f"{timeout:g}",
               *make(kernel, machine, initrd, out)]
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[out],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
    finally:
        os.close(out)
    with process:
        try:
            watch(process, console, boot_seconds, lambda: machine.pin and
                  pin(process.pid, kernel, machine))
            if outcome.reached_init:
                process.wait(5)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    outcome.timed_out = process.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
    console.end()
    unpack(sent.read_bytes(), outcome)


def run(kernel: Kernel, machine: Machine, script: str, files: list[str],
        timeout: float = 300, show: Callable[[str], None] = print,
        verbose: bool = False, allow: re.Pattern | None = None,
        boot_seconds: float = 0, boots: int = 2) -> Outcome:
    """Boots a guest and runs a script in it.

    A boot that does not reach init in time is tried again, a script never is.
    """
    check(kernel, machine)
    seconds = boot_seconds or (UML_SECONDS if kernel.arch == "um" else BOOT_SECONDS)
    with tempfile.TemporaryDirectory(prefix="guest-") as folder:
        initrd = Path(folder) / "initrd"
        make_initrd(initrd, script, files)
        for _ in range(boots):
            outcome = Outcome()
            console = Console(outcome, show, verbose, allow)
            run_once(kernel, machine, initrd, timeout, console,
                     min(seconds, timeout))
            if outcome.reached_init:
                break
    return outcome


def complaint(outcome: Outcome, timeout: float) -> str:
    """What was wrong, in one line, or nothing."""
    if outcome.trouble:
        return f"the guest's kernel complained: {outcome.trouble}"
    if not outcome.reached_init:
        return "the guest never reached init"
    if outcome.status is None and outcome.timed_out:
        return f"the guest was killed after {timeout:g} s: give it more with --timeout"
    if outcome.status is None:
        return "the guest ended before its script did"
    return ""


# --- KVM -------------------------------------------------------------------------------

def try_kvm() -> bool:
    """Whether the smallest of guests boots and ends in KVM; a GuestError: not tried."""
    kernel = find_kernel("6.1")
    outcome = run(kernel, Machine(kvm=True, mem=256), "/dev/null", [],
                  timeout=KVM_SECONDS, boot_seconds=KVM_SECONDS, boots=1)
    return outcome.status == 0


def kvm_works() -> tuple[bool, str]:
    """Whether a guest boots in KVM, and why not; tried once between two host boots."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        there = os.path.exists("/dev/kvm")
        return False, "/dev/kvm may not be opened" if there else "there is no /dev/kvm"
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    known = kernels() / "kvm"
    try:
        stamp, answer = known.read_text().split()
    except (OSError, ValueError):
        stamp = answer = ""
    if stamp != boot:
        try:
            answer = "yes" if try_kvm() else "no"
        except GuestError:
            return False, "KVM was not tried, for there is no guest to try it with"
        new = known.with_suffix(f".{os.getpid()}")
        new.write_text(f"{boot} {answer}\n")
        new.rename(known)
    if answer == "yes":
        return True, "a guest boots in KVM"
    return False, "no guest boots in KVM here, though /dev/kvm opens"

# SPDX-License-Identifier: GPL-2.0-only
"""Programs that a tool starts. Each has a process group of its own: what stops the tool
reaches it once, whoever it was sent to, and its own children, too. It is waited for: what
it does when it is stopped is its own to finish. Should the tool be killed, the kernel
stops it.
"""

import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import stopping
from .tool import Failed

# What is said to the make, the shell or the git hook that starts a tool is not for what
# a tool starts.
OWN = ("MAKE", "MFLAGS=", "VARIANTS=", "WORKLOADS=", "UPSTREAM=", "LAUNCHES=", "SEED=",
       "PROFILE=", "FILTER=", "OUT=", "PEERS=", "KERNEL=", "ON=", "V=", "GIT_DIR=",
       "GIT_WORK_TREE=", "GIT_INDEX_FILE=", "GIT_PREFIX=")
BEAT = 0.5      # seconds
ENDS_WITH_US = ("setpriv", "--pdeathsig", "TERM")

_running: set[subprocess.Popen] = set()


@dataclass(frozen=True)
class Done:
    """How a program ended, and what it said."""
    status: int
    said: str       # on stdout
    words: str      # on stderr; empty where the user has seen it

    @property
    def last_word(self) -> str:
        """The last line on stderr, or on stdout if there is none."""
        lines = [line for text in (self.words, self.said) for line in
                 reversed(text.splitlines()) if line.strip()]
        return lines[0].strip() if lines else "it said nothing"


def run(command: Sequence[str | Path], folder: Path | None = None, shown: bool = False,
        more: dict[str, str] | None = None, watch: Callable[[str], None] | None = None,
        ) -> Done:
    """Run a program to its end; with shown its stderr is the tool's own.

    Who watches is told twice a second what it has said so far.
    """
    env = {key: value for key, value in os.environ.items()
           if not f"{key}=".startswith(OWN)}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        status = complete(command, cwd=folder, env=env | (more or {}), stdout=out,
                          stderr=None if shown else err,
                          meanwhile=watch and (lambda: watch(_text(out))))
        done = Done(status, _text(out), _text(err))
    if status in (stopping.STATUS, -signal.SIGINT):
        raise KeyboardInterrupt
    return done


def complete(command: Sequence[str | Path], timeout: float | None = None,
             meanwhile: Callable[[], None] | None = None, **how) -> int:
    """Run a program to its end, and return its status; in a thread, too.

    After the timeout it is killed and subprocess.TimeoutExpired raised. With something to
    do meanwhile there is none.
    """
    if not shutil.which(command[0]):
        raise Failed(f"{command[0]} is not there: make deps installs what is needed")
    with stopping.put_off():
        if stopping.asked:
            raise KeyboardInterrupt
        child = subprocess.Popen([*ENDS_WITH_US, *command], stdin=subprocess.DEVNULL,
                                 process_group=0, **how)
        _running.add(child)
        try:
            # A stop that came before the child was known.
            for number in stopping.asked:
                _hand_on(number)
            ended = _ends(child, timeout, meanwhile)
        finally:
            # With all that it has started and left behind.
            _running.discard(child)
            os.killpg(child.pid, signal.SIGKILL)
            status = child.wait()
    if not ended:
        raise subprocess.TimeoutExpired(command, timeout)
    return status


def _ends(child: subprocess.Popen, timeout: float | None,
          meanwhile: Callable[[], None] | None) -> bool:
    """Whether it ends in time. It is not reaped: until then its number is its group's."""
    pidfd = os.pidfd_open(child.pid)
    try:
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        while meanwhile and not poll.poll(1000 * BEAT):
            meanwhile()
        return bool(poll.poll(None if timeout is None else 1000 * timeout))
    finally:
        os.close(pidfd)


def _hand_on(number: int) -> None:
    """Ctrl-C as it is, since a second one means haste; SIGQUIT would dump core."""
    for child in list(_running):
        os.killpg(child.pid, signal.SIGINT if number == signal.SIGINT
                  else signal.SIGTERM)


stopping.tell(_hand_on)


def _text(file) -> str:
    """All of it; bytes that are no text survive, as they do in the names of files.

    The child writes on where its file stands, which is left there.
    """
    size = os.fstat(file.fileno()).st_size
    return os.pread(file.fileno(), size, 0).decode(errors="surrogateescape")

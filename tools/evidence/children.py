# SPDX-License-Identifier: GPL-2.0-only
"""Programs that a tool starts. Ctrl-C reaches each of them once, whoever it was sent to,
and they are waited for: what they do when they are interrupted is theirs to finish.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .tool import Failed

STOPPED = 130
# What is said to the make or the shell that starts a tool is not for what a tool makes.
OWN = ("MAKE", "MFLAGS=", "VARIANTS=", "WORKLOADS=", "UPSTREAM=", "LAUNCHES=", "SEED=",
       "PROFILE=", "FILTER=", "OUT=", "PEERS=", "KERNEL=", "ON=")


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
        more: dict[str, str] | None = None) -> Done:
    """Run a program to its end; with shown its stderr is the tool's own."""
    env = {key: value for key, value in os.environ.items()
           if not f"{key}=".startswith(OWN)}
    if not shutil.which(command[0]):
        raise Failed(f"{command[0]} is not there: make deps installs what is needed")
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, cwd=folder, env=env | (more or {}),
                                 stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=None if shown else err, process_group=0)
        stopped = _wait(child)
        done = Done(child.returncode, _text(out), _text(err))
    if stopped or done.status in (STOPPED, -signal.SIGINT):
        raise KeyboardInterrupt
    return done


def _wait(child: subprocess.Popen) -> bool:
    """Wait for the child; whether somebody wanted it stopped."""
    stopped = False
    while True:
        try:
            child.wait()
            return stopped
        except KeyboardInterrupt:
            stopped = True
            os.killpg(child.pid, signal.SIGINT)


def _text(file) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")

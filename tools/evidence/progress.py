# SPDX-License-Identifier: GPL-2.0-only
"""How far a build is, on stderr as the runner shows it: a line that is redrawn on a
terminal, elsewhere one now and then, so that a CI sees that something goes on.
"""

import re
import shutil
import sys
import time

PLAIN_LINE_SECONDS = 10.0
# What the Makefile says of each target, and the command that says it.
TARGET = re.compile(r"^  [A-Z]+ +\S", re.MULTILINE)
SAYS = re.compile(r"printf '  %-3s %s\\n'")


class Progress:
    """Of a make, by what it says and what 'make -n' said that it would."""

    def __init__(self, would_do: str):
        self.total = len(SAYS.findall(would_do))
        self.terminal = sys.stderr.isatty()
        self.next_line = time.monotonic() + PLAIN_LINE_SECONDS

    def tick(self, said: str) -> None:
        """To be called often, with all that make has said so far."""
        if not self.total or not self.terminal and time.monotonic() < self.next_line:
            return
        done = len(TARGET.findall(said))
        last = said.rstrip().rpartition("\n")[2].strip()
        text = f"[{done:{len(str(self.total))}}/{self.total}] {last}"
        if self.terminal:
            # A line that wraps could not be redrawn.
            text = text[:shutil.get_terminal_size().columns - 1]
            print(f"\r{text}\033[K", end="", file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)
        self.next_line = time.monotonic() + PLAIN_LINE_SECONDS

    def end(self) -> None:
        if self.terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

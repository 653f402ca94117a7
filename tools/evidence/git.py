# SPDX-License-Identifier: GPL-2.0-only
"""git, asked about a repository: in English, since its complaints are read here, and
with its refusal of a repository that belongs to somebody else told as what it is.
"""

from pathlib import Path

from . import children
from .tool import Unusable, clean

REFUSAL = "detected dubious ownership"
ENGLISH = {"LC_ALL": "C"}


def git(folder: Path, *words: str | Path) -> children.Done:
    """Run git in a folder of the repository."""
    done = children.run(["git", "-C", folder, *words], more=ENGLISH)
    if done.status and REFUSAL in done.words:
        # The last line is the command that git itself advises.
        raise Unusable(f"git does not trust {clean(folder)}, which belongs to another "
                       f"user: if you do, run {clean(done.last_word)}")
    return done


def complaint(done: children.Done) -> str:
    """What went wrong, without the advice that git has below it."""
    for line in done.words.splitlines():
        kind, _, text = line.partition(": ")
        if kind in ("error", "fatal"):
            return clean(text)
    return clean(done.last_word)

# SPDX-License-Identifier: GPL-2.0-only
"""A patch applied to the mm/dmapool.c of a small tree by git apply, with as many lines
of context that differ as patch and quilt would let go, and true words where it fails.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import children
from .git import ENGLISH, complaint
from .mails import CONTEXT, Text
from .tool import Failed, Unusable, clean

POOL = "mm/dmapool.c"
# Of three lines of context: quilt lets two go on each side.
LEEWAY = {"": [], "fuzz 1": ["-C2"], "fuzz 2": ["-C1"],
          "hunks that lack context": ["--unidiff-zero"]}
# Lines that are added and have none around them: but for --unidiff-zero, git apply takes
# these for the end of the file, wherever they belong.
BARE = re.compile(rb"^@@ -[1-9]\d*,0 \+", re.MULTILINE)
OFFSET = re.compile(r"^Hunk #\d+ succeeded at \d+ \(offset -?(\d+) lines?\)",
                    re.MULTILINE)
# A rename says what it takes away below its header only, where no line of a file is.
RENAMED = re.compile(
    rb"^diff --git .*\n(?:[a-z].*\n)*?rename from (?:.*/)?mm/dmapool\.c$", re.MULTILINE)


@dataclass
class Applied:
    """What a patch did: whether to the file, what to say of that, which other files."""
    ours: bool
    others: list[str]
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Apply:
    """git apply of a patch, away from any repository and from what the user prefers."""
    patch: Path
    tree: Path

    def __call__(self, *words: str) -> children.Done:
        # A repository around the folder is not the one to apply it to.
        apart = {"GIT_DIR": str(self.tree / "none"), "GIT_CONFIG_NOSYSTEM": "1",
                 "GIT_CONFIG_GLOBAL": "/dev/null"}
        return children.run(["git", "apply", "--whitespace=nowarn", *words, self.patch],
                            self.tree, more=ENGLISH | apart)

    def names(self, strip: int) -> list[str] | None:
        """The files it changes, so many folders less; None if it has no such names."""
        done = self(f"-p{strip}", "--numstat", "-z", "--allow-empty")
        lines = filter(None, done.said.split("\0"))
        return None if done.status else list(dict.fromkeys(
            line.split("\t")[-1] for line in lines))


def apply(text: Text, tree: Path) -> Applied:
    """Do to the tree's file what the patch does to it."""
    patch = _written(text, tree.with_name("patch"))
    git_apply = _Apply(patch, tree)
    place, name, others = _placed(text, git_apply)
    if RENAMED.search(text.text):
        raise Unusable(f"{text.name} renames {POOL}: name a patch that leaves it there")
    if not place:
        return Applied(False, others)
    told = [] if name == POOL else [f"{text.name}: {clean(name)} is taken for {POOL}"]
    told += [f"{text.name}: applied with {how}" for how in _applied(
        text, git_apply, [*place, f"--include={POOL}"])]
    _check_kind(text, tree / POOL)
    return Applied(True, others, told)


def _written(text: Text, path: Path) -> Path:
    """The patch as a file, and as a unified diff: git apply knows no other."""
    path.write_bytes(text.text)
    if re.search(CONTEXT, text.text, re.MULTILINE):
        done = children.run(["filterdiff", "--format=unified", path])
        if done.status:
            raise Failed(f"filterdiff failed on {text.name}: {clean(done.last_word)}")
        path.write_text(done.said, encoding="utf-8", errors="surrogateescape")
    return path


# --- which file it is for --------------------------------------------------------------

def _placed(text: Text, git_apply: _Apply) -> tuple[Sequence[str], str, list[str]]:
    """How to find mm/dmapool.c in it, by which name it goes there, and other files.

    A folder before the path, a/ or linux-6.12/, is usual, and so is none.
    """
    listed = {strip: names for strip in (1, 0)
              if (names := git_apply.names(strip)) is not None}
    if not listed:
        why = complaint(git_apply("-p1", "--numstat"))
        mend = ("it was cut off, or a mailer wrapped its lines: get it as it was sent"
                if why.startswith("corrupt") else "name what git or diff -u wrote")
        raise Unusable(f"{text.name} cannot be read ({why}): {mend}")
    for fits in (_exact, _deeper, _bare):
        for strip, names in listed.items():
            for name in names:
                if place := fits(strip, name):
                    return place, name, [other for other in names if other != name]
    return (), "", next(iter(listed.values()))


def _exact(strip: int, name: str) -> list[str]:
    return [f"-p{strip}"] if name == POOL else []


def _deeper(strip: int, name: str) -> list[str]:
    """In a folder further down: /usr/src/linux/."""
    above = name.removesuffix(POOL)
    return [f"-p{strip + above.count('/')}"] if above.endswith("/") else []


def _bare(strip: int, name: str) -> list[str]:
    """As seen from mm/."""
    return [f"-p{strip}", "--directory=mm"] if name == Path(POOL).name else []


# --- applying it -----------------------------------------------------------------------

def _applied(text: Text, git_apply: _Apply, place: Sequence[str]) -> list[str]:
    """Apply it as strictly as it goes; what had to be overlooked."""
    bare = BARE.search(git_apply.patch.read_bytes())
    for fuzz, words in LEEWAY.items():
        if bare and "--unidiff-zero" not in words:
            continue
        done = git_apply(*place, *words, "--verbose")
        if not done.status:
            # Beside fuzz git counts offsets from elsewhere.
            offset = max(map(int, OFFSET.findall(done.words)), default=0)
            lines = f"an offset of {offset} line{'s' * (offset != 1)}"
            return [fuzz] if fuzz else [lines] if offset else []
    raise Unusable(f"{text.name} does not apply: {_why_not(git_apply, place)}")


def _why_not(git_apply: _Apply, place: Sequence[str]) -> str:
    if not git_apply(*place, "--check", "-R").status:
        return ("the tree has this change already, or the patch goes from the new file "
                "to the old one: name the tree without it")
    if not git_apply(*place, "--check", "--ignore-whitespace").status:
        return ("it has other tabs and blanks than the tree, as a mailer or a terminal "
                "makes of them: get it as it was sent")
    failed = complaint(git_apply(*place, "--check"))
    if failed.startswith("removal patch leaves file contents"):
        # Also where the patch does not have the lines, as of git diff -D.
        return f"it deletes {POOL}: name a patch that leaves it there"
    return f"{failed}: name the --tree that it was made for"


def _check_kind(text: Text, pool: Path) -> None:
    """What is left has to be a file."""
    what = ("makes a link of" if pool.is_symlink() else
            "puts a submodule in place of" if pool.is_dir() else
            "" if pool.exists() else "deletes")
    if what:
        raise Unusable(f"{text.name} {what} {POOL}: name a patch that leaves it there")

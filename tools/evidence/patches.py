# SPDX-License-Identifier: GPL-2.0-only
"""The dmapool.c before and after: of patches against a kernel tree, or of a range of the
tree's commits.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from . import applying, building, intake
from .applying import POOL
from .building import Dmapool
from .git import complaint, git
from .tool import Unusable, clean


@dataclass
class Change:
    """Two dmapool.c, and what has to be said of how they came to be."""
    base: Dmapool
    new: Dmapool
    told: list[str] = field(default_factory=list)


def of_patches(paths: list[Path], tree: Path, folder: Path) -> Change:
    """The tree's dmapool.c, and the same with the patches on it, in their order."""
    before = building.find_dmapool(str(tree))
    base, new = folder / "base", folder / "new"
    for side in base, new:
        (side / "mm").mkdir(parents=True)
        (side / POOL).write_bytes(before.path.read_bytes())
    texts, notes = intake.read(paths, folder)
    applied = [applying.apply(text, new) for text in texts]
    names = ", ".join(clean(path) for path in paths)
    others = ", ".join(clean(name) for name in dict.fromkeys(
        name for one in applied for name in one.others))
    if (new / POOL).read_bytes() == before.path.read_bytes():
        what = "its text stays as it was" if any(one.ours for one in applied) else others
        raise Unusable(f"{names} changes nothing in {POOL} ({what}): name patches to it")
    told = [f"{names} on {clean(tree)}", *notes,
            *(line for one in applied for line in one.told)]
    if others:
        told.append(f"not measured, only {POOL} is: {others}")
    return Change(Dmapool(base / POOL), _pool(new / POOL, names), told)


def of_range(text: str, tree: Path, folder: Path) -> Change:
    """The file at both ends of a range of a git tree."""
    prefix = git(tree, "rev-parse", "--show-prefix").said.strip()
    sides = []
    for side, revision in zip(("base", "new"), _ends(text, tree)):
        done = git(tree, "cat-file", "blob", f"{revision}:{prefix}{POOL}")
        if done.status:
            raise Unusable(f"{clean(tree)} has no {POOL} at {revision[:12]} "
                           f"({complaint(done)}): name a range of commits that have it")
        path = folder / side / POOL
        path.parent.mkdir(parents=True)
        path.write_text(done.said, encoding="utf-8", errors="surrogateescape")
        sides.append(_pool(path, revision[:12]))
    base, new = sides
    if base.path.read_bytes() == new.path.read_bytes():
        raise Unusable(f"{clean(text)} changes nothing in {POOL}: name another range")
    return Change(base, new, [f"{clean(text)} of {clean(tree)}"])


def _ends(text: str, tree: Path) -> tuple[str, str]:
    """The commits before and after a range, in any of the ways that git can write one.

    Of A...B the first is where the two parted, of a merge's M^! its first parent.
    """
    done = git(tree, "rev-parse", "--revs-only", "--end-of-options", text)
    if done.status:
        raise Unusable(f"{clean(tree)}: {complaint(done)}: name the kernel's git tree")
    ends = done.said.split()
    before = [end[1:] for end in ends if end.startswith("^")]
    after = [end for end in ends if not end.startswith("^")]
    if before and after:
        return before[0], after[0]
    for end in filter(None, re.split(r"\.{2,3}", text)):
        if git(tree, "rev-parse", "--verify", "--end-of-options", f"{end}^{{}}").status:
            raise Unusable(f"{clean(tree)} has no revision {clean(end)!r}: name a range "
                           "of its own, as A..B")
    if len(after) > 1:
        raise Unusable(f"the two ends of {clean(text)} share no commit: write it as A..B")
    raise Unusable(f"{clean(text)!r} is no range: write it as A..B, or of one commit as "
                   "A^!")


def _pool(path: Path, whose: str) -> Dmapool:
    """The file, if it still is what it was."""
    if b"dma_pool_alloc" not in path.read_bytes():
        raise Unusable(f"{POOL} of {whose} does not mention dma_pool_alloc: name a "
                       "change that leaves a pool")
    return Dmapool(path)

# SPDX-License-Identifier: GPL-2.0-only
"""The dmapool.c before and after: of patches against a kernel tree, a format-patch series
or a mailbox of them, or of a range of the tree's commits.
"""

from dataclasses import dataclass, field
from pathlib import Path

from . import building, children
from .building import Dmapool
from .tool import Unusable, clean

POOL = "mm/dmapool.c"
# With a folder before the path, a/ or linux-6.12/, and without one.
PREFIXES = ("-p1", "-p0")


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
    others: dict[str, None] = {}
    patches = [patch for path in paths for patch in _patches(path, folder)]
    for patch in patches:
        others |= dict.fromkeys(_apply(patch, new))
    names = ", ".join(clean(path) for path in paths)
    if (new / POOL).read_bytes() == before.path.read_bytes():
        raise Unusable(f"{names} changes nothing in {POOL}: name patches to it")
    told = [f"{names} on {clean(tree)}"]
    if others:
        told.append(f"not measured, only {POOL} is: {', '.join(map(clean, others))}")
    return Change(Dmapool(base / POOL), Dmapool(new / POOL), told)


def of_range(text: str, tree: Path, folder: Path) -> Change:
    """The file at both ends of a range of a git tree."""
    first, dots, last = text.partition("..")
    if not (first and dots and last) or last.startswith("."):
        raise Unusable(f"{clean(text)!r} is no range: write it as A..B")
    sides = {}
    for side, revision in (("base", first), ("new", last)):
        done = children.run(["git", "-C", tree, "show", "--end-of-options",
                             f"{revision}:{POOL}"])
        if done.status:
            raise Unusable(f"{clean(tree)} has no {POOL} at {clean(revision)!r} "
                           f"({clean(done.last_word)}): name two of its revisions")
        sides[side] = folder / side / POOL
        sides[side].parent.mkdir(parents=True)
        sides[side].write_text(done.said, encoding="utf-8")
    if sides["base"].read_bytes() == sides["new"].read_bytes():
        raise Unusable(f"{clean(text)} changes nothing in {POOL}: name another range")
    return Change(*(building.find_dmapool(str(path)) for path in sides.values()),
                  [f"{clean(text)} of {clean(tree)}"])


# --- patches ---------------------------------------------------------------------------

def _patches(path: Path, folder: Path) -> list[Path]:
    """The patches of a file, of a mailbox, or of a folder that format-patch wrote."""
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.suffix in (".patch", ".diff"))
        if not found:
            raise Unusable(f"{clean(path)} holds no .patch: name a patch, or a folder "
                           "that git format-patch wrote")
        return [patch for file in found for patch in _patches(file, folder)]
    try:
        head = path.read_bytes()[:5]
    except OSError as err:
        raise Unusable(f"{clean(path)} cannot be read ({err.strerror}): name a patch")
    return _mails(path, folder) if head == b"From " else [path.resolve()]


def _mails(path: Path, folder: Path) -> list[Path]:
    """The patches of a mailbox, decoded; a cover letter has none."""
    box = folder / f"mails-{len(list(folder.glob('mails-*')))}"
    box.mkdir(parents=True)
    split = children.run(["git", "mailsplit", f"-o{box}", "--", path.resolve()])
    found = []
    for mail in sorted(box.iterdir()) if not split.status else []:
        patch = mail.with_suffix(".patch")
        # mailinfo reads the mail from stdin.
        done = children.run(["sh", "-c", 'git mailinfo "$1" "$2" <"$3"', "sh",
                             mail.with_suffix(".text"), patch, mail], folder=box)
        if done.status:
            raise Unusable(f"{clean(path)} is no mailbox of patches "
                           f"({clean(done.last_word)}): name what git format-patch wrote")
        found.append(patch)
    return found


def _apply(patch: Path, tree: Path) -> list[str]:
    """Apply what a patch does to the file; the other files that it changes."""
    listed = {prefix: _git_apply(patch, prefix, tree, "--numstat", "-z", "--allow-empty")
              for prefix in PREFIXES}
    if all(done.status for done in listed.values()):
        raise Unusable(f"{clean(patch.name)} cannot be read "
                       f"({_complaint(listed[PREFIXES[0]])}): name a patch")
    changed = {prefix: _names(done) for prefix, done in listed.items()}
    prefix = next((one for one, files in changed.items() if POOL in files), None)
    if prefix:
        done = _git_apply(patch, prefix, tree, f"--include={POOL}")
        if done.status:
            raise Unusable(f"{clean(patch.name)} does not apply: {_complaint(done)}: "
                           "name the --tree that it was made for")
    for name in [] if prefix else sum(changed.values(), []):
        if name == Path(POOL).name or name.endswith(f"/{POOL}"):
            raise Unusable(f"{clean(patch.name)} changes a {clean(name)}, and whether "
                           f"that is {POOL} cannot be told: make it with git "
                           "format-patch, or with one folder before the path")
    return [name for name in changed[prefix or PREFIXES[0]] if name != POOL]


def _names(numstat: children.Done) -> list[str]:
    """The files that a patch changes; none if its paths have no such prefix."""
    lines = numstat.said.split("\0") if not numstat.status else []
    return list(dict.fromkeys(line.split("\t")[-1] for line in filter(None, lines)))


def _git_apply(patch: Path, prefix: str, tree: Path, *words: str) -> children.Done:
    # GIT_DIR: a repository around the folder is not the one to apply it to.
    return children.run(["git", "apply", prefix, *words, patch], folder=tree,
                        more={"GIT_DIR": str(tree / "none")})


def _complaint(done: children.Done) -> str:
    return clean(done.last_word).removeprefix("error: ")

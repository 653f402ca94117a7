# SPDX-License-Identifier: GPL-2.0-only
"""What is held against what, and building it: revisions of this project, its working
tree, or dmapool.c files, each in a folder of its own and with the compiler of now.
"""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import children
from .git import git
from .progress import Progress
from .tool import Failed, Unusable, clean

ROOT = Path(__file__).resolve().parents[2]
BASE, NEW = "upstream-base", "upstream-new"
# Behind a place in a file: what follows it, as of "collect2: error", tells less.
TELLING = re.compile(r":\d+: .*error: |undefined reference to|multiple definition of")
# As variants/upstream/compile says it. Its log is in a tree that goes away: not told.
COMPILES_NOT = re.compile(
    r"^upstream-(?P<name>\S+?)(-debug)?: .* does not compile against shim/: "
    r"(?P<why>.*?)( \(all of it in .*)?$", re.MULTILINE)


# --- what the user names ---------------------------------------------------------------

@dataclass(frozen=True)
class Dmapool:
    """An mm/dmapool.c, of a kernel or somebody's own."""
    path: Path

    @property
    def label(self) -> str:
        return clean(self.path)

    @property
    def revision(self) -> str:
        return "sha256 " + hashlib.sha256(self.path.read_bytes()).hexdigest()[:12]


@dataclass(frozen=True)
class Revision:
    """A commit of this project; without one, the working tree as it is."""
    label: str
    commit: str = ""

    @property
    def revision(self) -> str:
        return described(self.commit)

    def unpack(self, folder: Path) -> None:
        """Its files, as they would be checked out."""
        folder.mkdir()
        tar = folder.with_suffix(".tar")
        if self.commit:
            done = _git("archive", "-o", str(tar), self.commit)
            done = done if done.status else children.run(
                ["tar", "-xf", tar, "-C", folder])
            tar.unlink(missing_ok=True)
            if done.status:
                raise Failed(f"{self.label} cannot be unpacked: {clean(done.last_word)}")
        else:
            copy_tree(folder)


def find(text: str) -> Dmapool | Revision:
    """What a word of the command line means."""
    path = Path(text)
    if path.is_dir() and path.resolve() == ROOT:
        return Revision("the working tree")
    if path.exists():
        return find_dmapool(text)
    done = _git("rev-parse", "--verify", "--quiet", "--end-of-options",
                f"{text}^{{commit}}")
    if done.status:
        raise Unusable(f"{clean(text)!r} is no git revision of {ROOT}, and no file: name "
                       "a revision, a dmapool.c or a kernel tree")
    return Revision(clean(text), done.said.strip())


def find_dmapool(text: str) -> Dmapool:
    path = Path(text)
    path = path / "mm/dmapool.c" if path.is_dir() else path
    if not path.exists():
        raise Unusable(f"{clean(path)} does not exist: name a dmapool.c or a kernel tree")
    if not path.is_file():
        raise Unusable(f"{clean(path)} is no file: save what it holds and name that")
    if not os.access(path, os.R_OK):
        raise Unusable(f"{clean(path)} cannot be read: name a dmapool.c or a kernel tree")
    if b"dma_pool_alloc" not in path.read_bytes():
        raise Unusable(f"{clean(path)} does not mention dma_pool_alloc: name an "
                       "mm/dmapool.c")
    return Dmapool(path.resolve())


def described(commit: str = "") -> str:
    """A commit, or the working tree, as result sets name it."""
    done = _git("describe", "--always", "--exclude=*", *([commit] if commit else
                                                         ["--dirty"]))
    return done.said.strip() or "none"


def uncommitted() -> int:
    """How many files of the working tree differ from its commit."""
    return len(_git("status", "--porcelain").said.splitlines())


def is_head(source: Dmapool | Revision) -> bool:
    return (isinstance(source, Revision) and source.commit != ""
            and source.commit == _git("rev-parse", "HEAD").said.strip())


def _git(*words: str) -> children.Done:
    return git(ROOT, *words)


# --- trees -----------------------------------------------------------------------------

def copy_tree(folder: Path) -> None:
    """The working tree's files but for result sets, into a folder that is empty."""
    listed = _git("ls-files", "-coz", "--exclude-standard")
    if listed.status:
        raise Failed(f"{ROOT}: {clean(listed.last_word)}: this needs a git checkout")
    for name in filter(None, listed.said.split("\0")):
        if (ROOT / name).is_file() and not re.match("results/(?!schema/)", name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def names(tree: Path, kind: str) -> list[str]:
    """The variants or workloads of a tree of this project, before it is built; none where
    it tells them in another way. Those that need no change of the project, upstream ones
    and peers, are not among them.
    """
    place, expression = {
        "variant": ("Makefile", r"^VARIANTS_ALL := (.*)$"),
        "workload": ("bench/workloads/families.c", r"&wl_(\w+)")}[kind]
    path = tree / place
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return " ".join(re.findall(expression, text, re.MULTILINE)).split()


def make(tree: Path, *words: str) -> children.Done:
    """make in a tree, on all CPUs, with its progress shown."""
    progress = Progress(children.run(["make", "-n", *words], tree).said)
    try:
        return children.run(["make", "-s", f"-j{len(os.sched_getaffinity(0))}", *words],
                            tree, watch=progress.tick)
    finally:
        progress.end()


def check_built(done: children.Done, what: str) -> None:
    if done.status:
        raise Failed(f"{what} does not build: {why_not(done)}")


def build_revision(source: Revision, folder: Path) -> Path:
    """Its benchmark program, built where it was unpacked; more of it is built there by
    make().
    """
    done = make(folder, "build/dmapool-bench", f"BENCH_REVISION={source.revision}")
    check_built(done, f"{source.label} ({source.revision})")
    return folder / "build/dmapool-bench"


def runner(folder: Path) -> Path:
    """This tree's build/dmapool-run, whatever it is to run."""
    (folder / "runner").mkdir()
    copy_tree(folder / "runner")
    check_built(make(folder / "runner", "build/dmapool-run"), "build/dmapool-run")
    return folder / "runner/build/dmapool-run"


class Pools:
    """This project's tree with two dmapool.c in it, as upstream-base and upstream-new."""

    def __init__(self, base: Dmapool, new: Dmapool, folder: Path):
        self.tree = folder
        folder.mkdir()
        copy_tree(folder)
        files = {"base": base.path, "new": new.path}
        for name, path in files.items():
            shutil.copyfile(path, folder / f"{name}.c")
        # Relative: a blank in the folder's name would end the entry.
        self.upstream = "UPSTREAM=" + " ".join(f"{name}={name}.c" for name in files)
        self.revision = f"BENCH_REVISION={described()}"

    def make(self, *targets: str) -> None:
        done = make(self.tree, *targets, self.upstream, self.revision)
        if not done.status:
            return
        match = COMPILES_NOT.search(done.words)
        if not match:
            raise Failed(f"it does not build: {why_not(done)}")
        why = why_not(done).replace(f"{self.tree.resolve()}/", "")
        raise Unusable(f"{match['name']} does not compile against shim/: {why}")


def why_not(done: children.Done) -> str:
    """What make's output says of why, in one line: the compiler's or the linker's own."""
    if match := COMPILES_NOT.search(done.words):
        return clean(match["why"])
    lines = done.words.splitlines()
    errors = [line for line in lines if TELLING.search(line)] or [
        line for line in lines if "error" in line.lower()] or lines
    return clean(errors[0].strip()) if errors else done.last_word

# SPDX-License-Identifier: GPL-2.0-only
"""The patches that people have, read as plain text: from files, pipes and folders, from
quilt's series, mailboxes and Maildirs, compressed or not.
"""

import bz2
import codecs
import errno
import gzip
import io
import lzma
import os
import re
import select
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from . import mails
from .mails import Text
from .tool import Unusable, clean

PATIENCE = 20               # seconds without a byte from a pipe
LARGEST = 64 << 20          # bytes of a file, unpacked
SUFFIX = re.compile(r"\.(patch|diff|eml|mbox|mbx)(\.(gz|bz2|xz))?$")
UNPACKERS: dict[bytes, Callable] = {
    b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
DAMAGED = EOFError, OSError, lzma.LZMAError, zlib.error
# What editors and shells of other systems put before a text.
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le",
         codecs.BOM_UTF16_BE: "utf-16-be"}


def read(paths: list[Path], folder: Path) -> tuple[list[Text], list[str]]:
    """The patches of all that was named, in order, and notes on what was left out."""
    patches, notes, others = [], [], []
    for path in paths:
        quilted = _quilted(path)
        texts = [text for file in quilted or _files(path)
                 for text in _texts(file, folder)]
        for text in texts:
            # Cover letters and discussions are mails; all else was taken for a patch.
            if not (text.is_patch or text.subject):
                raise Unusable(mails.why_none([text]))
        found = [text for text in texts if text.is_patch]
        chosen, left_out = (found, []) if quilted else mails.series(found)
        patches += chosen
        notes += left_out
        others += [text for text in texts if not text.is_patch]
    if not patches:
        raise Unusable(mails.why_none(others))
    return patches, notes


# --- folders ---------------------------------------------------------------------------

def _files(path: Path) -> list[Path]:
    """The file itself, or a folder's: of git format-patch, or mails of a Maildir."""
    if not path.is_dir():
        return [path]
    found = sorted(mail for part in ("cur", "new") for mail in (path / part).glob("*"))
    found = found or sorted(file for file in path.iterdir() if SUFFIX.search(file.name))
    if not found:
        raise Unusable(f"{clean(path)} holds no .patch: name a patch, or a folder that "
                       "git format-patch wrote")
    return found


def _quilted(path: Path) -> list[Path]:
    """The patches that quilt's series file names, if this is one or a folder with one."""
    series = path if path.name == "series" else path / "series"
    if not series.is_file():
        return []
    lines = [line.partition("#")[0].split()
             for line in os.fsdecode(content(series)).splitlines()]
    for line in lines:
        if "-R" in line[1:]:
            raise Unusable(f"{clean(series)} takes {clean(line[0])} back (-R): name the "
                           "patches that are to be applied")
    found = [series.parent / line[0] for line in lines if line]
    if not found:
        raise Unusable(f"{clean(series)} names no patch: name the patches themselves")
    return found


# --- files -----------------------------------------------------------------------------

def content(path: Path) -> bytes:
    """All of a file or a pipe, which is not waited for without end."""
    data = io.BytesIO()
    try:
        with open(path, "rb", buffering=0, opener=_at_once) as file:
            while chunk := _next(file, path):
                data.write(chunk)
                _limit(data.tell(), clean(path))
    except OSError as err:
        if err.errno == errno.ENOENT and re.match(r"\w+:/", str(path)):
            raise Unusable(f"{clean(path)} is an address: download it and name the file")
        raise Unusable(f"{clean(path)} cannot be read ({err.strerror}): name a patch")
    return data.getvalue()


def _at_once(path: str, flags: int) -> int:
    """Open it even if it is a pipe that nobody writes to yet."""
    return os.open(path, flags | os.O_NONBLOCK)


def _next(file: io.FileIO, path: Path) -> bytes:
    poll = select.poll()
    poll.register(file, select.POLLIN)
    if not poll.poll(1000 * PATIENCE):
        raise Unusable(f"nothing came from {clean(path)} for {PATIENCE} s: start what "
                       "writes to it, or name a file")
    return file.read(1 << 20) or b""


def _limit(size: int, name: str) -> None:
    if size > LARGEST:
        raise Unusable(f"{name} is larger than {LARGEST >> 20} MiB: name a patch")


def _texts(path: Path, folder: Path) -> Iterator[Text]:
    """What is to be read in a file: its own text, or those of the mails in it."""
    name = clean(path)
    try:
        yield from mails.texts(content(path), lambda data: _unpacked(data, name), name,
                               folder)
    except RecursionError:
        raise Unusable(f"{name} is nested too deeply: name a patch")


def _unpacked(data: bytes, name: str) -> bytes:
    """Decompressed, and in UTF-8 if it says that it is in something else."""
    for magic, unpacker in UNPACKERS.items():
        if data.startswith(magic):
            try:
                data = unpacker(io.BytesIO(data), "rb").read(LARGEST + 1)
            except DAMAGED as err:
                raise Unusable(f"{name} cannot be decompressed ({clean(err)}): get it "
                               "again")
            _limit(len(data), name)
            break
    for mark, charset in MARKS.items():
        if data.startswith(mark):
            return data.removeprefix(mark).decode(charset, "replace").encode()
    return data

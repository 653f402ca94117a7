# SPDX-License-Identifier: GPL-2.0-only
"""The texts in mailboxes and mails of every encoding, which of them are patches, and
which of a thread's patches make its series. A file that is no mail is a text of its own.
"""

import email
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from . import children
from .tool import Unusable, clean

UNIFIED = rb"^--- [^\n]+\n\+\+\+ [^\n]+\n@@ -"
CONTEXT = rb"^\*\*\* [^\n]+\n--- [^\n]+\n\*{15}"
# A change of the mode, or a rename alone, has no lines of these.
PATCH = re.compile(rb"%s|%s|^diff --git \S" % (UNIFIED, CONTEXT), re.MULTILINE)

INDENTED = re.compile(rb"^([ \t]+)(?:%s|diff --git \S)" % (
    rb"--- [^\n]+\n\1\+\+\+ [^\n]+\n\1@@ -"), re.MULTILINE)

FLAGS = re.MULTILINE | re.IGNORECASE

REPLY = re.compile(r"\s*(re|aw|antw|sv)\s*:", re.IGNORECASE)
PREFIXES = re.compile(r"(\s*\[[^\]]*\])*")      # [PATCH mm v2 3/4] and others' before
VERSION, NUMBER = re.compile(r"\bv(\d+)\b", re.IGNORECASE), re.compile(r"(\d+)/(\d+)")

HEADERS = ("From", "Subject", "Date", "Received", "MIME-Version", "Content-Type")
HTML = rb"\A\s*<(!doctype|\?xml|html|head|meta|body|div)\b"

# What people name that is no patch, by a sign of it, and what to do about it.
OTHERS = (
    (HTML, "is HTML: get the patch itself, as plain text or as the raw mail"),
    (rb"\A\s*https?://\S+\s*\Z", "holds an address only: download it and name the file"),
    (rb"\A# v\d git bundle", "is a git bundle: fetch from it into the tree, and use "
     "--range"),
    (rb"\A\x28\xb5\x2f\xfd", "is compressed by zstd: unpack it"),
    (rb"\APK\x03\x04|(?s:\A.{257}ustar)", "is an archive: unpack it and name the folder"),
    (rb"\0", "is no text: name a patch"),
    (rb"^diff --(cc|combined) ", "is the combined diff of a merge: make one against one "
     "parent, with git diff M^1 M"),
    (rb"^\x1b\[[\d;]*m(diff|---|\*\*\*) ", "has a terminal's colours in it: write it "
     "with --no-color"),
    (rb"^(> ?)+(diff --git|---|\*\*\*) ", "only quotes a patch: name the mail that it "
     "answers"),
    (rb"^\d+(,\d+)?[acd]\d*(,\d+)?$", "has no context and names no file: make it with "
     "diff -u or git diff"),
    (rb"^@@ -\d", "lacks the lines that name the file, --- and +++: get all of it"),
)


@dataclass(frozen=True)
class Text:
    """Plain text; the subject is that of the mail it came in."""
    name: str
    text: bytes
    subject: str = ""

    @property
    def is_patch(self) -> bool:
        return bool(PATCH.search(self.text)) and not re.match(HTML, self.text, FLAGS)

    @property
    def version(self) -> int:
        match = VERSION.search(PREFIXES.match(self.subject)[0])
        return int(match[1]) if match else 1

    @property
    def number(self) -> tuple[int, int]:
        """Its place in the series, and how many there are."""
        match = NUMBER.search(PREFIXES.match(self.subject)[0])
        return (int(match[1]), int(match[2])) if match else (0, 0)


def why_none(texts: list[Text]) -> str:
    """What it is that holds no patch, by the sign that says most."""
    names = ", ".join(dict.fromkeys(text.name for text in texts))
    if not any(text.text.strip() for text in texts):
        return f"{names} is empty: name a patch"
    for sign, words in OTHERS:
        for text in texts:
            if re.search(sign, text.text, FLAGS):
                return f"{text.name} {words}"
    return f"{names} holds no patch: name one"


# --- texts -----------------------------------------------------------------------------

def texts(data: bytes, unpack: Callable[[bytes], bytes], name: str, folder: Path,
          subject: str = "") -> Iterator[Text]:
    """What is to be read in a file, or in an attachment of a mail with that subject."""
    found = _split(unpack(data), name, folder)
    for mail in found:
        message = email.message_from_bytes(mail)
        mine = _subject(message) or subject
        told = f"{name} ({clean(mine)})" if len(found) > 1 else name
        if not any(header in message for header in HEADERS):
            yield Text(told, _plain(mail), mine)
            continue
        if not message.is_multipart():
            yield Text(told, _plain(unpack(_decoded(message))), mine)
            continue
        for part in message.walk():
            if not part.is_multipart():
                yield from texts(_decoded(part), unpack, told, folder, mine)


def _split(data: bytes, name: str, folder: Path) -> list[bytes]:
    """The mails of a mailbox; anything else is taken for one."""
    data = data.lstrip(b"\r\n")
    if not data.startswith(b"From "):
        return [data]
    with tempfile.TemporaryDirectory(dir=folder) as box:
        (Path(box) / "box").write_bytes(data)
        done = children.run(["git", "mailsplit", "-b", "-o.", "box"], Path(box))
        if done.status:
            raise Unusable(f"{name} is no mailbox ({clean(done.last_word)}): name what "
                           "git format-patch wrote")
        return [(Path(box) / f"{number:04}").read_bytes()
                for number in range(1, int(done.said) + 1)]


def _subject(message: Message) -> str:
    subject = message.get("Subject", "")
    try:
        subject = make_header(decode_header(subject))
    except (HeaderParseError, LookupError, ValueError):
        pass        # as it stands
    return " ".join(str(subject).split())


def _decoded(part: Message) -> bytes:
    """Its bytes; text in UTF-8."""
    data = part.get_payload(decode=True) or b""
    if part.get_content_maintype() != "text":
        return data
    charset = part.get_content_charset() or "utf-8"
    if charset not in ("utf-8", "us-ascii"):
        try:
            data = data.decode(charset).encode()
        except (LookupError, ValueError):
            pass    # it says what it is not
    return data


def _plain(text: bytes) -> bytes:
    """With the line ends of Unix, at its end too, and a patch that was quoted with an
    indent moved back: all as patch(1) reads it.
    """
    text = text.replace(b"\r\n", b"\n")
    if text.strip() and not text.endswith(b"\n"):
        text += b"\n"
    indented = None if PATCH.search(text) else INDENTED.search(text)
    if indented:
        text = re.sub(rb"^" + indented[1], b"", text, flags=re.MULTILINE)
    return text


# --- series ----------------------------------------------------------------------------

def series(found: list[Text]) -> tuple[list[Text], list[str]]:
    """The newest version of a thread's patches in their order, and what is left out."""
    notes: list[str] = []
    patches = list({patch.text: patch for patch in found}.values())
    patches = _without(patches, lambda patch: bool(REPLY.match(patch.subject)),
                       "answers a patch", notes)
    patches = _without(patches, lambda patch: patch.number[0] == 0 < patch.number[1],
                       "a cover letter", notes)
    newest = max((patch.version for patch in patches), default=1)
    patches = _without(patches, lambda patch: patch.version < newest,
                       f"older than v{newest}", notes)
    numbers = [patch.number for patch in patches]
    totals = {total for _, total in numbers}
    if len(set(numbers)) == len(numbers) > 1 and len(totals) == 1 and totals != {0}:
        patches.sort(key=lambda patch: patch.number)
        lost = set(range(1, totals.pop() + 1)) - {number for number, _ in numbers}
        notes += [f"missing in the series: patch {number}" for number in sorted(lost)]
    return patches, notes


def _without(patches: list[Text], unwanted: Callable[[Text], bool], why: str,
             notes: list[str]) -> list[Text]:
    """Leave some out and say so, unless there would be none left."""
    left = [patch for patch in patches if not unwanted(patch)]
    if not left:
        return patches
    notes += [f"left out, {why}: {clean(patch.subject)}" for patch in patches
              if unwanted(patch)]
    return left

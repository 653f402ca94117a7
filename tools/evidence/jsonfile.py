# SPDX-License-Identifier: GPL-2.0-only
"""Reading JSON that anybody may have written: NaN and Infinity as Google Benchmark and
printf() have them, any Unicode encoding, and one line for all that is no JSON.
"""

import json
import os
import re
from pathlib import Path

from .tool import Unusable, clean

# So many bytes of results are read in 500 MB of memory; nothing at all takes 4 GB.
LARGEST = 128 << 20

SMALLER = "give a file with fewer rows, or fewer launches"
ALONE = "give the file as it was written, without other output"

# Values that are no JSON: NaN and Infinity as printf() writes them, and the percentage
# that Google Benchmark 1.2 writes for an RMS. A quote inside a string, which has a
# backslash before it, does not end a key.
PRINTED = re.compile(r"""((?<!\\)"\s*:\s*)-?(?:nan(?:\([^()"]*\))?|inf(?:inity)?|\d+%)"""
                     r"(?=\s*[,}])", re.IGNORECASE)


def read_json(path: Path) -> dict:
    """The object in a file; every way that reading can go wrong becomes one line.

    NaN and Infinity are let through: whoever wants a number has to look.
    """
    try:
        data = _parsed(_contents(path))
    except FileNotFoundError:
        raise Unusable(f"{path} does not exist: name a result set, or run 'make bench'")
    except OSError as err:
        raise Unusable(f"{path} cannot be read ({err.strerror}): check the path and its "
                       "permissions")
    except json.JSONDecodeError as err:
        raise Unusable(f"{path} {_fault(err)}")
    except RecursionError:
        raise Unusable(f"{path} is nested too deeply: this is no benchmark result")
    except MemoryError:
        raise Unusable(f"{path} takes more memory than there is, it has "
                       f"{_megabytes(os.path.getsize(path))}: {SMALLER}")
    except ValueError as err:
        raise Unusable(f"{path} cannot be used ({clean(err)[:80]}): "
                       "give it as it was written")
    if not isinstance(data, dict):
        raise Unusable(f"{path} holds no JSON object: this is no benchmark result")
    return data


def _contents(path: Path) -> bytes:
    if os.path.exists(path) and not os.path.isfile(path):
        raise Unusable(f"{path} is no regular file: name a result set")
    size = os.path.getsize(path)
    if size > LARGEST:
        raise Unusable(f"{path} has {_megabytes(size)}, more than the "
                       f"{_megabytes(LARGEST)} that are read: {SMALLER}")
    return path.read_bytes()


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.0f} MB"


def _parsed(raw: bytes):
    """What is in a JSON text of any Unicode encoding, with a byte order mark or without;
    strings may hold what Google Benchmark does not escape: control characters, and the
    bytes of a path or a label in an older encoding.
    """
    try:
        return _loads(raw.decode(json.detect_encoding(raw), "surrogateescape"))
    except json.JSONDecodeError as err:
        text = PRINTED.sub(r"\1NaN", err.doc)
        if text == err.doc:
            raise
    return _loads(text)


def _loads(text: str | bytes):
    return json.loads(text, strict=False, object_pairs_hook=_first_of_each)


def _first_of_each(pairs: list[tuple]) -> dict:
    """An object in which the first of two values of one key counts: a user's counter may
    bear the name of a key of Google Benchmark's, which come before.
    """
    last = dict(pairs)
    if len(last) == len(pairs):
        return last
    first = dict(reversed(pairs))
    for key, value in first.items():
        if isinstance(value, (dict, list)) and value is not last[key]:
            raise ValueError(f"it holds {key!r} twice")
    return first


def _fault(err: json.JSONDecodeError) -> str:
    """What is wrong with a text that is no JSON, and what to do."""
    text = err.doc.rstrip()
    if not text:
        return "is empty: the run was cut short, run it again"
    first = clean(text.lstrip().splitlines()[0])[:30]
    if first[0] not in "{[":
        return f"is no JSON, it begins with {first!r}: {ALONE}"
    where = f"line {err.lineno}, column {err.colno}"
    if err.msg.startswith("Extra data"):
        what = "a second JSON object" if text[err.pos:].startswith("{") else "other text"
        return f"has {what} after its JSON object ({where}): {ALONE}"
    # A word or a number that was cut stands in the way before the end does.
    ends = len(text) - err.pos < len("Infinity") and text[-1] not in "}]"
    if ends or err.pos >= len(text) or err.msg.startswith("Unterminated"):
        return f"breaks off ({where}): run what wrote it again"
    return f"is no JSON ({where}): {ALONE}"

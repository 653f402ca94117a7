#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes C headers of string macros: what is built, and of which version.

This is the one place where text from outside, whatever it holds, becomes C.
"""

import argparse
import os
import sys
from pathlib import Path


def c_string(text: str) -> str:
    """A C string literal; a byte that is no plain character is an octal escape."""
    plain = set(range(32, 127)) - set(b'"\\')
    return '"%s"' % "".join(chr(byte) if byte in plain else f"\\{byte:03o}"
                            for byte in os.fsencode(text))


def update(path: Path, content: bytes, dry_run: bool = False) -> None:
    """Give a file this content, at once and only where it has another, so that what it is
    built into is not built again for nothing; in a dry run tell its name instead."""
    if path.is_file() and path.read_bytes() == content:
        return
    if dry_run:
        print(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_bytes(content)
    new.replace(path)


def write_header(path: Path, macros: dict[str, str], dry_run: bool = False) -> None:
    lines = [f"#define {name} {c_string(text)}\n" for name, text in macros.items()]
    update(path, "".join(lines).encode(), dry_run)


def headers_of(words: list[str]) -> dict[Path, dict[str, str]]:
    headers: dict[Path, dict[str, str]] = {}
    macros: dict[str, str] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if equals:
            macros[name] = text
        else:
            macros = headers.setdefault(Path(word), {})
    return headers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dry-run", action="store_true",
                        help="write nothing, print the names of files that would change")
    parser.add_argument("words", nargs="+", metavar="FILE NAME=TEXT...",
                        help="a header, and the macros that it is to have")
    args = parser.parse_args()
    for path, macros in headers_of(args.words).items():
        write_header(path, macros, args.dry_run)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"header.py: {error}: mend it")

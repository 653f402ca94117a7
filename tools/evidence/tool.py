# SPDX-License-Identifier: GPL-2.0-only
"""The manners of every tool here: exit codes, one line for whatever goes wrong, files
written whole or not at all.
"""

import contextlib
import errno
import io
import os
import stat
import sys
import tempfile
import textwrap
import traceback
from pathlib import Path

from . import stopping

EXIT_FINE, EXIT_REGRESSION, EXIT_UNUSABLE, EXIT_NOISY, EXIT_FAILED = range(5)


class Unusable(Exception):
    """Input that cannot be used; the text says what is wrong and what to do."""


class Failed(Exception):
    """Something that was run failed; the text says what, and what to do."""


# --- text ------------------------------------------------------------------------------

def clean(text) -> str:
    """Text out of a file, safe to print: no control or escape characters."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def fold(text: str, width: int) -> str:
    """The text in lines of that width, all but the first indented."""
    return textwrap.fill(text, max(width, 40), subsequent_indent=" " * 9)


class Paint:
    """Emphasis, on a terminal only."""

    def __init__(self, on: bool):
        self.on = on

    def bold(self, text: str) -> str:
        return f"\033[1m{text}\033[0m" if self.on else text

    def dim(self, text: str) -> str:
        return f"\033[2m{text}\033[0m" if self.on else text


# --- files -----------------------------------------------------------------------------

def check_place(path: Path | None, out: Path | None = None) -> None:
    """Whether write_whole() can put a file there, asked before the work it is to tell of;
    out is a folder that the work will make.
    """
    if path and (not path.parent.is_dir() or path.exists() and not path.is_file()
                 or out and out.resolve().is_relative_to(path.resolve())):
        raise Unusable(f"{path} is no place for a file: name one in a folder that is "
                       "there")


def write_whole(path: Path, text: str) -> None:
    """Write a file under a temporary name beside it and rename it: all of it or none.

    Bytes of a path that are no text become question marks, as on the terminal.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


# --- the frame -------------------------------------------------------------------------

class _Outlet(io.FileIO):
    """A standard stream; where its reader (head, less) or its terminal has gone, the rest
    goes nowhere.

    What a tool has found decides its exit code, not who listens.
    """

    def write(self, data) -> int | None:
        try:
            return super().write(data)
        except OSError as err:
            if not self._is_gone(err):
                raise
            return len(data)

    def _is_gone(self, err: OSError) -> bool:
        return err.errno == errno.EPIPE or (
            err.errno == errno.EIO and stat.S_ISCHR(os.fstat(self.fileno()).st_mode))


def begin() -> None:
    """Take the process in hand, ahead of the imports, which may be slow or fail.

    From here on whatever goes wrong is one line and an exit code that says so.
    """
    stopping.at_once()
    sys.excepthook = _end
    sys.stdout, sys.stderr = _patient(sys.stdout), _patient(sys.stderr)


def run_tool(main) -> None:
    """Run main() and leave with its exit code; where it was stopped and went on to tell
    what it has, with that of a stop."""
    stopping.gracefully()
    code = main()
    stopping.never()
    sys.stdout.flush()
    sys.exit(stopping.STATUS if stopping.asked else code)


def _patient(stream: io.TextIOWrapper | None) -> io.TextIOWrapper:
    """The stream without errors that are the reader's; None is one that was closed."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    outlet = _Outlet(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(outlet), stream.encoding, "replace",
                            line_buffering=stream.line_buffering
                            or stream.write_through)


def _end(kind: type, err: BaseException, trace) -> None:
    """Leave because of what nobody has caught."""
    code, line = _ending(err, trace)
    if line:
        print(f"{Path(sys.argv[0]).name}: {line}", file=sys.stderr)
    if sys.flags.dev_mode:
        sys.__excepthook__(kind, err, trace)
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    # Not sys.exit(), which would try again to write what cannot be written.
    os._exit(code)


def _ending(err: BaseException, trace) -> tuple[int, str]:
    """The exit code, and what is to be said."""
    if isinstance(err, KeyboardInterrupt):
        return stopping.STATUS, ""
    if isinstance(err, (Unusable, Failed)):
        return EXIT_UNUSABLE if isinstance(err, Unusable) else EXIT_FAILED, str(err)
    if isinstance(err, OSError):
        place = f"{err.filename}: " if err.filename else ""
        return EXIT_FAILED, (f"{place}{err.strerror}: free some space or choose another "
                             "place")
    if isinstance(err, ModuleNotFoundError):
        return EXIT_FAILED, f"the Python module {err.name} is missing: run 'make deps'"
    last = traceback.extract_tb(trace)[-1]
    return EXIT_FAILED, (
        f"{type(err).__name__} ({clean(err)[:100]}) at {Path(last.filename).name}:"
        f"{last.lineno}: this is a mistake in the tool itself: report it with what it "
        "says under PYTHONDEVMODE=1")

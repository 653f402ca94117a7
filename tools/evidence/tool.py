# SPDX-License-Identifier: GPL-2.0-only
"""The manners of every tool here: exit codes, one line for whatever goes wrong, files
read with care and written whole or not at all.
"""

import json
import math
import os
import signal
import sys
import tempfile
import textwrap
from pathlib import Path

EXIT_FINE, EXIT_REGRESSION, EXIT_UNUSABLE, EXIT_NOISY, EXIT_FAILED = range(5)
EXIT_INTERRUPTED = 130


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

def _refuse_constant(name: str):
    raise ValueError(f"it holds {name}, which is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"it holds {text[:20]}, which is too large a number")
    return value


def read_json(path: Path) -> dict:
    """The object in a file; every way that reading can go wrong becomes one line."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise Unusable(f"{path} is no regular file: name a result set")
        text = path.read_text(encoding="utf-8")
        if not text.strip():
            raise Unusable(f"{path} is empty: the run was cut short, run it again")
        data = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except FileNotFoundError:
        raise Unusable(f"{path} does not exist: name a result set, or run 'make bench'")
    except OSError as err:
        raise Unusable(f"{path} cannot be read ({err.strerror}): check the path and its "
                       "permissions")
    except json.JSONDecodeError as err:
        ends = err.pos >= len(text.rstrip()) or err.msg.startswith("Unterminated")
        fault = "breaks off" if ends else "is no JSON"
        raise Unusable(f"{path} {fault} (line {err.lineno}, column {err.colno}): "
                       "run what wrote it again")
    except RecursionError:
        raise Unusable(f"{path} is nested too deeply: this is no benchmark result")
    except ValueError as err:
        raise Unusable(f"{path} cannot be used ({clean(err)[:80]}): "
                       "run what wrote it again")
    if not isinstance(data, dict):
        raise Unusable(f"{path} holds no JSON object: this is no benchmark result")
    return data


def write_whole(path: Path, text: str) -> None:
    """Write a file under a temporary name beside it and rename it: all of it or none."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


# --- the frame -------------------------------------------------------------------------

def run_tool(main) -> None:
    """Run main() and leave with its exit code; what goes wrong becomes one line."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    program = Path(sys.argv[0]).name
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    try:
        code = main()
        sys.stdout.flush()
    except Unusable as err:
        print(f"{program}: {err}", file=sys.stderr)
        code = EXIT_UNUSABLE
    except Failed as err:
        print(f"{program}: {err}", file=sys.stderr)
        code = EXIT_FAILED
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing may be flushed to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as err:
        place = f"{err.filename}: " if err.filename else ""
        print(f"{program}: {place}{err.strerror}: free some space or choose another "
              "place", file=sys.stderr)
        code = EXIT_FAILED
    sys.exit(code)

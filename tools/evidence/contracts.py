# SPDX-License-Identifier: GPL-2.0-only
"""What a dmapool.c breaks of the contract that all pools pass, in words: the programs
build/check/contract/*/contract, as they are built, and mainline's own checks compiled in.
"""

import re
import signal
from dataclasses import dataclass, field
from pathlib import Path

from . import children
from .tool import clean

KINDS = {"": "", "-debug": "with its own checks compiled in, "}
RESULT = re.compile(r"^(not )?ok \d+ (?:- )?(# SKIP )?(\S+)$")
# The same random inputs for both.
SEED = {"CMOCKA_MESSAGE_OUTPUT": "TAP", "DMAPOOL_TEST_SEED": "1"}


@dataclass
class Outcome:
    """What one dmapool.c passed, and what it broke: test -> why."""
    passed: int = 0
    broken: dict[str, str] = field(default_factory=dict)


def targets(variant: str) -> list[str]:
    """What make has to build for the variant's contract."""
    return [f"build/check/contract/{variant}{kind}/contract" for kind in KINDS]


def check(tree: Path, variant: str) -> Outcome:
    outcome = Outcome()
    for kind, words in KINDS.items():
        program = tree / f"build/check/contract/{variant}{kind}/contract"
        done = children.run([program], folder=tree, more=SEED)
        _read(done, f"{variant}{kind}", words, outcome)
    return outcome


def _read(done: children.Done, variant: str, words: str, outcome: Outcome) -> None:
    """Add one program's results; a test's complaint comes before it, or on stderr."""
    last, broken = "", 0
    said = done.said + "\n" + done.words
    for line in done.said.splitlines():
        match = RESULT.match(line)
        if not match:
            continue
        failed, skipped, last = match.groups()
        if failed and not skipped:
            broken += 1
            # A test that fails without the checks is not told twice.
            if in_words(last) not in outcome.broken:
                outcome.broken[words + in_words(last)] = _why(said, variant, last)
        outcome.passed += not failed
    if done.status and not broken:
        how = (signal.strsignal(-done.status) if done.status < 0
               else f"exit {done.status}: {clean(done.last_word)}")
        outcome.broken[f"{words}the tests come to an end"] = (
            f"{how}, after '{in_words(last)}'")


def _why(said: str, variant: str, test: str) -> str:
    match = re.search(rf"^{re.escape(variant)}(?:, checked)?: {test}: (.*)$", said,
                      re.MULTILINE)
    return clean(match[1]) if match else "see the test"


def in_words(test: str) -> str:
    return test.replace("_", " ") or "the beginning"


def broken_by(base: Outcome, new: Outcome) -> dict[str, str]:
    """What the new one breaks and the base does not."""
    return {test: why for test, why in new.broken.items() if test not in base.broken}

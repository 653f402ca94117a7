# SPDX-License-Identifier: GPL-2.0-only
"""What a pool breaks of the contract that all pools pass, in words: the programs
build/check/contract/*/contract, as they are built, and for a dmapool.c once more with
mainline's own checks compiled in.
"""

import re
import signal
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from . import children
from .tool import clean

UPSTREAM = "upstream-"
CHECKED = "with its own checks, "
PLAN = re.compile(r"^1\.\.(\d+)$")
PASS = re.compile(r"^\S+?(, checked)?: DMAPOOL_TEST_SEED=")
RESULT = re.compile(r"^(not )?ok \d+ (?:- )?(# SKIP )?(\S+)$")
OLD_RULE = re.compile(r"^\S+: (as before [\d.]+: .*)$")
OLD_FILE = re.compile(r"^\S+: a file of before 6\.4$")
OF_6_3 = "as before 6.4: "
# How a test ends that does not fail by itself, as the programs say it.
CRASHED, HUNG, NEVER = "dies: ", "hangs: ", "never ran: "
WORDS = {CRASHED: "crash", HUNG: "hang", NEVER: "never ran", "": "fail"}
# The same random inputs for both.
SEED = {"CMOCKA_MESSAGE_OUTPUT": "TAP", "DMAPOOL_TEST_SEED": "1"}


@dataclass
class Outcome:
    """The tests that pools passed, those they broke, with the reason, and the others."""
    passed: set[str] = field(default_factory=set)
    broken: dict[str, str] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    old_rules: list[str] = field(default_factory=list)  # that mainline left behind
    old_file: bool = False      # it plays by all of those that it left behind in 6.4

    def in_words(self) -> str:
        """'passes 66 of 70 tests (3 crash, 1 fail)'."""
        kinds = Counter(WORDS[_ending(why)] for why in self.broken.values())
        told = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
        return (f"passes {len(self.passed)} of {len(self.passed) + len(self.broken)} "
                "tests" + (f" ({told})" if told else ""))


def targets(variants: Iterable[str]) -> list[str]:
    """What make has to build for the variants' contract."""
    return [f"build/check/contract/{name}/contract"
            for variant in variants for name in _programs(variant)]


def check(tree: Path, variants: Iterable[str]) -> Outcome:
    """What the variants pass; where there are several, each test names its own."""
    outcome, variants = Outcome(), list(variants)
    for variant in variants:
        whose = f" ({variant})" if len(variants) > 1 else ""
        for name, words in _programs(variant).items():
            program = tree / f"build/check/contract/{name}/contract"
            done = children.run([program], folder=tree, more=SEED)
            _read(done, name, words, whose, outcome)
    return outcome


def _programs(variant: str) -> dict[str, str]:
    """The contract's programs of a variant, and what sets their tests apart in words."""
    if variant.startswith(UPSTREAM):
        return {variant: "", f"{variant}-debug": CHECKED}
    return {variant: ""}


def _read(done: children.Done, program: str, words: str, whose: str, outcome: Outcome
          ) -> None:
    """Add one program's results; a test's complaint comes before it, or on stderr."""
    said = done.said + "\n" + done.words
    last, broken, left, before, speaker = "", 0, 0, words, program
    for line in done.said.splitlines():
        if match := PASS.match(line):
            before, speaker = (CHECKED if match[1] else words), line.partition(": ")[0]
        elif match := PLAN.match(line):
            left += int(match[1])
        elif match := OLD_RULE.match(line):
            outcome.old_rules += [] if words else [clean(match[1]) + whose]
        elif OLD_FILE.match(line):
            outcome.old_file = True
        elif match := RESULT.match(line):
            failed, skipped, last = match.groups()
            left -= 1
            test = f"{before}{in_words(last)}{whose}"
            if skipped:
                outcome.skipped.add(test)
            elif failed:
                broken += 1
                outcome.broken[test] = _why(said, speaker, last)
            else:
                outcome.passed.add(test)
    if left > 0 or done.status and not broken:
        outcome.broken[f"{words}the tests come to an end{whose}"] = _break_off(
            done, last, left)


def _why(said: str, speaker: str, test: str) -> str:
    match = re.search(rf"^{re.escape(speaker)}: {test}: (.*)$", said, re.MULTILINE)
    return clean(match[1]) if match else "see the test"


def _break_off(done: children.Done, last: str, left: int) -> str:
    how = (signal.strsignal(-done.status) if done.status < 0
           else f"exit {done.status}: {clean(done.last_word)}")
    return f"{how}, after '{in_words(last)}'" + (f"; {left} never ran" * (left > 0))


def in_words(test: str) -> str:
    return test.replace("_", " ") or "the beginning"


def _ending(why: str) -> str:
    return next(ending for ending in WORDS if why.startswith(ending))


# --- one held against the other --------------------------------------------------------

def broken_by(base: Outcome, new: Outcome) -> dict[str, str]:
    """What the new one breaks and the base does not, test by test."""
    found = {test: why for test, why in new.broken.items()
             if base.broken.get(test, NEVER).startswith(NEVER)}
    # A file of 6.3 is what it is; a change to a younger one, or to it, does not go back.
    excused = OF_6_3 if new.old_file and not base.old_file else ()
    found |= {f"it does not go back: {rule}": "base does as mainline does since"
              for rule in new.old_rules
              if rule not in base.old_rules and not rule.startswith(excused)}
    return distinct(found)


def told(base: Outcome, new: Outcome) -> list[str]:
    """What has to be said beside what the new one breaks."""
    lines = [f"contract: base {base.in_words()}, new {new.in_words()}"]
    lines += [f"base breaks it already: {test}: {why}"
              for test, why in distinct(base.broken).items()]
    if new.old_file and not base.old_file:
        lines.append("new is a file of a kernel before 6.4, and held to the rules of "
                     "then")
    not_asked = base.passed & new.skipped
    gone = base.passed - new.passed - new.broken.keys() - new.skipped
    return lines + [f"{what}: {', '.join(sorted(tests))}" for what, tests in (
        ("base passes it, new is not asked", not_asked), ("no longer tested", gone))
        if tests]


def distinct(broken: dict[str, str]) -> dict[str, str]:
    """Without those that fail with checks as they do without them: told once."""
    return {test: why for test, why in broken.items()
            if test.removeprefix(CHECKED) == test
            or test.removeprefix(CHECKED) not in broken}

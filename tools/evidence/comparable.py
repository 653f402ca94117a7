# SPDX-License-Identifier: GPL-2.0-only
"""Whether two result sets may be compared: one machine, one build, nothing that makes
the figures those of something else.
"""

from .resultset import ResultSet
from .tool import Unusable

# Facts of the moment, of the run, or of what is compared; all others have to agree.
FREE = {"date", "executable", "seed", "launches", "warning", "schema", "revision",
        "upstream", "peers", "clock", "load_before", "load_after", "steal_before",
        "steal_after", "mhz_per_cpu"}
# What another program's result tells of the machine; its own keys may mean anything.
PLAIN = {"host_name", "num_cpus", "cpu_scaling_enabled", "library_build_type"}
# Exact counts are those of the program and its work, whatever the machine.
EXACT = {"build", "build_type", "cflags", "compiler", "irq", "libraries", "lock",
         "page_source", "profile", "guest", "config", "seed"}

# Beginnings of the warnings that make all figures those of something else.
UNFIT = ("the kernel checks itself", "this is a ")
COUNTS_INSTRUCTIONS = "the clock counts instructions"


def counts_exactly(results: ResultSet) -> bool:
    """Whether its instructions are the same number on every run of the same program."""
    return (results.context.get("build") == "callgrind"
            or any(w.startswith(COUNTS_INSTRUCTIONS) for w in results.warnings))


def facts(results: ResultSet) -> dict[str, str]:
    """What decides whether another result may be held against this one."""
    context = results.context
    if results.plain:
        return {key: context[key] for key in sorted(PLAIN & context.keys())}
    if counts_exactly(results):
        return {key: context[key] for key in sorted(EXACT & context.keys())}
    return {key: value for key, value in sorted(context.items()) if key not in FREE}


def differences(base: dict[str, str], new: dict[str, str]) -> list[str]:
    """'fact: one against the other' for all that both tell and that differ."""
    return [f"{key}: {_short(base[key])} against {_short(new[key])}"
            for key in base.keys() & new.keys() if base[key] != new[key]]


def obstacles(base: ResultSet, new: ResultSet) -> list[str]:
    """Why the two may not be compared; empty if they may."""
    if _kind(base) != _kind(new):
        return [f"{_kind(base)} against {_kind(new)}"]
    found = sorted(differences(facts(base), facts(new)))
    for side, results in (("BASE", base), ("NEW", new)):
        found += [f"{side}: {_short(text, 100)}" for text in results.warnings
                  if text.startswith(UNFIT)]
    return found


def check(base: ResultSet, new: ResultSet, force: bool) -> list[str]:
    """The obstacles that force overlooks; without it they are the end."""
    found = obstacles(base, new)
    if found and not force:
        more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
        raise Unusable(f"not to be compared: {'; '.join(found[:5])}{more}: measure both "
                       "alike on one machine, or say --force")
    return found


def _kind(results: ResultSet) -> str:
    if results.plain:
        return "another program's result"
    if counts_exactly(results):
        return "a count of instructions"
    return f"a {results.context.get('build', 'dmapool-bench')} result"


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[:limit - 1] + "…"

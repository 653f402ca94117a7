# SPDX-License-Identifier: GPL-2.0-only
"""A comparison as text for people: terminal, Markdown as GitHub has it, the table of a
commit message, and rows for LaTeX.
"""

import itertools
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from .comparison import Comparison, Judgement, Kind, Look, Verdict
from .resultset import ResultSet, number, param_keys
from .tool import Paint, clean, fold

COMMIT_WIDTH = 75       # of a line in a commit message
WORDS = {Verdict.UNCLEAR: "unclear", Verdict.SAME: "no change"}


@dataclass(frozen=True)
class View:
    """How much to show, and how."""
    everything: bool = False
    width: int = 100
    paint: Paint = Paint(False)

    def shown(self, comparison: Comparison) -> list[Judgement]:
        same = comparison.of(Verdict.SAME) if self.everything else []
        return comparison.changed + same


# --- cells -----------------------------------------------------------------------------

def word(judgement: Judgement) -> str:
    """The verdict as one says it of this metric."""
    if judgement.verdict in WORDS:
        return WORDS[judgement.verdict]
    words = ("slower", "faster") if judgement.metric.kind == Kind.TIME else (
        "worse", "better")
    return words[judgement.verdict == Verdict.IMPROVEMENT]


def figure(judgement: Judgement, value: float) -> str:
    """Exact figures with all that may differ, others with what is meant by them."""
    if judgement.exact:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.2g}" if 0 < value < 0.1 else number(value)


def percent(ratio: float) -> str:
    """'+5.1', with as many places as it takes not to be 0."""
    change = 100 * (ratio - 1)
    if change == 0:
        return "0.0"
    return f"{change:+.1f}" if abs(change) >= 0.05 else f"{change:+.1g}"


def change(judgement: Judgement) -> str:
    """'+5.1%', '×12.3' or '÷120' where a percentage would be no use, or 'from 0'."""
    ratio = judgement.ratio
    if ratio is None:
        return "from 0"
    if 0 < ratio <= 0.01:
        return f"÷{number(1 / ratio)}"
    return f"×{number(ratio)}" if ratio >= 10 else f"{percent(ratio)}%"


def interval(judgement: Judgement) -> str:
    if judgement.exact:
        return "exact"
    if judgement.interval is None:
        return "–"
    low, high = judgement.interval
    return f"{percent(low)} … {percent(high)}%"


def p_value(judgement: Judgement) -> str:
    if judgement.corrected is None:
        return ""
    return f"{judgement.corrected:.3f}" if judgement.corrected >= 0.001 else "<.001"


def cells(judgement: Judgement) -> list[str]:
    return [figure(judgement, judgement.base_median),
            figure(judgement, judgement.new_median), change(judgement),
            interval(judgement), p_value(judgement)]


def aligned(lines: list[list[str]], left: int = 0) -> list[str]:
    """Columns side by side, the last ones flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    flush = len(widths) - left
    return ["  ".join(text.ljust(width) if i >= flush else text.rjust(width)
                      for i, (text, width) in enumerate(zip(line, widths))).rstrip()
            for line in lines]


# --- what is said beside the figures ---------------------------------------------------

def sides(comparison: Comparison) -> list[tuple[str, str]]:
    """What was held against what: ('base', a line about it), ('new', …)."""
    variants = comparison.settings.variants or ("", "")
    return [("base", told(comparison.base, variants[0])),
            ("new", told(comparison.new, variants[1]))]


def told(results: ResultSet, variant: str) -> str:
    """A result set in one line."""
    revision = results.context.get("revision")
    count = "launch" if results.launches == 1 else "launches"
    return " · ".join(filter(None, (
        variant, clean(results.path), revision and f"revision {revision}",
        results.launches and f"{results.launches} {count}")))


def measured(comparison: Comparison) -> str:
    """The line below the tables of a cover letter: machine, compiler, launches."""
    if not comparison.judgements:
        return "Nothing was measured"
    both = comparison.base, comparison.new
    places = " against ".join(dict.fromkeys(filter(None, map(_place, both))))
    counts = " and ".join(dict.fromkeys(str(results.launches) for results in both))
    return (f"Measured{' on ' * bool(places)}{places}; {counts} "
            f"launch{'es' * (counts != '1')} of each side")


def _place(results: ResultSet) -> str:
    """As far as the result tells."""
    context = results.context
    cpus, kernel = context.get("num_cpus"), context.get("kernel")
    return ", ".join(filter(None, (
        context.get("cpu_model") or context.get("host_name"),
        cpus and f"{cpus} CPU{'s' * (cpus != '1')}",
        "hypervisor" in context and context["hypervisor"] != "no" and "virtual machine",
        kernel and f"Linux {kernel}", context.get("compiler"))))


def unmatched(comparison: Comparison) -> Iterable[str]:
    for side, names in (("BASE", comparison.only_base), ("NEW", comparison.only_new)):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            yield f"only in {side}: {names[0]}{more}"


def remarks(comparison: Comparison) -> list[tuple[str, str]]:
    """(kind, sentence) of all that a reader has to know, what matters most first."""
    return ([("BROKEN", f"{test}: {why}") for test, why in comparison.broken.items()]
            + [("FORCED", text) for text in comparison.forced]
            + [("FAILED", text) for text in comparison.failures]
            + [("note", text) for text in comparison.notes]
            + [("note", text) for text in unmatched(comparison)])


def method(comparison: Comparison) -> str:
    """How it was judged, in a few sentences."""
    if comparison.broken:
        return "Broken: a test that base does not fail (see tests/contract/)."
    first, *others = comparison.looks
    counts = next((look for look in others if not look.tests), None)
    said = [_tested(first)] if first.tests else []
    said += [f"Measured again, what looked worse: p < {look.alpha:g}, over "
             f"{_figures(look.tests)}; interval: {_level(look)}."
             for look in others if look.tests]
    said.append("exact: the same on every launch, so any difference is one"
                + _exceeding(first) + (
                    f"; of instructions one{_exceeding(counts)}" if counts else "") + ".")
    return " ".join(said)


def _tested(look: Look) -> str:
    beyond = f"--threshold {100 * look.threshold:g} % and " if look.threshold else ""
    return (f"Changed: beyond {beyond}the row's noise floor, and p < {look.alpha:g} "
            "(Mann-Whitney U over launches, Benjamini-Hochberg over "
            f"{_figures(look.tests)}); interval: {_level(look)}, bootstrap of the ratio "
            "of medians.")


def _figures(number: int) -> str:
    return "1 figure" if number == 1 else f"{number} figures"


def _level(look: Look) -> str:
    return f"{100 * (1 - look.alpha):g} %"


def _exceeding(look: Look) -> str:
    return f" that exceeds {100 * look.threshold:g} %" if look.threshold else ""


# --- terminal --------------------------------------------------------------------------

def terminal(comparison: Comparison, view: View) -> str:
    paint = view.paint
    lines = [paint.bold(comparison.headline), ""]
    lines += [fold(f"{side:8} {text}", view.width) for side, text in sides(comparison)]
    lines += [(paint.dim if kind == "note" else paint.bold)(
        fold(f"{kind:8} {text}", view.width)) for kind, text in remarks(comparison)]
    shown = view.shown(comparison)
    head, *body = aligned([["base", "new", "change", "interval", "p", "row"],
                           *([*cells(j), j.name] for j in shown)], left=1)
    for title, group in itertools.groupby(
            zip(shown, body), key=lambda pair: f"{word(pair[0])}, {pair[0].metric.name}"):
        lines += ["", paint.bold(title), paint.dim(head), *(line for _, line in group)]
    return "\n".join([*lines, "", paint.dim(textwrap.fill(
        method(comparison), max(view.width, 40)))]) + "\n"


# --- Markdown --------------------------------------------------------------------------

def code(text: str) -> str:
    """A code span, inside a table or out of it, whatever the text holds."""
    fence = "`"
    while fence in text:
        fence += "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def plain(text: str) -> str:
    """Text that is not to be read as Markdown or HTML."""
    return "".join("\\" + c if c in "\\`*_[]<>#|~&" else c for c in text)


def markdown(comparison: Comparison, view: View) -> str:
    lines = [f"**{plain(comparison.headline)}**", ""]
    rows = view.shown(comparison)
    if rows:
        lines += ["| | row | metric | base | new | change | interval | p |",
                  "|---|---|---|--:|--:|--:|--:|--:|"]
        lines += ["| " + " | ".join([word(j), code(j.name), code(j.metric.name),
                                     *cells(j)]) + " |" for j in rows]
        lines.append("")
    lines += [f"- {kind}: {plain(text)}"
              for kind, text in sides(comparison) + remarks(comparison)]
    return "\n".join([*lines, "", f"<sub>{plain(method(comparison))}</sub>", "",
                      plain(measured(comparison))]) + "\n"


# --- the table of a commit message -----------------------------------------------------

def ascii_only(text: str) -> str:
    for char, plain_char in {"×": "x", "÷": "1/", "…": "...", "–": "-", "·": "-"}.items():
        text = text.replace(char, plain_char)
    return text.encode("ascii", "replace").decode()


def commit(comparison: Comparison, view: View) -> str:
    """Tables like that of Linux commit da9619a30e73, one for each pool and metric."""
    lines = textwrap.wrap(comparison.headline, COMMIT_WIDTH)
    shown = set(map(id, view.shown(comparison)))
    rows = [j for j in comparison.judgements if id(j) in shown]
    for key in dict.fromkeys((j.metric, _pool(j)) for j in rows):
        lines += ["", *_commit_table([j for j in rows if (j.metric, _pool(j)) == key])]
    loud = [line for kind, text in remarks(comparison) if kind != "note"
            for line in textwrap.wrap(f"{kind}: {text}", COMMIT_WIDTH)]
    lines += ["", *loud] if loud else []
    lines += ["", *textwrap.wrap(measured(comparison), COMMIT_WIDTH)]
    return ascii_only("\n".join(lines)) + "\n"


def _pool(judgement: Judgement) -> str:
    """What a table's rows share: the family, and the variant or the two of them."""
    base, new = judgement.base_row, judgement.new_row
    if not new.variant:
        return ""
    both = (f"{base.variant} -> {new.variant}" if base.variant != new.variant
            else new.variant)
    return f"{new.family}/{both}"


def _commit_table(group: list[Judgement]) -> list[str]:
    """What all rows share stands in the title, what tells them apart in columns."""
    params = [j.new_row.params if j.new_row.variant else {"benchmark": j.name}
              for j in group]
    keys = param_keys(params)
    shared = [k for k in keys if len(group) > 1 and len({p.get(k) for p in params}) == 1]
    told_apart = [key for key in keys if key not in shared]
    title = " ".join(filter(None, (_pool(group[0]), *(
        f"{key}:{params[0][key]}" for key in shared))))
    title = ", ".join(filter(None, (title, group[0].metric.name))) + ":"
    labels = [[p.get(key, "-") for key in told_apart] for p in params]
    figures = [[*cells(j)[:3], "" if j.verdict == Verdict.SAME else word(j)]
               for j in group]
    head = ["before", "after", "change", ""]
    body = aligned([told_apart + head, *map(list.__add__, labels, figures)], left=1)
    if max(map(len, body)) + 2 > COMMIT_WIDTH:
        body = _names_above(labels, [head, *figures])
    return [*textwrap.wrap(title, COMMIT_WIDTH), "", *(f"  {line}" for line in body)]


def _names_above(labels: list[list[str]], figures: list[list[str]]) -> list[str]:
    """Lines for names that are too long for a column."""
    head, *lines = aligned(figures, left=1)
    named = [[*textwrap.wrap(" ".join(label), COMMIT_WIDTH - 2), line]
             for label, line in zip(labels, lines)]
    return [head, *itertools.chain(*named)]


# --- LaTeX -----------------------------------------------------------------------------

LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
         "×": r"$\times$", "÷": r"$\div$", "…": r"\ldots{}", "–": "--",
         **{char: f"\\{char}" for char in "&%$#_{}"}}


def latex(comparison: Comparison, view: View) -> str:
    """Rows for a tabular of seven columns; the lines before them are comments."""
    lines = [f"% {comparison.headline}",
             *(f"% {kind}: {text}" for kind, text in remarks(comparison)),
             f"% {method(comparison)}",
             "% row & metric & base & new & change & interval & corrected p"]
    for judgement in view.shown(comparison):
        texts = [judgement.name, judgement.metric.name, *cells(judgement)]
        lines.append(" & ".join("".join(LATEX.get(c, c) for c in text)
                                for text in texts) + r" \\")
    return "\n".join(lines) + "\n"


FORMATS = {"terminal": terminal, "markdown": markdown, "commit": commit, "latex": latex}

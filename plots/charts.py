# SPDX-License-Identifier: GPL-2.0-only
"""The plots, one function each: the rows it takes and what it makes of them.

A point is the median over the launches, its bar or band their whole range; the medians
alone set the scale, so that one bad launch cannot.
"""

import sys
from itertools import chain
from pathlib import Path

import numpy as np
from matplotlib.markers import CARETDOWN, CARETUP

import keys
import style
from evidence import resultset
from evidence.resultset import ResultSet, median, number
from keys import Entry
from looks import Look, looks

NAMED_SIZE = "64"   # where one size has to stand for all
PAGES = ("pages_held", "pages_occupied", "pages_ideal")
# What is this many times as large as the least of the pools is off a linear scale.
OFF_SCALE = 10
PUBLISHED = "published 6.1 ÷ 6.4"

# {variant: (x, the launches' values at each x)}
Curves = dict[str, tuple[list[float], list[list[float]]]]


class NoData(Exception):
    """The result set lacks what a plot shows."""


# --- choosing data ---------------------------------------------------------------------

def standing(results: ResultSet, family: str, *free: str) -> dict[str, str | None]:
    """The rows that stand for a family: all parameters but the free ones fixed.

    64 bytes where that was run, otherwise the plainest: without the parameter (None), or
    with its first value.
    """
    left = results.combinations(family)
    if not left:
        raise NoData(f"no {family} rows")
    fixed = {}
    for key in resultset.param_keys(left):
        values = {params.get(key) for params in left}
        if key not in free:
            plainest = min(values, key=lambda v: resultset.natural(v or ""))
            named = key == "size" and NAMED_SIZE in values
            fixed[key] = NAMED_SIZE if named else plainest
            left = [params for params in left if params.get(key) == fixed[key]]
    return fixed


def blocks(fixed: dict) -> str:
    return f"{fixed['size']}-byte blocks" if fixed.get("size") else "blocks"


def chosen(results: ResultSet, family: str, fixed: dict) -> list[resultset.Row]:
    """A family's rows with these parameters, by variant."""
    rows = [row for row in results.rows.values() if row.family == family
            and all(row.params.get(key) == value for key, value in fixed.items())]
    return sorted(rows, key=lambda row: resultset.variant_key(row.variant))


def curves(results: ResultSet, family: str, key: str, counter: str,
           fixed: dict) -> Curves:
    """The launches' values of a counter over a parameter."""
    points: dict[str, dict[float, list[float]]] = {}
    for row in chosen(results, family, fixed):
        values = row.values(counter)
        if values and min(values) > 0 and row.params.get(key, "").isdigit():
            over = points.setdefault(row.variant, {})
            over.setdefault(float(row.params[key]), []).extend(values)
    return {variant: (sorted(over), [over[x] for x in sorted(over)])
            for variant, over in points.items()}


def scaled(found: Curves, factor: float) -> Curves:
    return {variant: (x, [[value * factor for value in values] for values in samples])
            for variant, (x, samples) in found.items()}


def choices(results: ResultSet, family: str, key: str) -> list[str]:
    values = {p[key] for p in results.combinations(family) if key in p}
    return sorted(values, key=resultset.natural)


# --- drawing ---------------------------------------------------------------------------

BARS = "median of {} launches, bars: their range, arrows: on beyond the plot"
NOTED = {"cpu_model": "", "kernel": "Linux", "build": "", "lock": "lock",
         "revision": "revision", "profile": "profile"}


def note(results: ResultSet, launches: str) -> str:
    """The set, the machine, how launches became points, and what distorts."""
    context = results.context
    facts = [f"{results.name} on {context['host_name']}" if "host_name" in context
             else results.name]
    facts += [f"{before} {context[key]}".lstrip() for key, before in NOTED.items()
              if key in context]
    many = results.launches > 1
    facts.append(launches.format(results.launches) if many else "one launch")
    warnings = "".join(f" Warning: {text}." for text in results.warnings)
    return " · ".join(facts) + "." + warnings


def in_scale(tops: dict[str, float]) -> float:
    """The highest of the tops that leaves the lowest pool's one in sight."""
    pools = [top for variant, top in tops.items()
             if resultset.is_pool(variant)]
    least = min(pools or tops.values())
    return max(top for top in tops.values() if top <= OFF_SCALE * least)


def medians(found: Curves) -> dict[str, list[float]]:
    return {variant: [median(values) for values in samples]
            for variant, (_, samples) in found.items()}


def log_limits(*panels: Curves) -> tuple[float, float]:
    """Limits in which all medians are, and bars where they are not much longer.

    They are a few times apart: noise must not fill a plot.
    """
    middles = [y for found in panels for ys in medians(found).values() for y in ys]
    launches = [y for found in panels for _, samples in found.values()
                for values in samples for y in values]
    low = max(min(launches), min(middles) / 2)
    high = min(max(launches), max(middles) * 2)
    spare = max(1.15, (5 / (high / low)) ** 0.5)
    return low / spare, high * spare


def linear_limits(found: Curves) -> tuple[float, float]:
    """From zero to what is in scale, with its bars where they are not much longer."""
    tops = {variant: max(ys) for variant, ys in medians(found).items()}
    high = in_scale(tops)
    launches = max(max(chain(*samples)) for variant, (_, samples) in found.items()
                   if tops[variant] <= high)
    return 0, 1.06 * min(launches, 1.25 * high)


def draw_curves(axes, found: Curves, their: dict[str, Look]) -> None:
    """The medians as lines, each with a bar from the lowest launch to the highest.

    An arrow on the panel's edge says that a bar goes on beyond it.
    """
    low, high = axes.get_ylim()
    for variant, (x, samples) in found.items():
        middle = np.array([median(values) for values in samples])
        least, most = (np.array([end(values) for values in samples])
                       for end in (min, max))
        axes.errorbar(x, middle, yerr=(middle - least, most - middle), elinewidth=0.7,
                      capsize=1.5, capthick=0.7, **style.line(their[variant]))
        for edge, arrow, beyond in ((low, CARETDOWN, least < low),
                                    (high, CARETUP, most > high)):
            for place in np.array(x)[beyond & (low <= middle) & (middle <= high)]:
                axes.plot(place, edge, linestyle="none", marker=arrow,
                          color=their[variant].colour, clip_on=False)


def ends(panel: Curves, everyone, their: dict[str, Look],
         unit: str = "") -> list[Entry]:
    """A label for each variant, at its end in the panel where it is there."""
    found = []
    for variant in sorted(everyone, key=resultset.variant_key):
        sample = style.line(their[variant])
        if variant in panel:
            x, samples = panel[variant]
            last = median(samples[-1])
            found.append(Entry(variant, sample, (x[-1], last), unit + number(last)))
        else:
            found.append(Entry(variant, sample))
    return found


def size_axis(axes, found: Curves, label: str) -> None:
    """A logarithmic x axis with a tick for each measured value."""
    axes.set_xscale("log", base=2)
    places = sorted({x for xs, _ in found.values() for x in xs})
    style.name_ticks(axes, places, [f"{place:.0f}" for place in places])
    axes.set_xlabel(label)


def latency_size(results: ResultSet):
    found = curves(results, "pair", "size", "ns_per_op",
                   standing(results, "pair", "size"))
    if not found:
        raise NoData("no ns_per_op in the pair rows")
    their = looks(results.variants())
    labels = ends(found, found, their)
    words = style.Words(
        "A hot alloc and free at each block size: lower is better, flat is right",
        "pair: one block allocated and freed at once, again and again.",
        note(results, BARS))
    figure, [[whole, close]] = style.page(
        words, columns=2, height=keys.height_beside(labels),
        right=keys.room_beside(labels), column_gap=0.42, titles=1,
        gridspec_kw={"width_ratios": (2, 3)})
    whole.set_title("logarithmic")
    close.set_title("linear")
    style.log_y(whole, *log_limits(found))
    style.linear_y(close, *linear_limits(found))
    whole.set_ylabel("ns per alloc and free")
    for axes in (whole, close):
        draw_curves(axes, found, their)
        size_axis(axes, found, "block size, bytes")
    keys.beside(close, labels)
    return figure


def transfer(results: ResultSet, family: str) -> str:
    """What a cache line's way between the CPUs takes: threads cannot share for less."""
    values = [v for row in results.rows.values() if row.family == family
              for v in row.values("pingpong_ns")]
    return f" A cache line's ping-pong: {median(values):.0f} ns." if values else ""


def throughput_threads(results: ResultSet):
    fixed = standing(results, "contend", "shared", "threads")
    kinds = {"a pool each, as control": "0", "all threads on one pool": "1"}
    panels = {title: scaled(curves(results, "contend", "threads", "ops_per_s",
                                   fixed | {"shared": shared}), 1e-6)
              for title, shared in kinds.items()}
    panels = {title: found for title, found in panels.items() if found}
    if not panels:
        raise NoData("no ops_per_s in the contend rows")
    words = style.Words(
        "What threads get done on one pool, and on a pool each: higher is better",
        f"contend, {blocks(fixed)}. Where both panels are alike, sharing costs nothing."
        + transfer(results, "contend"), note(results, BARS))
    return row_of_panels(looks(results.variants()), panels, words, "threads, a CPU each",
                         "million allocs and frees per second")


def batch_hold(results: ResultSet):
    fixed = standing(results, "batch", "hold", "order")
    panels = {f"freed in {order} order": curves(results, "batch", "hold", "ns_per_op",
                                                fixed | {"order": order})
              for order in choices(results, "batch", "order")}
    panels = {title: found for title, found in panels.items() if found}
    if not panels:
        raise NoData("no ns_per_op in the batch rows")
    words = style.Words(
        "A block's cost as more of them are held: lower is better, flat is right",
        f"batch: hold N {blocks(fixed)}, then free them in an order.",
        note(results, BARS))
    return row_of_panels(looks(results.variants()), panels, words, "blocks held",
                         "ns per alloc and free")


def row_of_panels(their: dict[str, Look], panels: dict[str, Curves], words: style.Words,
                  x_label: str, y_label: str):
    """Panels of one logarithmic scale, with their names, and labels beside the last."""
    last = list(panels.values())[-1]
    labels = ends(last, set(chain(*panels.values())), their)
    figure, [row] = style.page(
        words, columns=len(panels), sharey=True, titles=1,
        height=keys.height_beside(labels), right=keys.room_beside(labels))
    limits = log_limits(*panels.values())
    for axes, (name, found) in zip(row, panels.items()):
        axes.set_title(name)
        style.log_y(axes, *limits)
        draw_curves(axes, found, their)
        size_axis(axes, found, x_label)
    row[0].set_ylabel(y_label)
    keys.beside(row[-1], labels)
    return figure


# --- distributions ---------------------------------------------------------------------

PHASES = {("alloc", "steady"): "alloc, steady state",
          ("free", "steady"): "free, steady state",
          ("alloc", "growth"): "alloc, while the pool grows",
          ("free", "growth"): "free, right after it grew"}


def draw_distribution(axes, parts, look: Look) -> None:
    """Time over nines, -log10 of the share of calls above: 0 is the minimum, 2 is p99."""
    whole = resultset.merge(parts)
    x = np.linspace(0, np.log10(whole.total), 240)
    # A bucket of zero has no place on a logarithmic axis.
    y = np.maximum(whole.quantile(1 - 10 ** -x), 1)
    marks = [int(np.searchsorted(x, n)) for n in range(1, int(x[-1]) + 1)]
    axes.plot(x, y, markevery=marks, **style.line(look))


def distributions(results: ResultSet, fixed: dict) -> dict[str, dict[str, list]]:
    """The launches' histograms by panel and variant."""
    panels = {title: {row.variant: parts
                      for row in chosen(results, "latency", fixed | {"op": op})
                      if (parts := results.histograms(row.name, phase))}
              for (op, phase), title in PHASES.items()}
    return {title: found for title, found in panels.items() if found}


def latency_distribution(results: ResultSet):
    fixed = standing(results, "latency", "op")
    panels = distributions(results, fixed)
    if not panels:
        raise NoData("no histograms of latency rows")
    their = looks(results.variants())
    key = [Entry(variant, style.line(their[variant])) for variant in sorted(
        set(chain(*panels.values())), key=resultset.variant_key)]
    words = style.Words(
        "Every call's time, the slowest to the right: lower is better",
        f"latency: every call on {blocks(fixed)} timed, the clock's own cost included. "
        "At 99.9, one call in a thousand is slower.",
        note(results, "all {} launches together"))
    figure, grid = style.grid(
        words, len(panels), min(2, len(panels)), height=1.9, left=0.68, right=0.23,
        titles=1, above=keys.height_above(key))
    for axes, (title, found) in zip(grid.flat, panels.items()):
        axes.set_title(title)
        for variant, parts in found.items():
            draw_distribution(axes, parts, their[variant])
    percentile_axes(grid[0][0], [parts for found in panels.values()
                                 for parts in found.values()])
    style.foot(grid, len(panels), "percentile", "time of a call")
    keys.above(figure, key, words.head)
    return figure


def percentile_axes(axes, shown: list) -> None:
    """Axes in which all of the histograms are."""
    least, most = zip(*(resultset.merge(parts).quantile([0, 1]) for parts in shown))
    style.log_y(axes, max(min(least), 1) / 1.5, 2 * max(most), style.duration)
    longest = int(axes.get_xlim()[1])
    names = ["min", "90", *("99." + "9" * n for n in range(longest))]
    style.name_ticks(axes, range(longest + 1), [name.rstrip(".") for name in names],
                     even=False)


# --- memory ----------------------------------------------------------------------------

def draw_pages(axes, row: resultset.Row, launches: list[dict], look: Look) -> None:
    ops = launches[0]["ops"]
    over = {key: np.array([np.interp(ops, run["ops"], run[key]) for run in launches])
            for key in PAGES}
    middle = {key: np.median(values, axis=0) for key, values in over.items()}
    axes.fill_between(ops, middle["pages_ideal"], color="#cccccc", linewidth=0)
    axes.plot(ops, middle["pages_occupied"], **OCCUPIED)
    axes.fill_between(ops, over["pages_held"].min(0), over["pages_held"].max(0),
                      color=look.colour, alpha=0.3, linewidth=0)
    axes.plot(ops, middle["pages_held"], **HELD | {"color": look.colour})
    trimmed = median(row.values("pages_held_after_trim"))
    if trimmed is not None and trimmed <= axes.get_ylim()[1]:
        axes.plot(ops[-1], trimmed, **TRIMMED | {"markeredgecolor": look.colour})


HELD = {"color": style.FAINT, "linewidth": 1.6}
OCCUPIED = {"color": style.INK, "linewidth": 0.8, "linestyle": (0, (2, 1)), "zorder": 3}
TRIMMED = {"color": style.FAINT, "linestyle": "none", "marker": "o", "zorder": 4,
           "markeredgecolor": style.FAINT, "markerfacecolor": "white", "clip_on": False}
IDEAL = {"color": "#cccccc", "linewidth": 6, "solid_capstyle": "butt"}
PAGES_KEY = [Entry("pages held", HELD), Entry("held after a trim", TRIMMED),
             Entry("with a live block", OCCUPIED), Entry("needed if packed", IDEAL)]


def fragmented(results: ResultSet, fixed: dict) -> dict[str, resultset.Row]:
    """The row of each variant in the phase that took longest."""
    rows = [row for row in chosen(results, "frag", fixed)
            if row.variant != "null" and results.series(row.name)]
    if not rows:
        raise NoData("no series of frag rows but null's")
    longest = max(rows, key=lambda row: results.series(row.name)[0]["ops"][-1])
    phase = longest.params.get("phase")
    return {row.variant: row for row in rows if row.params.get("phase") == phase}


def pages_held(results: ResultSet):
    fixed = standing(results, "frag", "phase")
    rows = fragmented(results, fixed)
    series = {variant: results.series(row.name) for variant, row in rows.items()}
    columns = len(rows) if len(rows) <= 3 else 3 if len(rows) <= 9 else 4
    titles = folded(rows, (style.WIDTH - style.LEFT - style.RIGHT) / columns - 0.2)
    words = style.Words(
        "Pages a pool holds against those it needs: closer to the grey is better",
        f"frag, phase {next(iter(rows.values())).params.get('phase')}: {blocks(fixed)} "
        "of random lifetimes, freed after a peak.",
        note(results, "median of {} launches, the band is their range"))
    figure, grid = style.grid(
        words, len(rows), columns, height=1.05 if columns > 3 else 1.4, column_gap=0.2,
        titles=max(map(len, titles.values())), above=keys.height_above(PAGES_KEY))
    tops = {variant: max(np.median([run["pages_held"].max() for run in launches]), 1)
            for variant, launches in series.items()}
    limit, their = in_scale(tops), looks(results.variants())
    grid[0][0].set_ylim(0, 1.12 * limit)
    style.linear_x(grid[0][0], 3)
    for axes, (variant, row) in zip(grid.flat, rows.items()):
        axes.set_title("\n".join(titles[variant]), weight="bold", fontsize=style.SMALL)
        draw_pages(axes, row, series[variant], their[variant])
        if tops[variant] > limit:
            axes.text(0.5, 0.6, f"{tops[variant]:,.0f} pages:\noff the scale",
                      transform=axes.transAxes, ha="center", fontsize=style.SMALL)
    style.foot(grid, len(rows), "operations", "pages")
    keys.above(figure, PAGES_KEY, words.head)
    return figure


def folded(names, inches: float) -> dict[str, list[str]]:
    """Each name in lines that a panel has room for."""
    font = style.SMALL, "bold"
    return {name: style.wrapped(style.shortened(name, 1.7 * inches, *font), inches, *font)
            for name in names}


# --- the kernel's test -----------------------------------------------------------------

STAR = {"color": style.INK, "marker": "*", "markersize": 8, "linestyle": ":",
        "linewidth": 0.8, "zorder": 4}
STARS = (" Stars: what mainline gained by that design, commit da9619a30e73, "
         "another machine.")


def ratios(found: Curves, base: dict[float, list[float]]) -> Curves:
    """Each curve over the base's medians, where that has one."""
    over = {}
    for variant, (x, samples) in found.items():
        both = [(size, values) for size, values in zip(x, samples) if size in base]
        if both:
            over[variant] = ([size for size, _ in both],
                             [[value / median(base[size]) for value in values]
                              for size, values in both])
    return over


def published(sizes: list[float], base: str) -> Curves:
    """What mainline gained by the base's design, in place of a variant."""
    if base != resultset.BASELINE:
        return {}
    found = {sizes.index(size): [before / after] for (size, _), (before, after)
             in resultset.PUBLISHED.items() if size in sizes}
    return {PUBLISHED: (list(found), list(found.values()))} if found else {}


def kernel_multiples(results: ResultSet) -> tuple[str, list[float], Curves]:
    """The base, its block sizes, and everyone's multiples of it at their places."""
    found = curves(results, "dmapool_test", "size", "ns_per_op", {})
    found.pop("null", None)
    if len(found) < 2:
        raise NoData("no dmapool_test rows of two variants to compare")
    base = resultset.baseline(list(found))
    at_base = dict(zip(*found[base]))
    sizes = sorted(at_base)
    return base, sizes, {variant: ([sizes.index(size) for size in x], samples) for
                         variant, (x, samples) in ratios(found, at_base).items()}


def dmapool_test(results: ResultSet):
    base, sizes, found = kernel_multiples(results)
    stars, their = published(sizes, base), looks(results.variants())
    labels = ends(found, found, their, "×")
    for x, samples in stars.values():
        last = median(samples[-1])
        labels.append(Entry(PUBLISHED, STAR, (x[-1], last), f"×{number(last)}"))
    words = style.Words(
        "mm/dmapool_test.c, time as multiples of a base: lower is better",
        f"×1 is {base}." + (STARS if stars else ""), note(results, BARS))
    figure, [[axes]] = style.page(words, height=keys.height_beside(labels),
                                  right=keys.room_beside(labels))
    style.log_y(axes, *log_limits(found | stars))
    draw_curves(axes, found, their)
    for x, samples in stars.values():
        axes.plot(x, samples, **STAR)
    style.name_ticks(axes, range(len(sizes)), [f"{size:.0f}" for size in sizes])
    axes.set_xlabel("block size, bytes")
    axes.set_ylabel("time ÷ time of the base")
    keys.beside(axes, labels)
    return figure


# --- the whole -------------------------------------------------------------------------

PLOTS = {
    "latency-size": latency_size,
    "throughput-threads": throughput_threads,
    "latency-distribution": latency_distribution,
    "pages-held": pages_held,
    "batch-hold": batch_hold,
    "dmapool-test": dmapool_test,
}


def draw_all(results: ResultSet, folder: Path) -> int:
    """Draws what the data allow, and says in a line what they do not."""
    drawn = 0
    for name, draw in PLOTS.items():
        try:
            figure = draw(results)
        except NoData as lack:
            print(f"draw: {name} left out: {lack} in {results.path}", file=sys.stderr)
            continue
        style.save(figure, folder, name)
        drawn += 1
    return drawn

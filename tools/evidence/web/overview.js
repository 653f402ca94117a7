// SPDX-License-Identifier: GPL-2.0-only
// The overview of one set: for each workload the first pool, by how much, how sure;
// and where every variant stands against the baseline.

const base = page.baseline;
const costOf = row => (figureOf(row, cost.key) || {}).middle;
const sameRow = row => JSON.stringify([row.family, [...row.params]]);

// {variant: {ratio, low, high, count, wins, spread}} of a workload's shown rows.
function standings(family) {
    const cases = [
        ...grouped(
            shownRows().filter(row => row.family === family && costOf(row)),
            sameRow,
        ).values(),
    ];
    const found = new Map();

    for (const members of cases) addCase(found, members);
    return [...found].map(([variant, {ratios, wins, spreads}]) => ({
        variant,
        wins,
        ratio: geometricMean(ratios),
        count: ratios.length,
        spread: spreads.length ? median(spreads) : null,
        low: Math.min(...ratios),
        high: Math.max(...ratios),
        pool: variants.get(variant).pool,
    }));
}

function addCase(found, members) {
    const reference = members.find(row => row.variant === base);
    const pools = members.filter(row => variants.get(row.variant).pool);
    const best = Math.min(...pools.map(costOf));

    if (!reference) return;
    for (const row of members) {
        if (!found.has(row.variant))
            found.set(row.variant, {ratios: [], spreads: [], wins: 0});
        const its = found.get(row.variant);

        its.ratios.push(costOf(row) / costOf(reference));
        if (row.spread !== null)
            its.spreads.push(Math.max(row.spread, reference.spread));
        its.wins += pools.includes(row) && costOf(row) === best;
    }
}

// The pools that ran all the rows, the fastest first.
function ranked(family) {
    const pools = standings(family).filter(found => found.pool);
    const most = Math.max(...pools.map(found => found.count));

    return pools.filter(found => found.count === most).sort((a, b) => a.ratio - b.ratio);
}

// Pools that the launches' spread does not tell from the fastest.
const levelWith = ([first, ...others]) =>
    others.filter(
        other =>
            other.ratio / first.ratio - 1 <= Math.max(first.spread, other.spread, 0.01),
    );

// What the launches vary by, where there are several.
function plusMinus(spread) {
    if (spread === null) return "";
    const small = spread && spread < 0.01;
    const percents = 100 * spread;

    return ` ±${small ? +percents.toPrecision(1) : percents.toFixed(0)} %`;
}

// "×0.47 ±2 %", and below it "×0.44 to ×0.52 over 5 rows".
function against(found) {
    const range =
        found.count > 1
            ? `${times(found.low)} to ${times(found.high)} over ` +
              plural(found.count, "row")
            : "one row";

    return [
        element("strong", {}, times(found.ratio) + plusMinus(found.spread)),
        element("span", {class: "note"}, range),
    ];
}

function fastestText(pools) {
    const level = levelWith(pools).map(found => found.variant);
    const note = level.length
        ? `level with ${level.join(", ")}`
        : `first in ${pools[0].wins} of ${plural(pools[0].count, "row")}`;

    return [
        element("strong", {}, pools[0].variant),
        element("span", {class: "note"}, note),
    ];
}

// --- memory ---

// The geometric mean of held ÷ ideal, by pool, least first.
function wastes(family) {
    const found = shownRows().filter(
        row => row.family === family && wasteOf(row) && variants.get(row.variant).pool,
    );

    return [...grouped(found, row => row.variant)]
        .map(([variant, members]) => ({
            variant,
            waste: geometricMean(members.map(wasteOf)),
            count: members.length,
        }))
        .sort((a, b) => a.waste - b.waste);
}

function memoryText(family) {
    const found = wastes(family);

    if (!found.length) return "";
    const reference = found.find(({variant}) => variant === base);
    const other =
        reference && reference !== found[0] ? `; ${base} ${times(reference.waste)}` : "";
    const level = found
        .filter(({waste}) => waste <= found[0].waste * 1.01)
        .map(({variant}) => variant);

    return [
        element("strong", {}, level.join(", ")),
        element(
            "span",
            {class: "note"},
            `holds ${times(found[0].waste)} the ideal${other}`,
        ),
    ];
}

// --- the table ---

const shownFamilies = () =>
    page.families.filter(({name}) => shownRows().some(row => row.family === name));

function verdictLine({name, measures}) {
    const pools = ranked(name);
    const what = [
        element("strong", {}, name),
        element("span", {class: "note"}, measures),
    ];

    return pools.length
        ? [what, fastestText(pools), against(pools[0]), memoryText(name)]
        : [what, `no ${cost.key} of ${base}`, "–", memoryText(name)];
}

function verdicts() {
    return table({
        name: "overview",
        kind: "verdicts stacked",
        caption:
            "Ratios are of the pool's " +
            `${cost.name} to ${base}'s, geometric means over the rows; below 1 is ` +
            "better. Memory: pages held ÷ those that packed blocks would need.",
        heads: [
            {text: "Workload", header: true},
            capital(cost.best),
            `${capital(cost.name)} ÷ ${base}`,
            "Least memory",
        ],
        body: shownFamilies().map(verdictLine),
    });
}

// "Fastest pool: percpu_magazine in 8 of 10 workloads, page_chain in 1, level in 1."
function leadText() {
    const winners = shownFamilies()
        .map(({name}) => ranked(name))
        .filter(pools => pools.length)
        .map(pools => (levelWith(pools).length ? "" : pools[0].variant));
    const counts = [...grouped(winners, name => name)]
        .map(([name, won]) => [name, won.length])
        .sort((a, b) => !a[0] - !b[0] || b[1] - a[1]);

    if (!winners.length) return "The selection has no times to compare.";
    return (
        `${capital(cost.best)}: ` +
        counts
            .map(
                ([name, count], i) =>
                    `${name || "several level"} in ${count}` +
                    (i ? "" : ` of ${plural(winners.length, "workload")}`),
            )
            .join(", ") +
        "."
    );
}

// tools/summary ends with the same: it is of all rows, whatever is selected.
const closing = () =>
    element(
        "ul",
        {class: "closing", "aria-label": "In short, of all rows"},
        ...page.closing.map(([about, text]) =>
            element("li", {}, element("strong", {}, capital(about)), `: ${text}.`),
        ),
    );

function overview() {
    const lead = element("p", {class: "lead"});
    const place = element("div");

    section("overview", "Overview", lead, closing(), place);
    const update = () => {
        lead.textContent = leadText();
        place.replaceChildren(scrolling(verdicts()));
    };

    onFilter.push(update);
    update();
}

// --- every variant against the baseline ---

function standingDatasets(families) {
    const all = families.flatMap((name, y) =>
        standings(name).map(found => ({...found, y})),
    );

    return [...grouped(all, found => found.variant)].map(([variant, members]) => ({
        ...lookOf(variant),
        label: variant,
        showLine: false,
        data: members.map(found => ({
            x: found.ratio,
            y: found.y,
            text: `${times(found.ratio)} (${times(found.low)}–${times(found.high)})`,
        })),
    }));
}

function standingTable(families, datasets) {
    return {
        caption: `${capital(cost.name)} ÷ ${base}'s, geometric mean over the rows.`,
        heads: [
            {text: "Workload", header: true},
            ...datasets.map(set => ({text: set.label, figure: true})),
        ],
        body: families.map((name, y) => [
            name,
            ...datasets.map(set =>
                times((set.data.find(point => point.y === y) || {}).x),
            ),
        ]),
    };
}

function standingChart({families}) {
    const datasets = standingDatasets(families);

    return {
        panels: [
            {
                datasets,
                headOf: point => families[point.y],
                marks: [{x: 1, text: base}],
                x: {
                    title: `${cost.name} ÷ ${base}'s, logarithmic`,
                    log: true,
                    ...around(datasets.flatMap(set => set.data.map(point => point.x))),
                },
                y: {
                    title: "",
                    min: -0.5,
                    max: families.length - 0.5,
                    reverse: true,
                    at: families.map((_, i) => i),
                    tick: i => families[i] ?? "",
                },
            },
        ],
        entries: datasets.map(set => [set.label, {...set, borderWidth: 0}]),
        table: standingTable(families, datasets),
    };
}

function allStandings() {
    const groups = () => {
        const families = shownFamilies()
            .map(({name}) => name)
            .filter(name => standings(name).length);

        return families.length ? [{key: "all", label: "", families}] : [];
    };

    if (groups().length)
        figure({
            id: "standings",
            title: `All variants against ${base}`,
            groups,
            chart: standingChart,
            reading:
                "Left of the line is better. null shows what the harness itself " +
                "costs, coherent_each what it costs to have no pool; neither is a pool.",
        });
}

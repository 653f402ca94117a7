// SPDX-License-Identifier: GPL-2.0-only
// Figures of memory: what pools hold over time, and what they give for it in time.

// The last phase is the longest: what a pool comes to in the end.
const longestFirst = groups =>
    groups.map((group, i) => ({...group, preferred: i === groups.length - 1}));

// Rows of one phase; a pool whose blocks are no memory tells nothing here.
const holdsPages = row => row.variant !== "null";

function memoryGroups(all) {
    const found = all.filter(({row}) => isShown(row) && holdsPages(row));

    return longestFirst(
        alike(
            found.map(({row}) => row),
            [],
        ),
    ).map(group => ({
        ...group,
        series: found.filter(({row}) => group.rows.includes(row)),
    }));
}

// Round steps from 0 up to the first above the value.
function roundSteps(value) {
    const step = roundStep(value);

    return Array.from({length: Math.ceil(value / step) + 1}, (_, i) => i * step);
}

const line = (label, found, values, look) => ({
    label,
    showLine: true,
    ...look,
    pointRadius: 0,
    pointStyle: false,
    data: values.map((y, i) => ({x: found.ops[i], y, text: `${number(y)} pages`})),
});

function memoryDatasets(found) {
    const paint = paints();
    const prefix = setName(found.row.set);
    const dashed = isPair && found.row.set === BASE;
    const look = {...lookOf(found.row.variant, {dashed}), borderWidth: 2.5};

    return [
        line(`${prefix}held`, found, found.pages_held, look),
        line(`${prefix}with a live block`, found, found.pages_occupied, {
            borderColor: paint.ink,
            borderWidth: 1,
            borderDash: [3, 2],
        }),
        line(`${prefix}if packed`, found, found.pages_ideal, {
            borderColor: paint.faint,
            borderWidth: 0,
            fill: "origin",
            backgroundColor: paint.rule,
        }),
    ];
}

function memoryPanel([variant, members], limit) {
    const peak = Math.max(...members.flatMap(found => found.held_high));
    const beyond = peak > limit ? ` (up to ${number(peak)}, off the scale)` : "";

    return {
        title: variant + beyond,
        datasets: members.flatMap(memoryDatasets),
        headOf: point => `after ${number(point.x)} operations`,
        x: {title: "operations", min: 0},
        y: {title: "pages", min: 0, max: limit, at: roundSteps(limit)},
    };
}

function memoryTable(group) {
    const last = values => values[values.length - 1];
    const trimmed = row => figureOf(row, "pages_held_after_trim");

    return {
        caption: `Pages, medians over the launches: ${group.label}.`,
        heads: [
            {text: "Variant", header: true},
            ...[
                "at the peak",
                "at the end",
                "after a trim",
                "with a live block",
                "if packed",
            ].map(text => ({text, figure: true})),
        ],
        body: group.series.map(found => [
            setName(found.row.set) + found.row.variant,
            ...[
                Math.max(...found.pages_held),
                last(found.pages_held),
                (trimmed(found.row) || {}).middle,
                last(found.pages_occupied),
                last(found.pages_ideal),
            ].map(number),
        ]),
    };
}

function memoryKey() {
    const paint = paints();

    return [
        ["held", {borderColor: paint.ink, borderWidth: 2.5, borderDash: []}],
        [
            "with a live block",
            {borderColor: paint.ink, borderWidth: 1, borderDash: [3, 2]},
        ],
        ["if packed", {borderColor: paint.rule, borderWidth: 12, borderDash: []}],
        ...(isPair
            ? [
                  [
                      "held, BASE",
                      {borderColor: paint.ink, borderWidth: 2.5, borderDash: [6, 4]},
                  ],
              ]
            : []),
    ];
}

// One scale for all, unless one pool needs many times what the others do.
function memoryChart(group) {
    const peaks = group.series.map(found => Math.max(...found.held_high));
    const usual = peaks.filter(peak => peak <= 4 * Math.min(...peaks));
    const limit = roundSteps(Math.max(1, ...usual) * 1.05).pop();
    const panels = [...grouped(group.series, found => found.row.variant)].map(members =>
        memoryPanel(members, limit),
    );

    return {panels, entries: memoryKey(), table: memoryTable(group)};
}

function memoryOverTime() {
    const all = allOf("series");

    if (memoryGroups(all).length)
        figure({
            id: "memory",
            title: "Memory over time",
            choice: "Phase",
            groups: () => memoryGroups(all),
            chart: memoryChart,
            reading:
                "Pages a pool holds after a peak, as blocks come and go at random. " +
                "Those with a live block no pool can give back; the grey ones packed " +
                "blocks would need.",
        });
}

// --- time against memory ---

const wasteOf = row => {
    const [held, ideal] = ["pages_held", "pages_ideal"].map(key => figureOf(row, key));

    return held && ideal && ideal.middle && held.middle
        ? held.middle / ideal.middle
        : undefined;
};

function paretoGroups() {
    const found = shownRows().filter(
        row => wasteOf(row) && holdsPages(row) && figureOf(row, "ns_per_op"),
    );

    return longestFirst(alike(found, []));
}

// Whether no other point of the same set is better in one and as good in the other.
const onFront = (point, points) =>
    !points.some(
        other =>
            other.set === point.set &&
            other.x <= point.x &&
            other.y <= point.y &&
            (other.x < point.x || other.y < point.y),
    );

function paretoPoints(group) {
    const points = group.rows.map(row => ({
        row,
        set: row.set,
        y: wasteOf(row),
        x: figureOf(row, "ns_per_op").middle,
    }));

    return points.map(point => {
        const front = onFront(point, points);
        const pages = figureOf(point.row, "pages_held").middle;

        return {
            ...point,
            front,
            name: front ? setName(point.set) + point.row.variant : "",
            text:
                `${number(point.x)} ns, ${times(point.y)} the ideal (${number(pages)} ` +
                "pages)",
        };
    });
}

function frontLine(points, set) {
    const front = points
        .filter(point => point.front && point.set === set)
        .sort((a, b) => a.x - b.x)
        .map(({x, y, text}) => ({x, y, text}));

    return {
        label: `${setName(set)}best trade`,
        data: front,
        showLine: true,
        stepped: "before",
        borderColor: paints().faint,
        borderWidth: 1,
        borderDash: set ? [] : [4, 3],
        pointRadius: 0,
        pointHitRadius: 0,
        pointStyle: false,
    };
}

function paretoTable(group, points) {
    return {
        caption: `Time and memory, medians: ${group.label}.`,
        heads: [
            {text: "Variant", header: true},
            {text: "ns per operation", figure: true},
            {text: "pages held", figure: true},
            {text: "held ÷ ideal", figure: true},
            "better in both",
        ],
        body: points.map(point => [
            setName(point.set) + point.row.variant,
            number(point.x),
            number(figureOf(point.row, "pages_held").middle),
            times(point.y),
            point.front ? "none" : "another is",
        ]),
    };
}

function paretoChart(group) {
    const points = paretoPoints(group);
    const datasets = points.map(point => ({
        label: setName(point.set) + point.row.variant,
        data: [point],
        ...lookOf(point.row.variant, {dashed: isPair && !point.set}),
    }));
    const lines = page.sets.map((_, set) => frontLine(points, set));

    return {
        panels: [
            {
                datasets: [...datasets, ...lines],
                headOf: () => group.label,
                x: {
                    title: "ns per operation",
                    log: true,
                    ...around(points.map(point => point.x)),
                },
                y: {
                    title: "pages held ÷ ideal",
                    log: true,
                    ...around(points.map(point => point.y)),
                },
            },
        ],
        entries: datasets.map(set => [set.label, {...set, borderWidth: 0}]),
        table: paretoTable(group, points),
    };
}

function pareto() {
    if (paretoGroups().length)
        figure({
            id: "trade",
            title: "Time against memory",
            choice: "Phase",
            groups: paretoGroups,
            chart: paretoChart,
            reading:
                "Down and to the left is better. Named are the variants that no other " +
                "beats in both; the ideal is what packed blocks would need.",
        });
}

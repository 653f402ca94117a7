// SPDX-License-Identifier: GPL-2.0-only
// Figures of time: a counter over a parameter, a line for each variant, and the
// distribution of single calls.

const BASE = 0;
const isPair = page.sets.length > 1;
const setName = set => (isPair ? page.sets[set].label + " " : "");

// The parameters of a family's rows that none of the keys decides.
function freeParams(family, keys) {
    const mine = rows.filter(row => row.family === family);
    const all = new Set(mine.flatMap(row => [...row.params.keys()]));
    const decided = name =>
        [
            ...grouped(mine, row =>
                JSON.stringify(keys.map(key => row.params.get(key))),
            ).values(),
        ].every(same => new Set(same.map(row => row.params.get(name))).size === 1);

    return [...all].filter(name => !keys.includes(name) && !decided(name));
}

// Rows that one chart can show together: alike in all but the keys and the variant.
function alike(found, keys) {
    const free = new Map(page.families.map(({name}) => [name, freeParams(name, keys)]));
    const told = row =>
        free
            .get(row.family)
            .filter(name => row.params.has(name))
            .map(name => [name, row.params.get(name)]);

    return [...grouped(found, row => JSON.stringify([row.family, told(row)]))].map(
        ([key, members]) => ({
            key,
            rows: members,
            family: members[0].family,
            preferred:
                members[0].params.get("size") === "64" &&
                members[0].params.get("shared") !== "0",
            label: [members[0].family, words(told(members[0]))]
                .filter(Boolean)
                .join(": "),
        }),
    );
}

// What tells the lines of a chart apart: variant, set, and the split's value.
const lineOf = (row, split) =>
    JSON.stringify([row.variant, row.set, split ? row.params.get(split) : ""]);

// --- a counter over a parameter ---

function pointsOf(members, spec) {
    return members
        .map(row => ({row, figure: figureOf(row, spec.counter)}))
        .filter(({figure}) => figure && figure.low > 0)
        .map(({row, figure}) => ({
            x: Number(row.params.get(spec.key)),
            y: figure.middle * spec.scale,
            low: figure.low * spec.scale,
            high: figure.high * spec.scale,
            text: `${withRange(figure, spec.scale)} ${spec.unit}`,
        }))
        .sort((a, b) => a.x - b.x);
}

function lineName(row, spec) {
    const value = spec.split && row.params.get(spec.split);

    return (
        setName(row.set) + row.variant + (value ? `, ${spec.splits[value] || value}` : "")
    );
}

function curveDataset(members, spec) {
    const [row] = members;
    const dashed = isPair
        ? row.set === BASE
        : spec.split && row.params.get(spec.split) === "0";

    return {
        label: lineName(row, spec),
        data: pointsOf(members, spec),
        ranges: true,
        showLine: true,
        ...lookOf(row.variant, {dashed}),
    };
}

// A cache line's transfer between the CPUs, as so many operations.
function pingpong(group, spec, at) {
    const all = group.rows.map(row => figureOf(row, "pingpong_ns")).filter(Boolean);

    if (!spec.reference || !all.length) return [];
    const ns = median(all.map(figure => figure.middle));
    const text = `${number(ns)} ns`;

    return [
        {
            label: "one transfer of a cache line an operation",
            showLine: true,
            data: [at[0], at[at.length - 1]].map(x => ({
                x,
                y: (1e9 / ns) * spec.scale,
                text,
            })),
            borderColor: paints().faint,
            borderWidth: 1.5,
            borderDash: [2, 3],
            pointRadius: 0,
            pointStyle: false,
            text,
        },
    ];
}

function curveTable(group, spec, datasets, at) {
    return {
        caption: `${spec.yTitle}: median (lowest–highest launch). ${group.label}.`,
        heads: [
            {text: spec.key, header: true},
            ...datasets.map(set => ({text: set.label, figure: true})),
        ],
        body: at.map(x => [
            short(x),
            ...datasets.map(
                set => (set.data.find(point => point.x === x) || {text: "–"}).text,
            ),
        ]),
    };
}

// A key names each variant once, and then what dashes mean.
const variantKey = members =>
    [...new Set(members.map(row => row.variant))].map(variant => [
        variant,
        lookOf(variant),
    ]);

function dashKey({splits}) {
    const names = isPair ? page.sets.map(set => set.label) : splits;

    return names
        ? [
              [names[1], {borderColor: paints().faint, borderWidth: 2, borderDash: []}],
              [
                  names[0],
                  {borderColor: paints().faint, borderWidth: 2, borderDash: [6, 4]},
              ],
          ]
        : [];
}

function curveChart(group, spec) {
    const datasets = [...grouped(group.rows, row => lineOf(row, spec.split)).values()]
        .map(members => curveDataset(members, spec))
        .filter(set => set.data.length);
    const at = [...new Set(datasets.flatMap(set => set.data.map(point => point.x)))].sort(
        (a, b) => a - b,
    );
    const reference = pingpong(group, spec, at);
    const all = [...datasets, ...reference];

    return {
        panels: [
            {
                datasets: all,
                headOf: point => `${spec.keyTitle} ${short(point.x)}`,
                x: {title: spec.keyTitle, log: true, at, ...around(at)},
                y: {
                    title: spec.yTitle,
                    log: true,
                    ...around(
                        all.flatMap(set =>
                            set.data.flatMap(({y, low, high}) => [
                                y,
                                low ?? y,
                                high ?? y,
                            ]),
                        ),
                    ),
                },
            },
        ],
        entries: [
            ...variantKey(group.rows),
            ...dashKey(spec),
            ...reference.map(set => [`${set.label} (${set.text})`, set]),
        ],
        table: curveTable(group, spec, all, at),
    };
}

// Groups with two points in a line, at least.
function curveGroups(spec) {
    const keys = spec.split && !isPair ? [spec.key, spec.split] : [spec.key];
    const found = shownRows().filter(
        row =>
            /^\d+$/.test(row.params.get(spec.key) || "") && figureOf(row, spec.counter),
    );
    const several = group =>
        new Set(group.rows.map(row => row.params.get(spec.key))).size > 1;

    return alike(found, keys).filter(several);
}

function curves(spec) {
    if (!curveGroups(spec).length) return;
    const own = isPair ? {...spec, split: undefined, splits: undefined} : spec;

    figure({
        ...spec,
        groups: () => curveGroups(spec),
        chart: group => curveChart(group, own),
    });
}

const PER_OP = {
    counter: cost.key,
    scale: 1,
    unit: cost.unit,
    yTitle: `${cost.unit} per alloc and free`,
};

function latencyOverSize() {
    curves({
        ...PER_OP,
        id: "size",
        title: `${capital(cost.name)} against block size`,
        key: "size",
        keyTitle: "block size, bytes",
        reading:
            "What a pool costs should not depend on the block size: flat is right, " +
            "lower is better. Both axes are logarithmic; bars are the range of the " +
            "launches.",
    });
}

function latencyOverHold() {
    curves({
        ...PER_OP,
        id: "hold",
        title: `${capital(cost.name)} against blocks held`,
        key: "hold",
        keyTitle: "blocks held",
        reading:
            "The cost of a block should not grow with how many are held. Lower is " +
            "better.",
    });
}

function scaling() {
    curves({
        id: "threads",
        title: "Scaling over threads",
        key: "threads",
        keyTitle: "threads, each on a CPU of its own",
        counter: "ops_per_s",
        scale: 1e-6,
        unit: "M/s",
        yTitle: "million allocs and frees per second",
        split: "shared",
        splits: {0: "a pool each", 1: "one pool"},
        reference: true,
        reading:
            "All threads together; higher is better. " +
            (isPair
                ? ""
                : "Solid lines " +
                  "share one pool, dashed ones have a pool each: the gap is what " +
                  "sharing costs. ") +
            "Threads that pass a cache line on for every operation cannot do better " +
            "together than the dotted line.",
    });
}

// --- the distribution of single calls ---

const NINES = ["min", "90", "99", "99.9", "99.99", "99.999", "99.9999", "99.99999"];

function distributionGroups(all) {
    const free = freeParams("latency", []);
    const label = ({row, phase}) =>
        [...free, "threads"]
            .filter((name, i, names) => row.params.has(name) && names.indexOf(name) === i)
            .map(name =>
                name === "op" ? row.params.get(name) : `${name} ${row.params.get(name)}`,
            )
            .concat(phase === "steady" ? "steady state" : "while the pool grows")
            .join(", ");

    return [
        ...grouped(
            all.filter(({row}) => isShown(row)),
            found => JSON.stringify([found.row.family, label(found)]),
        ),
    ].map(([key, members]) => ({key, members, label: label(members[0])}));
}

function distributionDataset({row, curve, quantiles, samples}) {
    const marked = new Set(NINES.map((_, n) => curve.findIndex(([x]) => x >= n)));
    const look = lookOf(row.variant, {dashed: isPair && row.set === BASE});

    return {
        ...look,
        label: setName(row.set) + row.variant,
        showLine: true,
        quantiles,
        samples,
        pointRadius: curve.map((_, i) => (marked.has(i) ? 4 : 0)),
        data: curve.map(([x, y]) => ({x, y: Math.max(y, 1), text: `${number(y)} ns`})),
    };
}

const percentileAt = x => `p${+(100 * (1 - 10 ** -x)).toFixed(6)}`;

function distributionTable(group, datasets) {
    const names = [
        ...new Set(datasets.flatMap(set => set.quantiles.map(([name]) => name))),
    ];

    return {
        caption: `Nanoseconds of one call, all launches together: ${group.label}.`,
        heads: [
            {text: "Variant", header: true},
            ...names.map(text => ({text, figure: true})),
            {text: "calls", figure: true},
        ],
        body: datasets.map(set => [
            set.label,
            ...names.map(name => number(new Map(set.quantiles).get(name))),
            number(set.samples),
        ]),
    };
}

function distributionChart(group) {
    const datasets = group.members.map(distributionDataset);
    const top = Math.max(...datasets.map(set => set.data[set.data.length - 1].x));
    const at = NINES.map((_, n) => n).filter(n => n <= top);

    return {
        panels: [
            {
                datasets,
                headOf: point => percentileAt(point.x),
                x: {title: "percentile", at, min: 0, max: top, tick: n => NINES[n] ?? ""},
                y: {title: "ns per call", log: true},
            },
        ],
        entries: [...variantKey(group.members.map(({row}) => row)), ...dashKey({})],
        table: distributionTable(group, datasets),
    };
}

function distribution() {
    const all = allOf("distributions");

    if (all.length)
        figure({
            id: "distribution",
            title: "Distribution of single calls",
            choice: "Calls",
            groups: () => distributionGroups(all),
            chart: distributionChart,
            reading:
                "How slow is the slowest call in a hundred, in ten thousand: each " +
                "step to the right is a tenth of the calls before it. Lower is better. " +
                "The clock's own cost is in every call.",
        });
}

// SPDX-License-Identifier: GPL-2.0-only
// The page's data, and what all else is made of: elements, numbers, words, sections.
// Text of the data only ever becomes text of an element, never markup.

"use strict";

const page = JSON.parse(document.getElementById("data").textContent);

const byId = id => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);

    for (const [name, value] of Object.entries(attributes))
        if (value !== undefined && value !== false)
            made.setAttribute(name, value === true ? "" : value);
    made.append(...children);
    return made;
}

// --- numbers ---

// Three significant digits or more in at most five characters, as tools/summary has it.
function number(value) {
    let unit = "";

    if (value === null || value === undefined) return "–";
    if (value >= 99999.5) {
        const step = Math.min(4, Math.trunc(Math.log10(value * 1.0005) / 3));

        value /= 1000 ** step;
        unit = "?kMGT"[step];
    }
    if (Number.isInteger(value) && !unit) return String(value);
    return halfEven(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + unit;
}

// What lies exactly between two goes to the even one, as in Python.
function halfEven(value, digits) {
    const scaled = value * 10 ** digits;
    const tie = scaled % 1 === 0.5 && (value * 2 ** (digits + 1)) % 1 === 0;
    const even = (2 * Math.round(scaled / 2)) / 10 ** digits;

    return (tie ? even : value).toFixed(digits);
}

const times = value =>
    value === undefined || value === null
        ? "–"
        : "×" + (value === 1 ? "1.00" : number(value));

const percent = value =>
    (value > 0 ? "+" : value < 0 ? "−" : "") +
    number(Math.abs(Math.round(value * 1e5) / 1e3)) +
    " %";

// For axes: 500, 12k, 2M.
function short(value) {
    if (Math.abs(value) >= 1e6) return `${+(value / 1e6).toPrecision(6)}M`;
    return Math.abs(value) >= 1e4
        ? `${+(value / 1e3).toPrecision(6)}k`
        : String(+value.toPrecision(6));
}

const geometricMean = values =>
    Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const half = sorted.length >> 1;

    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// --- rows ---

// What a row costs: its time, or where none was measured, as under callgrind, what it
// executes.
const COSTS = [
    {key: "ns_per_op", name: "time", unit: "ns", best: "fastest pool"},
    {
        key: "instructions_per_op",
        name: "instructions",
        unit: "instructions",
        best: "fewest instructions",
    },
];

function rowOf(entry, set) {
    const params = new Map(entry.params);

    return {
        ...entry,
        params,
        set,
        size: params.get("size"),
        threads: params.get("threads"),
        figures: new Map(entry.figures.map(([key, ...values]) => [key, values])),
    };
}

// All rows of all sets, or all trends of a history, with what is looked up often.
const rows = page.trends
    ? page.trends.map(rowOf)
    : page.sets.flatMap((set, which) => set.rows.map(row => rowOf(row, which)));
const cost = COSTS.find(({key}) => rows.some(row => row.figures.has(key))) || COSTS[0];

const capital = text => text[0].toUpperCase() + text.slice(1);

// What the sets have of that kind, each with its row.
const allOf = kind =>
    page.sets.flatMap((set, which) => {
        const mine = rows.filter(row => row.set === which);

        return set[kind].map(found => ({...found, row: mine[found.row]}));
    });

// {middle, low, high} of a counter, or undefined.
function figureOf(row, counter) {
    const [middle, low, high] = row.figures.get(counter) || [];

    return middle === undefined ? undefined : {middle, low, high};
}

const withRange = (figure, scale = 1) =>
    figure
        ? `${number(figure.middle * scale)} (${number(figure.low * scale)}–` +
          `${number(figure.high * scale)})`
        : "–";

// "size 64, order random".
const words = params => [...params].map(([key, value]) => `${key} ${value}`).join(", ");

const plural = (count, word) =>
    `${count} ${word}${count === 1 ? "" : word.endsWith("ch") ? "es" : "s"}`;

function grouped(items, keyOf) {
    const groups = new Map();

    for (const item of items) {
        const key = keyOf(item);

        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(item);
    }
    return groups;
}

// --- sections ---

function section(id, title, ...children) {
    const made = element(
        "section",
        {"aria-labelledby": id},
        element("h2", {id}, title),
        ...children,
    );

    byId("content").append(made);
    byId("sections").append(element("li", {}, linkTo(id, title)));
    return made;
}

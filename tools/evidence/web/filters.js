// SPDX-License-Identifier: GPL-2.0-only
// The filters: which workloads, variants, sizes and threads all figures show.

const NONE = "mixed"; // of rows without a size
const onFilter = [];
const filters = [
    {key: "family", title: "Workload", of: row => row.family},
    {key: "variant", title: "Variant", of: row => row.variant},
    {key: "size", title: "Block size, bytes", of: row => row.size ?? NONE},
    {key: "threads", title: "Threads", of: row => row.threads},
];

const isShown = row => filters.every(filter => filter.chosen.has(filter.of(row)));
const shownRows = () => rows.filter(isShown);

const orders = {
    family: page.families.map(family => family.name),
    variant: page.variants.map(variant => variant.name),
};

function valuesOf(filter) {
    const found = [...new Set(rows.map(filter.of))];
    const order = orders[filter.key];

    return order
        ? order.filter(value => found.includes(value))
        : found.sort((a, b) => a - b);
}

function choice(filter, value) {
    const box = element("input", {
        type: "checkbox",
        name: filter.key,
        value,
        checked: true,
    });
    const label = element("label", {}, box, value);

    if (filter.key === "variant") {
        const sample = swatch(lookOf(value));

        onTheme.push(() => paintSwatch(sample, lookOf(value)));
        box.after(sample);
    }
    box.addEventListener("change", () => {
        if (box.checked) filter.chosen.add(value);
        else filter.chosen.delete(value);
        filterChanged();
    });
    return label;
}

function choose(filter, values) {
    filter.chosen = new Set(filter.values.filter(value => values.includes(value)));
    for (const box of filter.set.querySelectorAll("input"))
        box.checked = filter.chosen.has(box.value);
}

function allOrNone(filter, on) {
    const button = element(
        "button",
        {
            type: "button",
            class: "plain",
            "aria-label": `${filter.title}: ${on ? "all" : "none"}`,
        },
        on ? "all" : "none",
    );

    button.addEventListener("click", () => {
        choose(filter, on ? filter.values : []);
        filterChanged();
    });
    return button;
}

function build(filter) {
    filter.values = valuesOf(filter);
    filter.chosen = new Set(filter.values);
    filter.set = element(
        "fieldset",
        {},
        element("legend", {}, filter.title),
        element(
            "div",
            {class: "quick"},
            allOrNone(filter, true),
            allOrNone(filter, false),
        ),
        element("div", {class: "choices"}, ...filter.values.map(v => choice(filter, v))),
    );
    if (filter.values.length < 2) return;
    byId("filters").append(filter.set);
    choices.push({
        key: filter.key,
        get: () => chosenValues(filter.chosen, filter.values),
        set: values => choose(filter, values || filter.values),
    });
}

function tellShown() {
    const names = new Set(rows.map(row => row.name));
    const shown = new Set(shownRows().map(row => row.name));

    byId("shown").textContent = `${shown.size} of ${plural(names.size, "row")} shown`;
}

function showChosen() {
    tellShown();
    onFilter.forEach(update => update());
}

function filterChanged() {
    showChosen();
    noteChoice();
}

function startFilters() {
    filters.forEach(build);
    byId("filterbox").open = matchMedia("(min-width: 64rem)").matches;
    byId("filters").addEventListener("submit", event => event.preventDefault());
    tellShown();
}

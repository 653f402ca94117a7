// SPDX-License-Identifier: GPL-2.0-only
// A figure: a choice of what it shows, one or several charts with a key, and the same
// data as a table for those who cannot, or would rather not, look at a chart.

// spec: {id, title, reading, choice, groups(): [{key, label, …}], chart(group)}, where
// chart() gives {panels, entries, table}: see draw() of charts.js, key() and table().
function figure(spec) {
    const parts = {
        select: element("select", {id: `${spec.id}-choice`}),
        panels: element("div", {class: "panels"}),
        key: element("ul", {class: "key", "aria-label": "Key"}),
        data: element("div"),
        save: element("div", {class: "tools"}),
        empty: element(
            "p",
            {class: "empty"},
            "The selection has no rows for this figure.",
        ),
        charts: [],
        wanted: null,
    };

    parts.controls = element(
        "div",
        {class: "controls"},
        element("label", {for: `${spec.id}-choice`}, spec.choice || "Rows"),
        parts.select,
    );
    parts.details = element(
        "details",
        {},
        element("summary", {}, "Data table"),
        parts.data,
    );
    section(
        spec.id,
        spec.title,
        element("p", {class: "reading"}, spec.reading),
        parts.controls,
        parts.panels,
        parts.key,
        parts.save,
        parts.empty,
        parts.details,
    );
    const update = () => updateFigure(spec, parts);

    parts.select.addEventListener("change", () => {
        parts.wanted = parts.select.value;
        update();
        noteChoice();
    });
    choices.push({
        key: parts.select.id,
        get: () => parts.wanted && [parts.wanted],
        set: values => (parts.wanted = values && values[0]),
    });
    onFilter.push(update);
    onTheme.push(update);
}

function updateFigure(spec, parts) {
    const groups = spec.groups();
    const group = chooseGroup(parts, groups);

    parts.charts.forEach(chart => chart.destroy());
    parts.charts = [];
    parts.empty.hidden = groups.length > 0;
    for (const name of ["controls", "panels", "key", "save", "details"])
        parts[name].hidden = !group;
    parts.controls.hidden = groups.length < 2;
    if (group) showGroup(spec, parts, group);
}

// The options become the groups; what the reader wants is shown as long as it is there.
function chooseGroup({select, wanted}, groups) {
    const chosen =
        groups.find(group => group.key === wanted) ||
        groups.find(group => group.preferred) ||
        groups[0];

    select.replaceChildren(
        ...groups.map(group =>
            element(
                "option",
                {value: group.key, selected: group === chosen},
                group.label,
            ),
        ),
    );
    return chosen;
}

function showGroup(spec, parts, group) {
    const found = spec.chart(group);
    const canvases = found.panels.map(panel => panelCanvas(spec, group, panel));

    parts.panels.className = found.panels.length > 1 ? "panels many" : "panels";
    parts.panels.replaceChildren(...canvases.map(([box]) => box));
    parts.charts = found.panels.map((panel, i) => draw(canvases[i][1], panel));
    parts.key.replaceChildren(
        ...found.entries.map(([text, look]) => element("li", {}, swatch(look), text)),
    );
    parts.data.replaceChildren(scrolling(table({...found.table, name: spec.id})));
    parts.save.replaceChildren(saveButton(spec, group));
}

function panelCanvas(spec, group, panel) {
    const name = [spec.title, group.label, panel.title].filter(Boolean).join(", ");
    const canvas = element("canvas", {
        role: "img",
        "aria-label": `Chart: ${name}. The data table below has its figures.`,
    });
    const caption = panel.title ? [element("figcaption", {}, panel.title)] : [];

    return [
        element(
            "figure",
            {class: "panel"},
            ...caption,
            element("div", {class: "plot"}, canvas),
        ),
        canvas,
    ];
}

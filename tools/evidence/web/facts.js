// SPDX-License-Identifier: GPL-2.0-only
// What a reader has to know beside the figures: warnings and failures on top, the
// machine and the build, and every figure of every row at the end.

// --- the head ---

const TOLD = [
    ["host_name", ""],
    ["cpu_model", ""],
    ["num_cpus", " CPUs"],
    ["kernel", ""],
    ["build", ""],
    ["lock", ""],
    ["profile", " profile"],
    ["revision", ""],
];

function machineText(set) {
    const facts = new Map(set.facts);
    const told = TOLD.filter(([key]) => facts.has(key)).map(
        ([key, unit]) => (key === "revision" ? "revision " : "") + facts.get(key) + unit,
    );

    return [...told, plural(set.launches, "launch")].join(" · ");
}

function alert(word, texts) {
    return texts.length
        ? [
              element(
                  "div",
                  {class: "alert"},
                  element("strong", {}, word),
                  element("ul", {}, ...texts.map(text => element("li", {}, text))),
              ),
          ]
        : [];
}

function alerts() {
    const of = key =>
        page.sets.flatMap(set =>
            set[key].map(text => (isPair ? `${set.label}: ` : "") + text),
        );
    const forced = page.comparison ? page.comparison.forced : [];

    return [
        ...alert("Compared all the same", forced),
        ...alert("Skipped", page.skipped || []),
        ...alert("Warning", [...new Set(of("warnings"))]),
        ...alert("Failed", of("failures")),
    ];
}

function head() {
    byId("title").textContent = page.title;
    byId("machine").append(
        ...page.sets.flatMap((set, i) => [
            ...(i ? [element("br")] : []),
            (isPair ? `${set.label}: ` : "") + machineText(set),
        ]),
    );
    byId("alerts").append(...alerts());
}

// --- the fingerprint ---

function fingerprintTable() {
    const facts = page.sets.map(set => new Map(set.facts));
    const names = [...new Set(facts.flatMap(its => [...its.keys()]))].sort();
    const made = table({
        name: "facts",
        kind: "facts-table",
        caption: "As the run noted them.",
        heads: [
            {text: "Fact", header: true},
            ...page.sets.map(set => set.label || "Value"),
            ...(isPair ? ["Same?"] : []),
        ],
        body: names.map(name => [
            name,
            ...facts.map(its => its.get(name)),
            ...(isPair ? [differs(facts, name) ? "differs" : ""] : []),
        ]),
    });

    names.forEach((name, i) =>
        made.tBodies[0].rows[i].classList.toggle(
            "differs",
            isPair && differs(facts, name),
        ),
    );
    return made;
}

const differs = ([one, other], name) => one.get(name) !== other.get(name);

function fingerprint() {
    section("fingerprint", "Machine, build and run", scrolling(fingerprintTable()));
}

// --- every figure ---

function allCounters(found) {
    const names = [...new Set(found.flatMap(row => [...row.figures.keys()]))];

    return [cost.key, ...names.filter(name => name !== cost.key)];
}

const rowId = row => `row:${setName(row.set)}${row.name}`;

function rowTable(counter) {
    const found = shownRows().filter(row => figureOf(row, counter));

    return table({
        name: "rows",
        ids: found.map(rowId),
        caption: `${counter} of every row shown: over its launches.`,
        heads: [
            {text: "Row", header: true},
            ...["median", "lowest", "highest", "launches"].map(text => ({
                text,
                figure: true,
            })),
        ],
        body: found.map(row => [
            linkTo(rowId(row), setName(row.set) + row.name),
            ...["middle", "low", "high"].map(key => number(figureOf(row, counter)[key])),
            String(row.launches),
        ]),
    });
}

function everyFigure() {
    const select = element(
        "select",
        {id: "counter"},
        ...allCounters(rows).map(name => element("option", {value: name}, name)),
    );
    const place = element("div");
    const details = element(
        "details",
        {},
        element("summary", {}, "Table of all rows"),
        element(
            "div",
            {class: "controls"},
            element("label", {for: "counter"}, "Figure"),
            select,
        ),
        place,
    );
    const made = () => scrolling(rowTable(select.value), "tall");
    const update = () => place.replaceChildren(...(details.open ? [made()] : []));

    section(
        "rows",
        "Every figure",
        element(
            "p",
            {class: "reading"},
            "The medians behind the charts, of the rows selected.",
        ),
        details,
    );
    select.addEventListener("change", () => {
        update();
        noteChoice();
    });
    choices.push({
        key: "figure",
        get: () => (select.value === cost.key ? null : [select.value]),
        set: values => {
            const known = values && allCounters(rows).includes(values[0]);

            select.value = known ? values[0] : cost.key;
        },
    });
    details.addEventListener("toggle", () => {
        if (!place.firstChild) update();
    });
    onFilter.push(update);
    onVisit.push(id => {
        if (!id.startsWith("row:")) return;
        details.open = true;
        update();
    });
}

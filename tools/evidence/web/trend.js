// SPDX-License-Identifier: GPL-2.0-only
// The page of a history: the changes found, every row's course with marks where its level
// changed, and the sets it is made of.

const shownTrends = () => shownRows();

const setTitle = number =>
    `${page.history[number].revision}, ${page.history[number].when}`;

const changeWord = change =>
    change.ratio === null ? "from none" : percent(change.ratio - 1);

const changeSpan = change =>
    element(
        "span",
        {class: change.worse ? "worse" : "better"},
        element("span", {"aria-hidden": "true"}, change.worse ? "▲ " : "▼ "),
        `${changeWord(change)} ${change.worse ? "worse" : "better"}`,
    );

// --- the changes ---

function changeLine({trend, change}) {
    const set = page.history[change.set];

    return [
        [
            element("strong", {}, `${trend.family} ${trend.variant}`),
            element("span", {class: "note"}, words(trend.params)),
            element("span", {class: "note"}, trend.metric),
        ],
        [element("strong", {}, set.revision), element("span", {class: "note"}, set.when)],
        number(change.before),
        number(change.after),
        changeSpan(change),
        String(change.sets),
        probability(change.p),
    ];
}

function changeTable(found) {
    return table({
        name: "changes",
        kind: "stacked",
        caption:
            "Each level is the median of all launches until " +
            "the next change; p is corrected for the number of rows and of sets.",
        heads: [
            {text: "Row and metric", header: true},
            "From revision",
            {text: "before", figure: true},
            {text: "after", figure: true},
            {text: "change", figure: true},
            {text: "sets since", figure: true},
            {text: "p", figure: true},
        ],
        body: found.map(changeLine),
    });
}

function changesFound() {
    return shownTrends()
        .flatMap(trend => trend.changes.map(change => ({trend, change})))
        .sort((a, b) => b.change.set - a.change.set);
}

// "+11.2 % to +12.9 %".
function span(changes) {
    const ratios = changes
        .map(({change}) => change.ratio)
        .filter(ratio => ratio !== null);
    const [low, high] = [Math.min(...ratios), Math.max(...ratios)];

    return !ratios.length
        ? "from none"
        : low === high
          ? percent(low - 1)
          : `${percent(low - 1)} to ${percent(high - 1)}`;
}

// A line for each revision and variant, worse and better apart.
function revisionTable(found) {
    const groups = [
        ...grouped(found, ({trend, change}) =>
            JSON.stringify([change.set, trend.variant, trend.metric, change.worse]),
        ).values(),
    ];

    return table({
        name: "revisions",
        kind: "stacked verdicts",
        caption: "Where figures changed, newest first.",
        heads: [{text: "From revision", header: true}, "Variant", "Figures", "Change"],
        body: groups.map(members => {
            const [{trend, change}] = members;
            const set = page.history[change.set];

            return [
                [
                    element("strong", {}, set.revision),
                    element("span", {class: "note"}, set.when),
                ],
                trend.variant,
                `${members.length} of ${trend.metric}`,
                element(
                    "span",
                    {class: change.worse ? "worse" : "better"},
                    `${change.worse ? "▲ worse" : "▼ better"}, ${span(members)}`,
                ),
            ];
        }),
    });
}

function trendOverview() {
    const lead = element("p", {class: "lead"});
    const brief = element("div");
    const place = element("div");
    const details = element("details", {}, element("summary", {}, "Each of them"), place);

    section(
        "overview",
        "Where it changed",
        lead,
        brief,
        details,
        element(
            "ul",
            {class: "facts"},
            ...page.notes.map(note => element("li", {}, note)),
        ),
    );
    const update = () => {
        const found = changesFound();
        const rows = new Set(found.map(({trend}) => trend)).size;

        lead.textContent =
            `${rows || "None"} of ${plural(shownTrends().length, "figure")} ` +
            `changed ${rows === 1 ? "its" : "their"} level over ` +
            `${plural(page.history.length, "set")}.`;
        details.hidden = !found.length;
        brief.replaceChildren(...(found.length ? [scrolling(revisionTable(found))] : []));
        place.replaceChildren(scrolling(changeTable(found), "tall"));
    };

    onFilter.push(update);
    update();
}

// --- the course of rows ---

function courseGroups() {
    const label = trend =>
        [trend.metric, trend.family, words(trend.params)].join(", ") +
        (kinds.size > 1 ? ` (${trend.kind})` : "");
    const kinds = new Set(rows.map(trend => trend.kind));

    return [...grouped(shownTrends(), label)]
        .map(([key, members]) => {
            const count = members.reduce((sum, trend) => sum + trend.changes.length, 0);

            return {
                key,
                members,
                count,
                label: key + (count ? ` – ${plural(count, "change")}` : ""),
            };
        })
        .map((group, i, all) => ({
            ...group,
            preferred: group.count === Math.max(...all.map(({count}) => count)),
        }));
}

function courseDataset(trend) {
    return {
        ...lookOf(trend.variant),
        label: trend.variant,
        showLine: true,
        ranges: true,
        data: trend.points.map(([set, y, low, high]) => ({
            x: set,
            y,
            low,
            high,
            set,
            text: `${withRange({middle: y, low, high})} ${trend.unit}`,
        })),
    };
}

function courseTable(group, numbers) {
    const at = (trend, set) => trend.points.find(point => point[0] === set);
    const text = (trend, set) => {
        const point = at(trend, set);
        const change = trend.changes.find(found => found.set === set);

        return point
            ? number(point[1]) + (change ? ` (changed ${changeWord(change)})` : "")
            : "–";
    };

    return {
        caption: `Medians over the launches: ${group.key}.`,
        heads: [
            {text: "Set", header: true},
            ...group.members.map(trend => ({text: trend.variant, figure: true})),
        ],
        body: numbers.map(set => [
            setTitle(set),
            ...group.members.map(trend => text(trend, set)),
        ]),
    };
}

function courseChart(group) {
    const numbers = [
        ...new Set(group.members.flatMap(trend => trend.points.map(([set]) => set))),
    ].sort((a, b) => a - b);
    const datasets = group.members.map(courseDataset);
    const values = datasets
        .flatMap(set => set.data.flatMap(({low, high}) => [low, high]))
        .filter(value => value > 0);
    const changed = [
        ...new Set(
            group.members.flatMap(trend => trend.changes.map(change => change.set)),
        ),
    ];
    const [{metric, unit}] = group.members;

    return {
        panels: [
            {
                datasets,
                headOf: point => setTitle(point.set),
                marks: changed.map(set => ({
                    x: set - 0.5,
                    text: page.history[set].revision,
                })),
                x: {
                    title: "result set, by revision",
                    at: numbers,
                    min: numbers[0] - 0.5,
                    max: numbers[numbers.length - 1] + 0.5,
                    tick: set => (page.history[set] ? page.history[set].revision : ""),
                },
                y: {
                    title: `${metric}${unit ? `, ${unit}` : ""}`,
                    log: true,
                    ...around(values),
                },
            },
        ],
        entries: variantKey(group.members),
        table: courseTable(group, numbers),
    };
}

function course() {
    figure({
        id: "course",
        title: "Course of a row",
        groups: courseGroups,
        chart: courseChart,
        reading:
            "Medians of each set, the bars are the range of its " +
            "launches. A dashed line stands where a level changes, and names the first " +
            "revision after it.",
    });
}

// --- all of them ---

const trendId = ({name, metric, kind}) => `row:${name}/${metric}/${kind}`;

function trendTable() {
    return table({
        name: "rows",
        ids: shownTrends().map(trendId),
        caption: "First and last median of every row shown.",
        heads: [
            {text: "Row", header: true},
            "Metric",
            {text: "first", figure: true},
            {text: "last", figure: true},
            {text: "change", figure: true},
            {text: "sets", figure: true},
            "from",
        ],
        body: shownTrends().map(trend => [
            linkTo(trendId(trend), trend.name),
            trend.metric,
            number(trend.first),
            number(trend.last),
            changeWord(trend),
            String(trend.points.length),
            trend.changes.map(change => page.history[change.set].revision).join(", "),
        ]),
    });
}

function everyTrend() {
    const place = element("div");
    const update = () => place.replaceChildren(scrolling(trendTable(), "tall"));

    section("rows", "Every row", place);
    onFilter.push(update);
    update();
}

function setTable() {
    return table({
        name: "sets",
        kind: "stacked",
        caption: "What else changed is what the set's facts say, against the one before.",
        heads: [
            {text: "Set", header: true},
            "Revision",
            {text: "Launches", figure: true},
            "Kind",
            "What else changed",
            "Warnings",
        ],
        body: page.history.map(set => [
            set.when,
            set.revision,
            String(set.launches),
            set.kind,
            set.moved.join("; "),
            [...set.warnings, ...set.failures].join("; "),
        ]),
    });
}

function trend() {
    trendOverview();
    course();
    everyTrend();
    section("sets", "The result sets", scrolling(setTable()));
}

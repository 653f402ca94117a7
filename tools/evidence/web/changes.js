// SPDX-License-Identifier: GPL-2.0-only
// The overview of a comparison: verdicts counted by workload, and every judged figure
// with its change, the interval of it, and how sure that is.

const VERDICTS = ["regression", "improvement", "unclear", "same"];
const SIGNS = {regression: "▲", improvement: "▼", unclear: "?", same: "="};
const KINDS = {regression: "worse", improvement: "better"};

const judgements = (page.comparison ? page.comparison.judgements : []).map(judgement => {
    const params = new Map(judgement.params);

    return {
        ...judgement,
        params,
        size: params.get("size"),
        change: judgement.size,
        threads: params.get("threads"),
    };
});
const shownJudgements = () => judgements.filter(isShown);

// --- counts ---

function verdictWord(verdict, count) {
    return element(
        "span",
        {class: `verdict ${KINDS[verdict] || ""}`},
        element("span", {"aria-hidden": "true"}, `${SIGNS[verdict]} `),
        String(count ?? verdict),
    );
}

function countCell(found, verdict) {
    const count = found.filter(judgement => judgement.verdict === verdict).length;

    return count ? verdictWord(verdict, count) : "0";
}

function extreme(found, verdict) {
    const [first] = found
        .filter(judgement => judgement.verdict === verdict)
        .sort((a, b) => b.change - a.change);

    return first ? `${changeText(first)} ${first.metric}` : "";
}

function countTable() {
    const families = [...grouped(shownJudgements(), judgement => judgement.family)];

    return table({
        name: "counts",
        kind: "verdicts stacked",
        caption: "Judged figures of each workload, by verdict.",
        heads: [
            {text: "Workload", header: true},
            ...VERDICTS.map(text => ({text, figure: true})),
            "Worst",
            "Best",
        ],
        body: families.map(([name, found]) => [
            element("strong", {}, name),
            ...VERDICTS.map(verdict => countCell(found, verdict)),
            extreme(found, "regression"),
            extreme(found, "improvement"),
        ]),
    });
}

// --- one figure ---

const changeText = ({ratio}) => (ratio === null ? "from none" : percent(ratio - 1));

function changeCell(judgement) {
    const {interval} = judgement;
    const note = judgement.exact
        ? "exact"
        : interval
          ? `${percent(interval[0] - 1)} to ${percent(interval[1] - 1)}`
          : "";

    return [
        element("span", {class: KINDS[judgement.verdict] || ""}, changeText(judgement)),
        element("span", {class: "note"}, note),
    ];
}

function svg(tag, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);

    for (const [name, value] of Object.entries(attributes))
        made.setAttribute(name, value);
    made.append(...children);
    return made;
}

// The ratio and its interval about 1, the threshold shaded; reach is the scale's end.
function intervalPicture(judgement, reach) {
    const at = ratio => 70 + 68 * Math.max(-1, Math.min(1, Math.log(ratio) / reach));
    const [low, high] = judgement.interval || [judgement.ratio, judgement.ratio];
    const shade = at(1 + judgement.threshold) - 70;

    if (!judgement.ratio) return "–";
    return svg(
        "svg",
        {class: "interval", viewBox: "0 0 140 20", "aria-hidden": "true"},
        svg("rect", {class: "shade", x: 70 - shade, y: 1, width: 2 * shade, height: 18}),
        svg("line", {class: "one", x1: 70, x2: 70, y1: 0, y2: 20}),
        svg("line", {class: "span", x1: at(low), x2: at(high), y1: 10, y2: 10}),
        svg("circle", {class: "dot", cx: at(judgement.ratio), cy: 10, r: 4}),
    );
}

const changeId = ({name, metric}) => `change:${name}/${metric}`;

const named = judgement => [
    linkTo(changeId(judgement), `${judgement.family} ${judgement.variant}`),
    element("span", {class: "note"}, words(judgement.params)),
    element("span", {class: "note"}, judgement.metric),
];

const figures = ([middle, low, high]) => [
    number(middle),
    element("span", {class: "note"}, `${number(low)}–${number(high)}`),
];

const probability = p => (p === null ? "–" : p < 0.001 ? "< 0.001" : p.toFixed(3));

// The pictures reach as far as what is certain; a longer interval ends at their edge.
function reachOf(found) {
    const certain = found.filter(({verdict, ratio}) => ratio && verdict !== "unclear");

    return (
        1.25 *
        Math.min(
            Math.log(8),
            Math.max(
                Math.log(1.1),
                ...certain.map(({ratio}) => Math.abs(Math.log(ratio))),
            ),
        )
    );
}

function judgementTable(found) {
    const reach = reachOf(found);

    return table({
        name: "changes",
        kind: "stacked",
        ids: found.map(changeId),
        caption:
            "Medians over the launches and their range; the " +
            "change with its interval (pictured about no change, the threshold " +
            "shaded); p corrected for the number of figures.",
        heads: [
            {text: "Verdict", header: true},
            "Row and metric",
            {text: "BASE", figure: true},
            {text: "NEW", figure: true},
            {text: "Change", figure: true},
            {text: "Interval", picture: true},
            {text: "p", figure: true},
        ],
        body: found.map(judgement => [
            verdictWord(judgement.verdict),
            named(judgement),
            figures(judgement.base),
            figures(judgement.new),
            changeCell(judgement),
            intervalPicture(judgement, reach),
            probability(judgement.p),
        ]),
    });
}

// --- the section of all of them ---

const TELLING = VERDICTS.slice(0, 3);

const byVerdict = (a, b) =>
    VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) || b.change - a.change;

function verdictChoices(chosen, update) {
    const boxes = VERDICTS.map(verdict => {
        const box = element("input", {
            type: "checkbox",
            name: "verdict",
            value: verdict,
            checked: chosen.has(verdict),
        });

        box.addEventListener("change", () => {
            chosen[box.checked ? "add" : "delete"](verdict);
            update();
            noteChoice();
        });
        return element("label", {}, box, verdictWord(verdict));
    });

    choices.push({
        key: "verdict",
        get: () => chosenValues(chosen, TELLING),
        set: values => {
            chosen.clear();
            for (const verdict of values || TELLING) chosen.add(verdict);
            for (const {control} of boxes) control.checked = chosen.has(control.value);
        },
    });
    return element(
        "fieldset",
        {},
        element("legend", {}, "Verdicts"),
        element("div", {class: "choices"}, ...boxes),
    );
}

function changes() {
    const chosen = new Set(TELLING);
    const place = element("div");
    const update = () => {
        const found = shownJudgements()
            .filter(({verdict}) => chosen.has(verdict))
            .sort(byVerdict);

        place.replaceChildren(
            found.length
                ? scrolling(judgementTable(found), "tall")
                : element(
                      "p",
                      {class: "empty"},
                      "The selection has no figure with these verdicts.",
                  ),
        );
    };

    section("changes", "What changed", verdictChoices(chosen, update), place);
    onFilter.push(update);
    update();
}

function comparisonOverview() {
    const place = element("div");
    const update = () => place.replaceChildren(scrolling(countTable()));
    const {headline, notes, onlyBase, onlyNew} = page.comparison;
    const lone = [
        ["BASE", onlyBase],
        ["NEW", onlyNew],
    ]
        .filter(([, names]) => names.length)
        .map(([side, names]) =>
            element(
                "details",
                {},
                element("summary", {}, `${plural(names.length, "row")} only in ${side}`),
                element("ul", {}, ...names.map(name => element("li", {}, name))),
            ),
        );

    section(
        "overview",
        "Overview",
        element("p", {class: "lead"}, headline),
        place,
        element("ul", {class: "facts"}, ...notes.map(note => element("li", {}, note))),
        ...lone,
    );
    onFilter.push(update);
    update();
}

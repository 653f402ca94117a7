// SPDX-License-Identifier: GPL-2.0-only
// Whether a pool serves its CPUs alike: the time of an operation on the slowest of them
// over that on the fastest. A mean does not tell when one CPU waits for the others.

// A chart for each family and number of threads.
function fairnessGroups() {
    const found = shownRows().filter(row => row.unfairness);
    const label = row => `${row.family}, ${row.threads} threads`;

    return [...grouped(found, label)].map(([key, members]) => ({
        key,
        label: key,
        members,
        cases: [...grouped(members, row => caseOf(row)).keys()],
    }));
}

// What tells a row from the others of its family, but for the threads.
function caseOf(row) {
    const free = freeParams(row.family, ["threads"]);

    return words([...row.params].filter(([name]) => free.includes(name))) || row.family;
}

function fairnessDatasets({members, cases}) {
    return [...grouped(members, row => lineOf(row))].map(([, its]) => ({
        ...lookOf(its[0].variant, {dashed: isPair && its[0].set === BASE}),
        label: setName(its[0].set) + its[0].variant,
        showLine: false,
        data: its.map(row => {
            const [middle, low, high] = row.unfairness;

            return {
                x: middle,
                y: cases.indexOf(caseOf(row)),
                text: `${times(middle)} (${times(low)}–${times(high)})`,
            };
        }),
    }));
}

function fairnessTable(group, datasets) {
    return {
        caption:
            "Time per op of the slowest CPU over the fastest's, median " +
            `(lowest–highest launch). ${group.label}.`,
        heads: [
            {text: "Case", header: true},
            ...datasets.map(set => ({text: set.label, figure: true})),
        ],
        body: group.cases.map((name, y) => [
            name,
            ...datasets.map(
                set => (set.data.find(point => point.y === y) || {text: "–"}).text,
            ),
        ]),
    };
}

function fairnessChart(group) {
    const datasets = fairnessDatasets(group);
    const {cases} = group;

    return {
        panels: [
            {
                datasets,
                headOf: point => cases[point.y],
                marks: [{x: 1, text: "all alike"}],
                x: {
                    title: "slowest CPU ÷ fastest",
                    log: true,
                    ...around([1, ...datasets.flatMap(set => set.data.map(({x}) => x))]),
                },
                y: {
                    title: "",
                    min: -0.5,
                    max: cases.length - 0.5,
                    reverse: true,
                    at: cases.map((_, i) => i),
                    tick(i) {
                        const text = cases[i] ?? "";

                        return this.chart.width < 500 ? text.split(", ") : text;
                    },
                },
            },
        ],
        entries: datasets.map(set => [set.label, {...set, borderWidth: 0}]),
        table: fairnessTable(group, datasets),
    };
}

function fairness() {
    if (fairnessGroups().length)
        figure({
            id: "fairness",
            title: "Fairness between CPUs",
            groups: fairnessGroups,
            chart: fairnessChart,
            reading:
                "At the line all CPUs are served alike; to the right one of them waits " +
                "for the others. What null and a pool each (shared 0) show is the " +
                "machine's own.",
        });
}

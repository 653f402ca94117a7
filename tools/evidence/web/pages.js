// SPDX-License-Identifier: GPL-2.0-only
// Which sections each kind of page has, in order; this file starts the page.

function start() {
    head();
    startFilters();
    if (page.kind === "history") {
        trend();
    } else {
        (page.kind === "single"
            ? [overview, allStandings]
            : [comparisonOverview, changes]
        ).forEach(add => add());
        [
            latencyOverSize,
            latencyOverHold,
            scaling,
            fairness,
            distribution,
            memoryOverTime,
            pareto,
        ].forEach(add => add());
        everyFigure();
        fingerprint();
    }
    startTheme();
    startPlace();
}

start();

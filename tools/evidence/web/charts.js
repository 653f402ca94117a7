// SPDX-License-Identifier: GPL-2.0-only
// Chart.js as these pages use it: still, with ranges drawn, axes in plain numbers.

Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;

// A bar through each point from its lowest to its highest launch.
const rangeBars = {
    id: "rangeBars",
    beforeDatasetsDraw(chart) {
        chart.data.datasets.forEach((dataset, i) => {
            if (dataset.ranges)
                drawRanges(chart, dataset, chart.scales[chart.getDatasetMeta(i).yAxisID]);
        });
    },
};

function drawRanges(chart, dataset, scale) {
    const context = chart.ctx;

    context.save();
    context.strokeStyle = dataset.borderColor;
    context.lineWidth = 1;
    for (const point of dataset.data) {
        const x = chart.scales.x.getPixelForValue(point.x);
        const [low, high] = [point.low, point.high].map(v => scale.getPixelForValue(v));

        context.beginPath();
        context.moveTo(x, low);
        context.lineTo(x, high);
        for (const end of [low, high]) {
            context.moveTo(x - 3, end);
            context.lineTo(x + 3, end);
        }
        context.stroke();
    }
    context.restore();
}

// Texts beside points that have one.
const pointNames = {
    id: "pointNames",
    afterDatasetsDraw(chart) {
        chart.data.datasets.forEach((dataset, i) =>
            dataset.data.forEach((point, n) => {
                if (point.name)
                    drawName(chart, point.name, chart.getDatasetMeta(i).data[n]);
            }),
        );
    },
};

function drawName(chart, name, {x, y}) {
    const context = chart.ctx;

    context.save();
    context.font = `12px ${Chart.defaults.font.family}`;
    context.fillStyle = paints().ink;
    context.textBaseline = "middle";
    const fits = x + 12 + context.measureText(name).width < chart.chartArea.right;

    context.textAlign = fits ? "left" : "right";
    context.fillText(name, fits ? x + 10 : x - 10, y - 10);
    context.restore();
}

// Vertical lines at x with a text at the top.
const marks = {
    id: "marks",
    afterDatasetsDraw(chart) {
        const at = chart.options.plugins.marks.at || [];

        at.forEach(mark => drawMark(chart, mark));
    },
};

function drawMark(chart, mark) {
    const context = chart.ctx;
    const x = chart.scales.x.getPixelForValue(mark.x);
    const {top, bottom, right} = chart.chartArea;

    context.save();
    context.strokeStyle = context.fillStyle = paints().ink;
    context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, bottom);
    context.stroke();
    context.font = `12px ${Chart.defaults.font.family}`;
    context.textBaseline = "top";
    context.textAlign = x > right - 60 ? "right" : "left";
    context.fillText(mark.text, x + (x > right - 60 ? -4 : 4), top);
    context.restore();
}

Chart.register(rangeBars, pointNames, marks);

// --- axes ---

// 1, 2 and 5 of each decade; of many decades only 1.
function isRound(value, scale) {
    const leading = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
    const wanted = scale.max / scale.min > 5e3 ? [1] : [1, 2, 5];

    return wanted.includes(Math.round(leading * 1e6) / 1e6);
}

// A step of 1, 2 or 5 of a decade, five of which reach over the span, about.
function roundStep(span) {
    const decade = 10 ** Math.floor(Math.log10(span / 5));

    return decade * [1, 2, 5, 10].find(part => part * decade >= span / 5);
}

// The ticks of a logarithmic axis that is too short for decades.
function closeTicks({log, at, min, max}) {
    if (!log || at || !(max / min < 8)) return at;
    const step = roundStep(max - min);
    const first = Math.ceil(min / step);

    return Array.from(
        {length: Math.floor(max / step) - first + 1},
        (_, i) => (first + i) * step,
    );
}

// Limits a little outside the values, for a logarithmic axis.
const around = values => ({
    min: Math.min(...values) * 0.8,
    max: Math.max(...values) * 1.25,
});

// {title, log, at: the only ticks, tick: value => text, min, max, reverse}
function axis(spec, paint) {
    const at = closeTicks(spec);
    const text =
        spec.tick ||
        function (value) {
            return spec.log && !at && !isRound(value, this) ? "" : short(value);
        };

    return {
        type: spec.log ? "logarithmic" : "linear",
        min: spec.min,
        max: spec.max,
        reverse: spec.reverse,
        title: {display: true, text: spec.title, color: paint.ink},
        grid: {
            color: ({tick}) => (tick && tick.label === "" ? "transparent" : paint.rule),
            borderColor: paint.faint,
            drawTicks: false,
        },
        ticks: {
            color: paint.faint,
            padding: 6,
            callback: text,
            maxRotation: 0,
            autoSkip: !spec.log || Boolean(at),
            autoSkipPadding: 12,
        },
        afterBuildTicks: scale => {
            if (at) scale.ticks = at.map(value => ({value}));
        },
    };
}

function tooltip(spec, paint) {
    return {
        backgroundColor: paint.ground,
        borderColor: paint.faint,
        borderWidth: 1,
        titleColor: paint.ink,
        bodyColor: paint.ink,
        footerColor: paint.ink,
        usePointStyle: true,
        boxPadding: 6,
        callbacks: {
            title: items => (items.length ? spec.headOf(items[0].raw) : ""),
            label: item => `${item.dataset.label}: ${item.raw.text}`,
        },
    };
}

// panel: {datasets, x, y, headOf: point => text, marks}; more of Chart.js's options.
function draw(canvas, panel, more = {}) {
    const paint = paints();

    Chart.defaults.font.family = paint.font;
    Chart.defaults.font.size = 12;
    return new Chart(canvas, {
        type: "scatter",
        data: {datasets: panel.datasets},
        options: {
            ...more,
            interaction: {mode: "nearest", intersect: false},
            scales: {x: axis(panel.x, paint), y: axis(panel.y, paint)},
            plugins: {
                legend: {display: false},
                tooltip: tooltip(panel, paint),
                marks: {at: panel.marks},
            },
        },
    });
}

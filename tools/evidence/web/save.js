// SPDX-License-Identifier: GPL-2.0-only
// A figure as a picture to keep: its title, charts, key and where it is from, the same
// whatever the window's width, and finer than a screen.

const FINE = 2; // dots of the picture for one of the screen
const SHEET = {width: 1000, margin: 24, line: 22, sample: 34, text: 40};
const PANEL = {
    one: {columns: 1, width: 952, height: 460, title: 0},
    many: {columns: 3, width: 304, height: 200, title: 22},
};

// Lines of words that fit; a word that is too long has one of its own.
function wrapped(context, text, width) {
    const lines = [""];

    for (const word of text.split(" ")) {
        const longer = `${lines[lines.length - 1]} ${word}`.trim();

        if (context.measureText(longer).width <= width) lines.splice(-1, 1, longer);
        else lines.push(word);
    }
    return lines.filter(Boolean);
}

// Where the key's entries stand: side by side, as many as fit.
function keyPlaces(context, entries) {
    const room = SHEET.width - 2 * SHEET.margin;
    let [x, y] = [0, 0];

    return entries.map(([text, look]) => {
        const width = Math.min(room, SHEET.text + context.measureText(text).width);

        if (x && x + width > room) [x, y] = [0, y + SHEET.line];
        const place = {text, look, x, y, width};

        x += width + 20;
        return place;
    });
}

function drawKey(context, places, top) {
    for (const {text, look, x, y, width} of places) {
        const sample = element("canvas");
        const left = SHEET.margin + x;

        paintSwatch(sample, look, FINE);
        context.drawImage(sample, left, top + y + 2, SHEET.sample, 14);
        context.fillText(text, left + SHEET.text, top + y, width - SHEET.text);
    }
}

function drawPanels(context, panels, size, top) {
    panels.forEach((panel, i) => {
        const canvas = element("canvas", {width: size.width, height: size.height});
        const x = SHEET.margin + (i % size.columns) * (size.width + 20);
        const y = top + Math.floor(i / size.columns) * (size.title + size.height + 16);

        if (panel.title) context.fillText(panel.title, x, y, size.width);
        draw(canvas, panel, {responsive: false, devicePixelRatio: FINE}).stop();
        context.drawImage(canvas, x, y + size.title, size.width, size.height);
        Chart.getChart(canvas).destroy();
    });
}

// A sheet of that height, in the page's colours, with its font set.
function sheet(height) {
    const canvas = element("canvas", {width: SHEET.width * FINE, height: height * FINE});
    const context = canvas.getContext("2d");
    const paint = paints();

    context.scale(FINE, FINE);
    context.fillStyle = paint.ground;
    context.fillRect(0, 0, SHEET.width, height);
    context.fillStyle = paint.ink;
    context.font = `15px ${paint.font}`;
    context.textBaseline = "top";
    return context;
}

// The figure as a canvas.
function picture(spec, group) {
    const {panels, entries} = spec.chart(group);
    const size = panels.length > 1 ? PANEL.many : PANEL.one;
    const text = [spec.title, group.label].filter(Boolean).join(": ");
    const lines = wrapped(sheet(1), text, SHEET.width - 2 * SHEET.margin);
    const places = keyPlaces(sheet(1), entries);
    const top = SHEET.margin + lines.length * SHEET.line + 8;
    const rows = Math.ceil(panels.length / size.columns);
    const keyTop = top + rows * (size.title + size.height + 16);
    const end = keyTop + Math.max(0, ...places.map(({y}) => y)) + SHEET.line + 8;
    const context = sheet(end + SHEET.line + SHEET.margin);

    lines.forEach((line, i) =>
        context.fillText(line, SHEET.margin, SHEET.margin + i * SHEET.line),
    );
    drawPanels(context, panels, size, top);
    drawKey(context, places, keyTop);
    context.fillStyle = paints().faint;
    context.fillText(`dmapool-bench, ${page.title}`, SHEET.margin, end);
    return context.canvas;
}

function saveButton(spec, group) {
    const button = element(
        "button",
        {type: "button", class: "plain", "aria-label": `Save as PNG: ${spec.title}`},
        "Save as PNG",
    );
    const name = `${page.title}-${spec.id}`.replace(/[^\w.-]+/g, "-").slice(-100);

    button.addEventListener("click", () =>
        picture(spec, group).toBlob(blob => {
            const href = URL.createObjectURL(blob);

            element("a", {href, download: `${name}.png`}).click();
            setTimeout(() => URL.revokeObjectURL(href), 60000);
        }),
    );
    return button;
}

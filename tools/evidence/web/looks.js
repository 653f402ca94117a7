// SPDX-License-Identifier: GPL-2.0-only
// Light and dark, and how a variant looks: its colour, its marker, its sample in a key.

const variants = new Map(page.variants.map(variant => [variant.name, variant]));
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const onTheme = [];

const isDark = () =>
    (document.documentElement.dataset.theme ||
        (systemIsDark.matches ? "dark" : "light")) === "dark";

const colourOf = variant =>
    isDark() ? variants.get(variant).onDark : variants.get(variant).colour;

// The colours of the style sheet, for what is painted.
function paints() {
    const style = getComputedStyle(document.body);
    const resolve = name => {
        const probe = element("span", {hidden: true});

        probe.style.color = `var(${name})`;
        document.body.append(probe);
        const colour = getComputedStyle(probe).color;

        probe.remove();
        return colour;
    };

    return {
        ground: style.backgroundColor,
        ink: style.color,
        font: style.fontFamily,
        faint: resolve("--faint"),
        rule: resolve("--rule"),
    };
}

// What a chart's dataset needs to look like a variant.
function lookOf(variant, {dashed = false, thin = false} = {}) {
    const its = variants.get(variant);
    const colour = colourOf(variant);

    return {
        borderColor: colour,
        borderWidth: thin ? 1 : Math.max(1, its.width * 0.8),
        borderDash: dashed ? [6, 4] : [],
        pointStyle: its.shape,
        pointRotation: its.turn,
        pointRadius: 4.5,
        pointHoverRadius: 6,
        pointBorderColor: colour,
        pointBorderWidth: 1.5,
        pointBackgroundColor: its.open || dashed ? paints().ground : colour,
    };
}

// A piece of the line with its marker, as the charts draw it.
function paintSwatch(canvas, look, ratio = devicePixelRatio || 1) {
    const context = canvas.getContext("2d");

    canvas.width = 34 * ratio;
    canvas.height = 14 * ratio;
    context.scale(ratio, ratio);
    context.strokeStyle = look.borderColor;
    context.lineWidth = look.borderWidth;
    context.setLineDash(look.borderDash);
    context.beginPath();
    context.moveTo(1, 7);
    context.lineTo(33, 7);
    if (look.borderWidth) context.stroke();
    context.setLineDash([]);
    if (!look.pointStyle) return;
    context.fillStyle = look.pointBackgroundColor;
    context.lineWidth = look.pointBorderWidth;
    Chart.helpers.drawPoint(
        context,
        {
            pointStyle: look.pointStyle,
            radius: 4.5,
            rotation: look.pointRotation,
            borderWidth: look.pointBorderWidth,
        },
        17,
        7,
    );
}

function swatch(look) {
    const canvas = element("canvas", {class: "swatch", "aria-hidden": "true"});

    paintSwatch(canvas, look);
    return canvas;
}

// --- the switch ---

function showTheme() {
    byId("theme").textContent = isDark() ? "Light colours" : "Dark colours";
    onTheme.forEach(redraw => redraw());
}

function startTheme() {
    byId("theme").addEventListener("click", () => {
        document.documentElement.dataset.theme = isDark() ? "light" : "dark";
        showTheme();
    });
    systemIsDark.addEventListener("change", showTheme);
    showTheme();
}

// SPDX-License-Identifier: GPL-2.0-only
// Tables: sorted by the column whose head is pressed, and copied as Markdown or CSV. Both
// read the cells, so that what is sorted and copied is what stands there.

function cell(content, head, figure, header) {
    const attributes = {
        class: figure ? "figure" : undefined,
        "data-head": head || undefined,
        scope: header ? "row" : undefined,
    };

    return element(
        header ? "th" : "td",
        attributes,
        ...(Array.isArray(content) ? content : [content ?? "–"]),
    );
}

function topCell(head) {
    return element(
        "th",
        {
            scope: "col",
            class: head.figure ? "figure" : head.picture ? "picture" : undefined,
        },
        head.text,
    );
}

const bodyCells = (line, columns) =>
    line.map((content, i) =>
        cell(
            content,
            columns[i].header ? "" : columns[i].text,
            columns[i].figure,
            columns[i].header,
        ),
    );

// heads: {text, figure, header, picture} or a text, a column each; body: rows of texts
// or nodes; ids: of the rows, where they are places to link to. By its name a sorting is
// remembered when the table is made again.
function table({name, caption, heads, body, ids = [], kind = "wide"}) {
    const columns = heads.map(head => (typeof head === "string" ? {text: head} : head));
    const made = element(
        "table",
        {class: kind},
        element("caption", {}, caption),
        element("thead", {}, element("tr", {}, ...columns.map(topCell))),
        element(
            "tbody",
            {},
            ...body.map((line, i) =>
                element("tr", {id: ids[i]}, ...bodyCells(line, columns)),
            ),
        ),
    );

    if (body.length > 1) makeSortable(made, name);
    return made;
}

// --- sorting ---

const NUMBER = /([+−-]?)(\d[\d.]*)([kMGT]?)/;
const collator = new Intl.Collator("en", {numeric: true});
const sortedBy = new Map(); // {head, down} by a table's name

// The first number in a text, and what it is called for: "12.3k (11k–13k)" is 12300.
function valueOf(text) {
    const [, sign, digits, unit] = NUMBER.exec(text) || [];

    if (digits === undefined) return undefined;
    const value = Number((digits * 1000 ** " kMGT".indexOf(unit || " ")).toPrecision(12));

    return sign && sign !== "+" ? -value : value;
}

const firstText = cell => (cell.firstChild ? cell.firstChild.textContent : "");

const keyOf = cell =>
    cell.classList.contains("figure")
        ? valueOf(firstText(cell))
        : cell.textContent || undefined;

// Up or down; what has no value is last either way.
function compareKeys(a, b, down) {
    if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);
    const order = typeof a === "number" ? a - b : collator.compare(a, b);

    return down ? -order : order;
}

function sorted(lines, column, down) {
    return column < 0
        ? lines
        : [...lines].sort((a, b) =>
              compareKeys(keyOf(a.cells[column]), keyOf(b.cells[column]), down),
          );
}

// Up, down, and as it was.
function nextSorting(now, head) {
    if (!now || now.head !== head) return {head, down: false};
    return now.down ? undefined : {head, down: true};
}

function makeSortable(made, name) {
    const lines = [...made.tBodies[0].rows];
    const heads = [...made.tHead.rows[0].cells].filter(
        head => !head.classList.contains("picture"),
    );
    const apply = () => {
        const {head: chosen, down} = sortedBy.get(name) || {};
        const by = heads.find(head => head.textContent === chosen);

        for (const head of heads) head.removeAttribute("aria-sort");
        if (by) by.setAttribute("aria-sort", down ? "descending" : "ascending");
        made.tBodies[0].append(...sorted(lines, by ? by.cellIndex : -1, down));
    };

    made.classList.add("sortable");
    for (const head of heads) {
        const text = head.textContent;
        const button = element("button", {type: "button", class: "sort"}, text);

        button.addEventListener("click", () => {
            sortedBy.set(name, nextSorting(sortedBy.get(name), text));
            apply();
        });
        head.replaceChildren(button);
    }
    apply();
}

// --- copying ---

const cellText = cell =>
    [...cell.childNodes]
        .map(node => node.textContent.replace(/\s+/g, " ").trim())
        .filter(Boolean)
        .join(", ");

// The table's cells but for those that are pictures, the heads first.
function copied(made) {
    const heads = [...made.tHead.rows[0].cells];

    return [...made.rows].map(line =>
        [...line.cells].filter((_, i) => !heads[i].classList.contains("picture")),
    );
}

// Words and figures stand as they are. Anything else becomes code, in which nothing is a
// link, a name that notifies somebody, HTML or markup.
function markdownText(text) {
    if (/^(?:[a-z0-9 ,()×÷–−±%+-]|(?<=\d)\.(?=\d))*$/i.test(text)) return text;
    const longest = Math.max(0, ...(text.match(/`+/g) || []).map(run => run.length));
    const fence = "`".repeat(longest + 1);
    const pad = longest ? " " : "";

    return fence + pad + text.replaceAll("|", "\\|") + pad + fence;
}

function asMarkdown(made) {
    const [heads, ...lines] = copied(made);
    const line = texts => `| ${texts.join(" | ")} |`;

    return [
        line(heads.map(cell => markdownText(cellText(cell)))),
        line(heads.map(cell => (cell.classList.contains("figure") ? "--:" : "---"))),
        ...lines.map(cells => line(cells.map(cell => markdownText(cellText(cell))))),
        "",
    ].join("\n");
}

// A figure alone becomes a plain number. What a spreadsheet would take for a formula gets
// an apostrophe, which makes it a text.
function csvText(text) {
    if (text === "–") return "";
    if (/^×?\d[\d.]*[kMGT]?$/.test(text)) return String(valueOf(text));
    const formula = /^[=+\-@]/.test(text) && !/^[+-]\d[\d.]* %$/.test(text);
    const safe = formula ? `'${text}` : text;

    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const asCsv = made =>
    copied(made)
        .map(cells => `${cells.map(cell => csvText(cellText(cell))).join(",")}\n`)
        .join("");

// To the clipboard; where the browser refuses that, into a box to copy from.
async function copy(text, answer) {
    try {
        await navigator.clipboard.writeText(text);
        answer.replaceChildren("Copied.");
    } catch {
        const box = element("textarea", {rows: 6, readonly: true, title: "To copy"});

        box.value = text;
        answer.replaceChildren("The browser gives no clipboard: copy this.", box);
        box.select();
    }
}

function copyButtons(made) {
    const answer = element("span", {role: "status"});
    const button = (what, write) => {
        const its = element(
            "button",
            {type: "button", class: "plain", "aria-label": `Copy the table as ${what}`},
            what,
        );

        its.addEventListener("click", () => copy(write(made), answer));
        return its;
    };

    return element(
        "div",
        {class: "tools"},
        "Copy as",
        button("Markdown", asMarkdown),
        button("CSV", asCsv),
        answer,
    );
}

// A table that may be wider than the page scrolls by itself, by keyboard too.
const scrolling = (made, kind = "") =>
    element(
        "div",
        {class: "tabled"},
        element(
            "div",
            {
                class: `scroll ${kind}`,
                role: "region",
                tabindex: 0,
                "aria-label": made.caption.textContent,
            },
            made,
        ),
        copyButtons(made),
    );

// SPDX-License-Identifier: GPL-2.0-only
// Where a reader is, kept in the address: "#rows?variant=null&threads=2" is a place on
// the page and what is chosen there. It can be sent along with the file, and the back
// button undoes a choice. All is in the fragment, which a file's address may have.

// {key, get: () => values, or null as long as all is as it was, set: values => …}
const choices = [];
// Called with the name of a place that may have to be made first.
const onVisit = [];
let visited = "";

// Some of several values; "" stands for none of them.
const chosenValues = (chosen, initial) =>
    chosen.size === initial.length && initial.every(value => chosen.has(value))
        ? null
        : chosen.size
          ? [...chosen]
          : [""];

function chosenQuery() {
    const query = new URLSearchParams();

    for (const {key, get} of choices)
        for (const value of get() || []) query.append(key, value);
    return String(query);
}

const nameInAddress = id => encodeURI(id).replace(/[?#]/g, encodeURIComponent);

function addressOf(id) {
    const query = chosenQuery();

    return `#${nameInAddress(id)}${query && "?"}${query}`;
}

// A name that somebody has cut or typed wrongly is no place here.
function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return "";
    }
}

function readAddress() {
    const [name, ...rest] = location.hash.slice(1).split("?");

    return {id: decoded(name), query: new URLSearchParams(rest.join("?"))};
}

// --- links ---

const linkTo = (id, ...content) =>
    element("a", {href: addressOf(id), "data-to": id}, ...content);

function renewLinks() {
    for (const link of document.querySelectorAll("a[data-to]"))
        link.setAttribute("href", addressOf(link.dataset.to));
}

// --- going there ---

// After the reader has chosen something.
function noteChoice() {
    renewLinks();
    if (addressOf(visited) !== (location.hash || "#"))
        history.pushState(null, "", addressOf(visited));
}

function markVisited(place) {
    for (const other of document.querySelectorAll(".visited"))
        other.classList.remove("visited");
    place.classList.add("visited");
    for (let at = place.closest("details"); at; at = at.parentElement.closest("details"))
        at.open = true;
    place.tabIndex = -1;
    place.focus({preventScroll: true});
    place.scrollIntoView();
}

function visit(id) {
    visited = id;
    onVisit.forEach(prepare => prepare(id));
    const place = id && byId(id);

    if (place && byId("content").contains(place)) markVisited(place);
}

// What the address says: on arrival, after a link, after the back button.
function followAddress() {
    const {id, query} = readAddress();

    if (String(query) !== chosenQuery()) {
        for (const {key, set} of choices) set(query.has(key) ? query.getAll(key) : null);
        showChosen();
        renewLinks();
    }
    if (id !== visited) visit(id);
}

function startPlace() {
    addEventListener("hashchange", followAddress);
    // A second press of the same link changes no address.
    document.addEventListener("click", ({target}) => {
        const link = target.closest("a[data-to]");

        if (link && link.hash === location.hash) visit(link.dataset.to);
    });
    followAddress();
}

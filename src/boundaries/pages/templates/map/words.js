// Numbers and names as people read them, and the only way text gets into the page: as text.

const DASH = "–";
const COUNT = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

function people(count) {
  if (count === null || count === undefined || Number.isNaN(count)) return DASH;
  if (count === -1) return "*";
  const shown = COUNT.format(Math.round(Math.abs(count)));
  return count < 0 && shown !== "0" ? `−${shown}` : shown;
}

function signed(difference) {
  const shown = COUNT.format(Math.round(Math.abs(difference)));
  if (shown === "0") return "0";
  return (difference < 0 ? "−" : "+") + shown;
}

// Never rounded up to everything, nor down to nothing.
function share(value, digits = 1) {
  if (value === null || value === undefined || Number.isNaN(value)) return DASH;
  const step = 10 ** -digits;
  let shown = Number((value * 100).toFixed(digits));
  if (shown >= 100 && value < 1) shown = 100 - step;
  if (shown <= 0 && value > 0) shown = step;
  return `${shown.toFixed(digits)}%`;
}

// What an option is there for: only what is proposed is up for discussion (boundaries.run.run.Option).
function standing(option) {
  if (option.family === "as-is") return "Today";
  if (option.family === "as-is-grouped") return "Today’s areas, grouped";
  return ["best-fit", "closest"].includes(option.family) ? "Not proposed" : "Option for discussion";
}

// The first option that is up for discussion, to hold beside today.
function firstProposed() {
  const at = data.options.findIndex((option) => standing(option) === "Option for discussion");
  return at < 0 ? Math.min(1, data.options.length - 1) : at;
}

// A bound is rounded up: two digits below 0.1%, else one (boundaries.run.shown.gap_words).
function gapShare(gap) {
  const digits = gap === 0 || gap >= 0.001 ? 1 : 2;
  const steps = Math.ceil(Number((gap * 100 * 10 ** digits).toFixed(6)));
  return `${(steps / 10 ** digits).toFixed(digits)}%`;
}

function points(difference) {
  const shown = Math.abs(difference * 100).toFixed(1);
  if (shown === "0.0") return "0.0";
  return (difference < 0 ? "−" : "+") + shown;
}

function counted(count, noun, plural = `${noun}s`) {
  return `${people(count)} ${count === 1 ? noun : plural}`;
}

const practiceName = (p) => data.practices.name[p] || data.practices.code[p];
const pcnName = (c) => (c < 0 ? "no PCN" : data.pcns.name[c] || data.pcns.code[c]);
const lsoaName = (a) => data.lsoas.name[a] || data.lsoas.code[a];

// el("p", {class: "note"}, "text", child): attributes by name, "on…" as listeners, text as text.
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  setAll(node, attributes);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAll(node, attributes);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function setAll(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
}

// table("Caption", ["Name", {n: "People"}], rows): cells are text or nodes; {n: …} aligns as a number.
function table(caption, heads, rows) {
  const isNumber = heads.map((head) => typeof head === "object" && "n" in head);
  const cell = (content, at) =>
    at === 0 ? el("th", { scope: "row" }, content) : el("td", { class: isNumber[at] ? "n" : null }, content);
  return el(
    "table",
    {},
    caption && el("caption", {}, caption),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        heads.map((head, at) =>
          el("th", { scope: "col", class: isNumber[at] ? "n" : null }, isNumber[at] ? head.n : head),
        ),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((row) => (row instanceof Node ? row : el("tr", {}, row.map(cell)))),
    ),
  );
}

function link(text, act, attributes = {}) {
  return el("button", { type: "button", class: "link", onclick: act, ...attributes }, text);
}

function say(text) {
  document.getElementById("said").textContent = text;
}

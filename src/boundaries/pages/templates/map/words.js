// Names as people read them, and the only way text gets into the page: as text.

import { lsoaNameIn, pcnNameIn, practiceNameIn } from "./core/called.js";
import { data } from "./data.js";

// What an option is there for: only what is proposed is up for discussion (boundaries.run.run.Option).
export function standing(option) {
  if (option.family === "as-is") return "Today";
  if (option.family === "as-is-grouped") return "Today’s areas, grouped";
  return ["best-fit", "closest"].includes(option.family) ? "Not proposed" : "Option for discussion";
}

// The first option that is up for discussion, to hold beside today.
export function firstProposed() {
  const at = data.options.findIndex((option) => standing(option) === "Option for discussion");
  return at < 0 ? Math.min(1, data.options.length - 1) : at;
}

export const practiceName = (p) => practiceNameIn(data, p);
export const pcnName = (c) => pcnNameIn(data, c);
export const lsoaName = (a) => lsoaNameIn(data, a);

// el("p", {class: "note"}, "text", child): attributes by name, "on…" as listeners, text as text.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  setAll(node, attributes);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAll(node, attributes);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function setAll(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
}

// table("Caption", ["Name", {n: "People"}], rows): cells are text or nodes; {n: …} aligns as a number.
export function table(caption, heads, rows) {
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

export function link(text, act, attributes = {}) {
  return el("button", { type: "button", class: "link", onclick: act, ...attributes }, text);
}

export function say(text) {
  document.getElementById("said").textContent = text;
}

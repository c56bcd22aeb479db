// Find a practice by name, code or postcode, an LSOA, or a PCN: a combobox, by key or pointer.

import { data } from "./data.js";
import { pick, toggleLayer, views } from "./main.js";
import { change, state } from "./state.js";
import { el, lsoaName, pcnName, practiceName } from "./words.js";

const MOST_FOUND = 12;

export function makeSearch() {
  const box = document.getElementById("find"),
    list = document.getElementById("found");
  const entries = searchEntries();
  let found = [],
    active = -1;

  function show(rows) {
    found = rows;
    active = rows.length ? 0 : -1;
    list.replaceChildren(
      ...(rows.length
        ? rows.map((row, at) =>
            el(
              "li",
              {
                role: "option",
                id: `found-${at}`,
                "aria-selected": String(at === active),
                onmousedown: (event) => {
                  event.preventDefault();
                  choose(at);
                },
              },
              row.name,
              el("span", { class: "why" }, row.also),
            ),
          )
        : [el("li", { role: "option", "aria-selected": "false", "aria-disabled": "true" }, "Nothing found")]),
    );
    open(box.value.trim().length > 0);
  }

  function open(yes) {
    list.hidden = !yes;
    box.setAttribute("aria-expanded", String(yes));
    if (yes && active >= 0) box.setAttribute("aria-activedescendant", `found-${active}`);
    else box.removeAttribute("aria-activedescendant");
  }

  function step(by) {
    if (!found.length) return;
    active = (active + by + found.length) % found.length;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === active)));
    list.children[active].scrollIntoView({ block: "nearest" });
    open(true);
  }

  function choose(at) {
    if (!found[at]) return;
    open(false);
    box.value = found[at].name;
    if (state.view === "tables") change({ view: "map" });
    if (found[at].kind === "practice" && !state.layers.has("practices")) toggleLayer("practices", true);
    showPlace(found[at]);
    pick(found[at].kind, found[at].at);
  }

  box.addEventListener("input", () => show(findEntries(entries, box.value)));
  box.addEventListener("blur", () => open(false));
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter") choose(active);
    else if (event.key === "Escape" && !list.hidden) {
      open(false);
      event.stopPropagation();
    } else return;
    event.preventDefault();
  });
}

function searchEntries() {
  const plain = (text) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, " ")
      .trim();
  const entry = (kind, at, name, also) => ({
    kind,
    at,
    name,
    also,
    words: ` ${plain(`${name} ${also}`)}`,
    packed: plain(also).replace(/ /g, ""),
  });
  return [
    ...data.practices.code.map((code, p) =>
      entry("practice", p, practiceName(p), `${code} ${data.practices.postcode[p]}`),
    ),
    ...data.pcns.code.map((code, c) => entry("pcn", c, pcnName(c), `PCN ${code}`)),
    ...data.lsoas.code.map((code, a) => entry("lsoa", a, lsoaName(a), code)),
  ];
}

// Every word typed must begin a word of the name; a code or postcode may be typed without its space.
function findEntries(entries, typed) {
  const words = typed
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim()
    .split(" ")
    .filter(Boolean);
  if (!words.length) return [];
  const packed = words.join("");
  return entries
    .filter(
      (entry) =>
        words.every((word) => entry.words.includes(` ${word}`)) ||
        (packed.length > 2 && entry.packed.includes(packed)),
    )
    .slice(0, MOST_FOUND);
}

function showPlace({ kind, at }) {
  const { map } = views[0];
  const point = kind === "practice" ? data.practices.point[at] : kind === "lsoa" ? data.lsoas.at[at] : null;
  if (point && !map.getBounds().pad(-0.15).contains(point)) map.panTo(point, { animate: false });
  if (point && data.lsoas.count > 1000 && map.getZoom() < 13) map.setView(point, 13, { animate: false });
}

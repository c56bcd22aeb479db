// Two options side by side on linked maps, and what differs between two of them.

import { seen } from "./core/decode.js";
import { DASH, people, points, share, signed } from "./core/rounding.js";
import { data } from "./data.js";
import { facts, practiceLink } from "./details.js";
import { addView, views } from "./main.js";
import { legendSection, movesSection } from "./panel.js";
import { sameNeighbourhood } from "./plans.js";
import { change, select, state } from "./state.js";
import { trial } from "./tryit.js";
import { el, link, lsoaName, pcnName, standing, table } from "./words.js";

export function addSecondMap() {
  const map = L.map(document.querySelector("#pane-b .second-map"), {
    zoomControl: false,
    zoomSnap: 0.1,
    minZoom: 8,
    maxZoom: 18,
    zoomAnimation: map_boundaries.options.zoomAnimation,
    fadeAnimation: map_boundaries.options.fadeAnimation,
  });
  map.setView(views[0].map.getCenter(), views[0].map.getZoom());
  addView(map);
  const follow = (from, to) =>
    from.on("move", () => {
      if (from.following) return;
      to.following = true;
      to.setView(from.getCenter(), from.getZoom(), { animate: false });
      to.following = false;
    });
  follow(views[0].map, map);
  follow(map, views[0].map);
}

export function optionChooser(name, current, act) {
  return el(
    "select",
    { "aria-label": name, onchange: (event) => act(Number(event.target.value)) },
    data.options.map((option, at) => el("option", { value: at, selected: at === current }, option.title)),
  );
}

export function drawHeads() {
  const [a, b] = [document.querySelector("#pane-a .pane-head"), document.querySelector("#pane-b .pane-head")];
  const held = document.activeElement?.closest(".pane-head")
    ? document.activeElement.getAttribute("aria-label")
    : null;
  const tag = (at) => el("span", { class: "tag standing" }, standing(data.options[at]));
  if (state.view === "try" && trial.plan)
    a.replaceChildren(el("strong", {}, trial.plan.title), el("span", { class: "tag" }, "Your own trial"));
  else if (state.view === "changes") {
    a.replaceChildren(
      el("span", {}, "From"),
      optionChooser("From option", state.option, (option) => change({ option })),
      el("span", {}, "to"),
      optionChooser("To option", state.other, (other) => change({ other })),
      tag(state.other),
    );
  } else
    a.replaceChildren(
      optionChooser(state.view === "compare" ? "Option on the left" : "Option", state.option, (option) =>
        change({ option }),
      ),
      tag(state.option),
    );
  b.replaceChildren(
    optionChooser("Option on the right", state.other, (other) => change({ other })),
    tag(state.other),
  );
  if (held)
    [...document.querySelectorAll(".pane-head select")]
      .find((node) => node.getAttribute("aria-label") === held)
      ?.focus();
}

export function compareSections() {
  const [left, right] = [data.options[state.option], data.options[state.other]];
  return [
    compareSection(left, right),
    movesSection(left, "Left"),
    movesSection(right, "Right"),
    legendSection(left, "Neighbourhoods, left", false),
    legendSection(right, "Neighbourhoods, right"),
  ].filter(Boolean);
}

function compareSection(left, right) {
  const row = (name, of, shown = people, differ = signed) => [
    name,
    shown(of(left.summary)),
    shown(of(right.summary)),
    differ(of(right.summary) - of(left.summary)),
  ];
  return el(
    "section",
    { "aria-label": "Both options" },
    el("h2", {}, "Side by side"),
    table(
      `${left.title}, and ${right.title}`,
      ["Measure", { n: "Left" }, { n: "Right" }, { n: "Difference" }],
      [
        row(
          "Patients who live in the neighbourhood of their practice",
          (summary) => summary.alignment,
          share,
          points,
        ),
        row("Practices that change PCN", (summary) => summary.practices_moved),
        row("Their patients", (summary) => summary.patients_moved),
        row("Pairs of neighbouring LSOAs parted", (summary) => summary.pairs_parted),
        ...data.teams.map((team) => teamRow(team, left, right)),
        row("Neighbourhoods", (summary) => summary.neighbourhoods),
        row("Fewest residents", (summary) => summary.residents_min),
        row("Most residents", (summary) => summary.residents_max),
      ],
    ),
    el(
      "div",
      { class: "row" },
      el("button", { type: "button", onclick: () => change({ view: "changes" }) }, "Show only what differs"),
    ),
  );
}

// Residents whose team would change; today, where nothing changes, there is no such figure.
function teamRow(team, left, right) {
  const of = (option) =>
    option.family === "as-is" ? null : seen(option.summary[`residents_changing_${team.key}`] || 0);
  const [one, other] = [of(left), of(right)];
  return [
    `Residents changing team: ${team.label}`,
    people(one),
    people(other),
    one === null || other === null ? DASH : signed(other - one),
  ];
}

// LSOAs and practices whose neighbourhood, and practices whose PCN, differ between the two options.
export function differences() {
  const from = data.options[state.option],
    to = data.options[state.other];
  const lsoas = new Set(),
    practices = new Set();
  to.lsoas.forEach((n, a) => {
    if (!sameNeighbourhood(from, from.lsoas[a], to, n)) lsoas.add(a);
  });
  to.practices.forEach((n, p) => {
    if (!sameNeighbourhood(from, from.practices[p], to, n) || from.pcn[p] !== to.pcn[p]) practices.add(p);
  });
  return { lsoas, practices };
}

export function changesSection() {
  const from = data.options[state.option],
    to = data.options[state.other];
  const { lsoas, practices } = differences();
  const residents = [...lsoas].reduce((sum, a) => sum + seen(data.lsoas.residents[a]), 0);
  const movers = [...practices].filter((p) => from.pcn[p] !== to.pcn[p]);
  const patients = movers.reduce((sum, p) => sum + seen(data.practices.list[p]), 0);
  const name = (plan, n) => (n < 0 ? "none" : plan.names[n]);
  return el(
    "section",
    { "aria-label": "What changes" },
    el("h2", {}, `From “${from.title}” to “${to.title}”`),
    facts([
      ["LSOAs in another neighbourhood", `${lsoas.size} of ${data.lsoas.count}`],
      ["Their residents", people(residents)],
      ["Practices in another neighbourhood or PCN", people(practices.size)],
      ["… of which change PCN", `${movers.length} (${people(patients)} patients)`],
      [
        "Alignment",
        `${share(from.summary.alignment)} → ${share(to.summary.alignment)} (${points(to.summary.alignment - from.summary.alignment)} points)`,
      ],
    ]),
    el(
      "p",
      { class: "aside" },
      "Coloured areas are those that change, in the colour of the neighbourhood they go to.",
    ),
    table(
      "Practices that change",
      ["Practice", "Neighbourhood", "PCN"],
      [...practices].map((p) => [
        practiceLink(p),
        `${name(from, from.practices[p])} → ${name(to, to.practices[p])}`,
        from.pcn[p] === to.pcn[p] ? "the same" : `${pcnName(from.pcn[p])} → ${pcnName(to.pcn[p])}`,
      ]),
    ),
    el("h3", {}, "LSOAs that change"),
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "LSOAs that change" },
      table(
        null,
        ["LSOA", "From", "To", { n: "Residents" }],
        [...lsoas]
          .slice(0, 400)
          .map((a) => [
            link(lsoaName(a), () => select("lsoa", a)),
            name(from, from.lsoas[a]),
            name(to, to.lsoas[a]),
            people(data.lsoas.residents[a]),
          ]),
      ),
      lsoas.size > 400
        ? el("p", { class: "aside" }, `… and ${lsoas.size - 400} more: see each option's LSOA table.`)
        : null,
    ),
  );
}

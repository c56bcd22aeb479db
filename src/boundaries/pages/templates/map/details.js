// What one thing is: a practice, an LSOA, a neighbourhood, a PCN. Opened by click, tap or Enter.

import { seen } from "./core/decode.js";
import { teamAnchors } from "./core/measures.js";
import { counted, people, share } from "./core/rounding.js";
import { data } from "./data.js";
import { alignmentOfLsoas, fillLegend } from "./fills.js";
import { views } from "./main.js";
import { shownPlan } from "./plans.js";
import { homeColour, standsAway } from "./practices.js";
import { settledRow } from "./settled.js";
import { select, state } from "./state.js";
import {
  pcnChanges,
  pcnLadder,
  pcnMoves,
  pcnStory,
  pcnTeams,
  practiceLadder,
  practiceStory,
} from "./story.js";
import { practiceSymbol } from "./symbols.js";
import { el, link, lsoaName, pcnName, practiceName, table } from "./words.js";

export function detailsSection() {
  const { kind, at } = state.selected;
  const plan = shownPlan();
  const made = {
    practice: practiceDetails,
    lsoa: lsoaDetails,
    neighbourhood: neighbourhoodDetails,
    pcn: pcnDetails,
  }[kind](plan, at);
  return el(
    "section",
    { id: "details", "aria-label": "Details" },
    el(
      "div",
      { class: "panel-head" },
      el("h2", { tabindex: "-1" }, made.title),
      el("button", { type: "button", onclick: closeDetails, "aria-label": "Close details" }, "Close"),
    ),
    made.body,
  );
}

export function closeDetails() {
  const { kind, at } = state.selected;
  select(null);
  const view = views[0];
  const back = {
    practice: () => view.markers[at]?.getElement(),
    lsoa: () => view.areas[at].getElement(),
    neighbourhood: () =>
      view.labels.map((label) => label.getElement()).find((node) => node.dataset.name === at),
    pcn: () => null,
  }[kind]();
  (back || document.getElementById("panel")).focus();
}

export function facts(pairs) {
  return el(
    "dl",
    { class: "facts" },
    pairs.filter((pair) => pair).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );
}

function barCell(part) {
  return el(
    "span",
    {},
    share(part),
    el(
      "span",
      { class: "bar", "aria-hidden": "true" },
      el("i", { style: `width:${Math.min(100, part * 100)}%` }),
    ),
  );
}

export function neighbourhoodLink(plan, n) {
  return n < 0 ? "none" : link(plan.names[n], () => select("neighbourhood", plan.labels[n]));
}

export const pcnLink = (c) => (c < 0 ? "No PCN" : link(pcnName(c), () => select("pcn", c)));
export const practiceLink = (p) => link(practiceName(p), () => select("practice", p));

// In which neighbourhoods the patients of some practices live; `own` are those they belong to.
function livingTable(plan, practices, own) {
  const sums = plan.labels.map(() => 0);
  let inside = 0;
  for (const p of practices) {
    for (const [a, patients] of data.patients[p]) {
      if (plan.lsoas[a] >= 0) sums[plan.lsoas[a]] += seen(patients);
      inside += seen(patients);
    }
  }
  const order = plan.labels
    .map((_, n) => n)
    .filter((n) => sums[n] > 0)
    .sort((m, n) => sums[n] - sums[m]);
  const name = (n) =>
    own.includes(n) ? el("span", {}, neighbourhoodLink(plan, n), " (its own)") : neighbourhoodLink(plan, n);
  return table(
    "Where its patients live",
    ["Neighbourhood", { n: "Patients" }, { n: "Share" }],
    order.map((n) => [name(n), people(sums[n]), barCell(sums[n] / inside)]),
  );
}

function practiceDetails(plan, p) {
  const moves = plan.moved[p];
  const reason = plan.moves.find((row) => row[0] === p);
  return {
    title: practiceName(p),
    body: [
      el(
        "p",
        { class: "aside" },
        `${data.practices.code[p]} · ${data.practices.postcode[p] || "no postcode"}`,
      ),
      facts([
        ["PCN today", pcnLink(data.practices.pcn[p])],
        ["PCN in this option", moves ? el("strong", {}, pcnLink(plan.pcn[p])) : "the same"],
        ["Neighbourhood", neighbourhoodLink(plan, plan.practices[p])],
        standsAway(plan, p)
          ? ["Stands in", neighbourhoodLink(plan, plan.lsoas[data.practices.stands[p]])]
          : null,
        ["List size", people(data.practices.list[p])],
        ["Patients living outside the place", people(data.practices.outside[p])],
        settledRow("practices", p),
      ]),
      practiceStory(plan, p),
      data.practices.care[p] ? el("p", { class: "note" }, `Read with care: ${data.practices.care[p]}`) : null,
      reason?.[2] ? el("p", { class: "note" }, reason[2]) : null,
      livingTable(plan, [p], [plan.practices[p]]),
      practiceLadder(plan, p),
      el("p", { class: "aside" }, "The map shades where its patients live."),
      fillLegend(),
    ],
  };
}

function lsoaDetails(plan, a) {
  const by = new Map();
  const add = (name, key, patients) => {
    const row = by.get(key) || { name, patients: 0 };
    row.patients += seen(patients);
    by.set(key, row);
  };
  data.patients.forEach((rows, p) => {
    const row = rows.find(([of]) => of === a);
    if (row) add(pcnLink(data.practices.pcn[p]), `in ${data.practices.pcn[p]}`, row[1]);
  });
  const away = data.elsewhere.rows;
  for (let at = 0; at < away.length; at += 3) {
    if (away[at] !== a) continue;
    const code = data.elsewhere.pcns[away[at + 1]],
      ours = data.pcns.code.indexOf(code);
    if (ours >= 0) add(pcnLink(ours), `in ${ours}`, away[at + 2]);
    else
      add(
        away[at + 1] < 0 ? "Practices outside, no PCN" : `PCN outside the place, ${code}`,
        `out ${away[at + 1]}`,
        away[at + 2],
      );
  }
  const rows = [...by.values()].sort((one, other) => other.patients - one.patients);
  const all = rows.reduce((sum, row) => sum + row.patients, 0);
  const teams = data.teams.map((team, t) => [team.label, teamsOfLsoa(plan, t, a)]);
  const ward = data.lsoas.ward[a];
  return {
    title: lsoaName(a),
    body: [
      el("p", { class: "aside" }, `LSOA ${data.lsoas.code[a]}`),
      facts([
        ["Neighbourhood", neighbourhoodLink(plan, plan.lsoas[a])],
        ["Residents", people(data.lsoas.residents[a])],
        ["Of its patients, practice in their neighbourhood", share(alignmentOfLsoas(plan)[a])],
        data.lsoas.decile[a]
          ? ["Deprivation tenth (1 is most deprived)", String(data.lsoas.decile[a])]
          : null,
        ward >= 0 ? ["Ward", data.wards.name[ward]] : null,
        ["Today's PCN catchment", pcnLink(data.pcns.catchment[a])],
        ...teams,
        settledRow("lsoas", a),
      ]),
      table(
        "PCNs that its residents are registered with",
        ["PCN", { n: "Patients" }, { n: "Share" }],
        rows.map((row) => [row.name, people(row.patients), barCell(row.patients / all)]),
      ),
    ],
  };
}

// Its teams in one layer, and whether that changes: their residents are elsewhere for the most part.
function teamsOfLsoa(plan, t, a) {
  const { names } = data.teams[t];
  const anchors = teamAnchors(data, plan, t);
  return (
    data.sharesOf[t][a]
      .map(
        ([name, part]) =>
          `${names[name]}${part === 1 ? "" : ` (${share(part, 0)})`}${anchors[name] === plan.lsoas[a] ? "" : ": would change"}`,
      )
      .join(", ") || "no team"
  );
}

function neighbourhoodDetails(plan, label) {
  const n = plan.labels.indexOf(label);
  const row = plan.table[n];
  const inside = data.practices.code
    .map((_, p) => p)
    .filter((p) => plan.practices[p] === n)
    .sort((p, q) => seen(data.practices.list[q]) - seen(data.practices.list[p]));
  const anchored = data.pcns.code.map((_, c) => c).filter((c) => plan.anchors[c].includes(n));
  return {
    title: plan.names[n],
    body: [
      el("p", { class: "aside" }, `Neighbourhood ${label} in “${plan.title}”`),
      facts([
        ["Residents", people(row.residents)],
        ["Registered with its practices", people(row.registered)],
        ["LSOAs", people(row.lsoas)],
        [`Of its practices' patients in ${data.place}, living in it`, share(row.alignment)],
        [
          "PCNs based here",
          anchored.length
            ? el(
                "span",
                {},
                anchored.flatMap((c, at) => [at ? ", " : "", pcnLink(c)]),
              )
            : "none",
        ],
        ...data.teams.map((team, t) => {
          const anchors = teamAnchors(data, plan, t);
          return [
            `${team.label} teams mostly here`,
            team.names.filter((_, name) => anchors[name] === n).join(", ") || "none",
          ];
        }),
      ]),
      table(
        "Practices",
        ["Practice", "PCN in this option", { n: "List size" }],
        inside.map((p) => [signAndName(p, plan), pcnLink(plan.pcn[p]), people(data.practices.list[p])]),
      ),
    ],
  };
}

function pcnDetails(plan, c) {
  const mine = data.practices.code
    .map((_, p) => p)
    .filter((p) => data.practices.pcn[p] === c || plan.pcn[p] === c);
  const lsoas = data.pcns.catchment.filter((of) => of === c).length;
  const parts = data.pcns.parts[c];
  return {
    title: pcnName(c),
    body: [
      pcnStory(plan, c),
      pcnChanges(plan, c),
      pcnLadder(plan, c),
      livingTable(plan, pcnMoves(plan, c).today, plan.anchors[c]),
      table(
        "Practices",
        ["Practice", "Neighbourhood", { n: "List size" }],
        mine.map((p) => [
          signAndName(p, plan),
          neighbourhoodLink(plan, plan.practices[p]),
          people(data.practices.list[p]),
        ]),
      ),
      el("h3", {}, "Facts today"),
      facts([
        ["PCN code", data.pcns.code[c]],
        ["List size", people(data.pcns.list[c])],
        ["Catchment today", counted(lsoas, "LSOA")],
        ["Catchment in one piece", parts === 1 ? "yes" : parts > 1 ? `no, ${parts} pieces` : "no catchment"],
        ["Of its whole list, living in its catchment", share(data.pcns.listInside[c])],
        [
          "Of the patients living in its catchment, registered with it",
          share(data.pcns.catchmentRegistered[c]),
        ],
        data.pcns.waiver[c]
          ? ["Floor waived", data.pcns.waiver[c]]
          : ["Least staying list", people(data.pcns.floor[c])],
        data.pcns.practicesOutside[c]
          ? [
              "Practices outside the place",
              `${data.pcns.practicesOutside[c]} (${people(data.pcns.listOutside[c])} patients)`,
            ]
          : null,
        ...(plan.family === "as-is" ? [] : pcnTeams(plan, c)),
      ]),
      el(
        "p",
        { class: "aside" },
        "The map shades where its patients live; the heavy line is its catchment today.",
      ),
      fillLegend(),
    ],
  };
}

// A practice with its sign, as the map draws it.
const signAndName = (p, plan) =>
  el(
    "span",
    { class: "key" },
    practiceSymbol(data.practices.pcn[p], {
      moved: Boolean(plan.moved[p]),
      home: homeColour(plan, p),
      size: 20,
    }),
    practiceLink(p),
  );

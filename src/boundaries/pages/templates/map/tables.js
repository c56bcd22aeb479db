// Every fact of the map as a table, for the option shown. Long ones are built when they are opened.

import { pairsOf } from "./core/decode.js";
import { movedPractices } from "./core/measures.js";
import { DASH, people, share, signed } from "./core/rounding.js";
import { data } from "./data.js";
import { neighbourhoodLink, pcnLink, practiceLink } from "./details.js";
import { alignmentOfLsoas } from "./fills.js";
import { changingWords, sumWords } from "./ladder.js";
import { sentence } from "./panel.js";
import { shownPlan } from "./plans.js";
import { standsAway } from "./practices.js";
import { select } from "./state.js";
import { pcnSign } from "./symbols.js";
import { el, link, lsoaName, pcnName, table } from "./words.js";

export function drawTables(box) {
  const plan = shownPlan();
  const open = new Set([...box.querySelectorAll("details[open]")].map((node) => node.dataset.key));
  const parts = [
    ["options", "Options", () => ladderWide()],
    ["neighbourhoods", `Neighbourhoods (${plan.labels.length})`, () => neighbourhoodTable(plan)],
    ["practices", `Practices (${data.practices.count})`, () => practiceTable(plan)],
    ["moves", `Practices that move (${movedPractices(plan).length})`, () => movesTable(plan)],
    ["pcns", `PCNs (${data.pcns.count})`, () => pcnTable(plan)],
    ["lsoas", `LSOAs (${data.lsoas.count})`, () => lsoaTable(plan)],
    ...(data.barriers.length
      ? [["along", `Neighbour pairs along barriers (${data.neighbours.along.length})`, () => alongTable()]]
      : []),
    [
      "pairs",
      `Neighbour pairs cut or added (${(data.neighbours.cut.length + data.neighbours.added.length) / 2})`,
      () => pairTable(),
    ],
  ];
  box.replaceChildren(
    el("h2", {}, `Tables: ${plan.title}`),
    el("p", { class: "aside" }, data.discussion),
    ...parts.map(([key, title, make], at) => lazyTable(key, title, make, open.size ? open.has(key) : at < 2)),
  );
}

function lazyTable(key, title, make, open) {
  const inner = el("div", {
    class: "scroll",
    tabindex: "0",
    role: "region",
    "aria-label": `Table: ${title}`,
  });
  const fill = () => {
    if (!inner.firstChild) inner.append(make());
  };
  const box = el("details", { "data-key": key, open }, el("summary", {}, title), inner);
  if (open) fill();
  box.addEventListener("toggle", () => {
    if (box.open) fill();
  });
  return box;
}

function ladderWide() {
  const teams = data.teams.map((team) => ({ n: `Residents changing team: ${team.label}` }));
  return table(
    null,
    [
      "Option",
      { n: "Neighbourhoods" },
      { n: "Practices moved" },
      { n: "Patients moved" },
      { n: "Patients misaligned" },
      { n: "Aligned" },
      { n: "Pairs of LSOAs parted" },
      ...teams,
      { n: "Sum made small" },
      { n: "Least residents" },
      { n: "Most residents" },
      "Proof",
    ],
    data.options.map((option) => {
      const { summary } = option;
      return [
        option.title,
        people(option.labels.length),
        people(summary.practices_moved),
        people(summary.patients_moved),
        people(summary.misaligned_patients),
        share(summary.alignment),
        people(summary.pairs_parted),
        ...data.teams.map((team) => changingWords(option, team)),
        sumWords(option),
        people(summary.residents_min),
        people(summary.residents_max),
        sentence(option.proof),
      ];
    }),
  );
}

function neighbourhoodTable(plan) {
  return table(
    null,
    [
      "Neighbourhood",
      { n: "Residents" },
      { n: "Registered" },
      { n: "Practices" },
      { n: "LSOAs" },
      { n: "Aligned" },
      "PCNs based here",
    ],
    plan.labels.map((_, n) => {
      const row = plan.table[n];
      const anchored = data.pcns.code.map((__, c) => c).filter((c) => plan.anchors[c].includes(n));
      return [
        neighbourhoodLink(plan, n),
        people(row.residents),
        people(row.registered),
        people(row.practices),
        people(row.lsoas),
        share(row.alignment),
        anchored.map(pcnName).join("; "),
      ];
    }),
  );
}

function practiceTable(plan) {
  return table(
    null,
    [
      "Practice",
      "Code",
      "Postcode",
      "PCN today",
      "PCN in this option",
      "Neighbourhood",
      "Stands in",
      { n: "List size" },
      { n: "Living outside" },
    ],
    data.practices.code.map((code, p) => [
      practiceLink(p),
      code,
      data.practices.postcode[p],
      pcnName(data.practices.pcn[p]),
      pcnName(plan.pcn[p]),
      plan.names[plan.practices[p]] || "none",
      standsAway(plan, p) ? plan.names[plan.lsoas[data.practices.stands[p]]] : "the same",
      people(data.practices.list[p]),
      people(data.practices.outside[p]),
    ]),
  );
}

function movesTable(plan) {
  const reasons = new Map(plan.moves.map((row) => [row[0], row]));
  return table(
    null,
    ["Practice", "From", "To", { n: "List size" }, { n: "More patients aligned" }, "Why"],
    movedPractices(plan).map((p) => {
      const reason = reasons.get(p);
      return [
        practiceLink(p),
        pcnName(data.practices.pcn[p]),
        pcnName(plan.pcn[p]),
        people(data.practices.list[p]),
        reason ? signed(reason[1]) : DASH,
        reason ? reason[2] : "",
      ];
    }),
  );
}

function pcnTable(plan) {
  return table(
    null,
    [
      "PCN",
      "Sign",
      { n: "List size" },
      { n: "Practices today" },
      { n: "Practices in this option" },
      { n: "Pieces of catchment" },
      { n: "Of its whole list, living in catchment" },
      "Anchored in",
    ],
    data.pcns.code.map((_, c) => [
      pcnLink(c),
      pcnSign(c).letter,
      people(data.pcns.list[c]),
      people(data.practices.pcn.filter((of) => of === c).length),
      people(plan.pcn.filter((of) => of === c).length),
      people(data.pcns.parts[c]),
      share(data.pcns.listInside[c]),
      plan.anchors[c].map((n) => plan.names[n]).join("; "),
    ]),
  );
}

function lsoaTable(plan) {
  const aligned = alignmentOfLsoas(plan);
  return table(
    null,
    [
      "LSOA",
      "Code",
      "Neighbourhood",
      { n: "Residents" },
      { n: "Practice in own neighbourhood" },
      { n: "Deprivation tenth" },
      ...data.teams.map((team) => team.label),
      ...(data.settled ? [{ n: "Plans with its usual partners" }] : []),
    ],
    data.lsoas.code.map((code, a) => [
      link(lsoaName(a), () => select("lsoa", a)),
      code,
      plan.names[plan.lsoas[a]] || "none",
      people(data.lsoas.residents[a]),
      share(aligned[a]),
      data.lsoas.decile[a] || DASH,
      ...data.teams.map(
        (team, t) =>
          data.sharesOf[t][a]
            .map(([name, part]) => (part === 1 ? team.names[name] : `${team.names[name]} ${share(part, 0)}`))
            .join(", ") || "none",
      ),
      ...(data.settled ? [share(data.settled.lsoas[a], 0)] : []),
    ]),
  );
}

// Where a line is cheap: a barrier runs along at least half of the border.
function alongTable() {
  return table(
    null,
    ["One LSOA", "The other", { n: "Bond, in people" }],
    data.neighbours.along.map((at) => {
      const [a, b, bond] = data.bonds[at];
      return [
        `${lsoaName(a)} (${data.lsoas.code[a]})`,
        `${lsoaName(b)} (${data.lsoas.code[b]})`,
        people(bond),
      ];
    }),
  );
}

function pairTable() {
  const rows = [
    ...pairsOf(data.neighbours.cut).map((pair) => ["cut", ...pair]),
    ...pairsOf(data.neighbours.added).map((pair) => ["added", ...pair]),
  ];
  return table(
    null,
    ["Pair", "One LSOA", "The other"],
    rows.map(([kind, a, b]) => [
      kind,
      `${lsoaName(a)} (${data.lsoas.code[a]})`,
      `${lsoaName(b)} (${data.lsoas.code[b]})`,
    ]),
  );
}

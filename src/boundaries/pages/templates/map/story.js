// What happens to one PCN: in a sentence for the option shown, and in a row for every option.

import { seen } from "./core/decode.js";
import { teamAnchors } from "./core/measures.js";
import { counted, people, share } from "./core/rounding.js";
import { data } from "./data.js";
import { neighbourhoodLink, practiceLink } from "./details.js";
import { change, select, state } from "./state.js";
import { practiceSymbol } from "./symbols.js";
import { el, link, pcnName, standing, table } from "./words.js";

// Today's practices of a PCN, and those that leave it or join it in a plan.
export function pcnMoves(plan, c) {
  const all = data.practices.code.map((_, p) => p);
  const today = all.filter((p) => data.practices.pcn[p] === c);
  return {
    today,
    leave: today.filter((p) => plan.moved[p]),
    join: all.filter((p) => plan.moved[p] && plan.pcn[p] === c),
  };
}

// Share of some practices' patients who live in the neighbourhood of their own practice.
function alignmentOfPractices(plan, practices) {
  let all = 0,
    inside = 0;
  for (const p of practices) {
    for (const [a, patients] of data.patients[p]) {
      all += seen(patients);
      if (plan.lsoas[a] === plan.practices[p]) inside += seen(patients);
    }
  }
  return all ? inside / all : null;
}

const listed = (parts) =>
  parts.flatMap((part, at) => (at === 0 ? [part] : [at === parts.length - 1 ? " and " : ", ", part]));

function homeLinks(plan, c) {
  const { anchors } = plan;
  return anchors[c].length ? listed(anchors[c].map((n) => neighbourhoodLink(plan, n))) : ["none"];
}

export function pcnStory(plan, c) {
  const { today, leave, join } = pcnMoves(plan, c);
  const staying =
    leave.length === 0
      ? today.length === 1
        ? "Its practice stays"
        : today.length === 2
          ? "Both practices stay"
          : `All ${today.length} practices stay`
      : `${leave.length} of its ${counted(today.length, "practice")} ${leave.length === 1 ? "leaves" : "leave"}`;
  const joining = join.length ? `, ${join.length} ${join.length === 1 ? "joins" : "join"}` : "";
  const aligned = alignmentOfPractices(plan, today);
  const base = todaysOption();
  const before = base && base !== plan ? ` (${share(alignmentOfPractices(base, today))} today)` : "";
  const first =
    isToday(plan) && inProposed((option) => changesHands(option, c), "It loses or gains a practice");
  return el(
    "div",
    { class: "lead" },
    el(
      "p",
      {},
      el("strong", {}, first || `${staying}${joining}.`),
      aligned === null
        ? null
        : ` Of its patients who live in ${data.place}, ${share(aligned)} live in the neighbourhood of their practice${before}.`,
    ),
    el("p", {}, "Belongs to ", homeLinks(plan, c)),
    splitNote(plan, c),
  );
}

export const isToday = (plan) => plan.family === "as-is" || plan.family === "as-is-grouped";
const proposed = () => data.options.filter((option) => standing(option) === "Option for discussion");

// On Today nothing changes yet: what people ask is in how many of the options proposed it would.
function inProposed(changes, words) {
  const all = proposed();
  if (!all.length) return "";
  const some = all.filter(changes).length;
  return `${words} in ${some ? people(some) : "none"} of the ${counted(all.length, "option")} proposed.`;
}

function changesHands(option, c) {
  const { leave, join } = pcnMoves(option, c);
  return leave.length + join.length > 0;
}

// A PCN whose staying practices sit in several neighbourhoods: which, and how many patients sit apart.
function splitNote(plan, c) {
  const held = new Map();
  data.practices.pcn.forEach((of, p) => {
    if (of !== c || plan.moved[p]) return;
    const row = held.get(plan.practices[p]) || { practices: 0, patients: 0 };
    row.practices += 1;
    row.patients += seen(data.practices.list[p]);
    held.set(plan.practices[p], row);
  });
  if (held.size < 2) return null;
  const parts = [...held].sort(([n, one], [m, other]) => other.patients - one.patients || n - m);
  const apart = parts.slice(1).reduce((sum, [, row]) => sum + row.patients, 0);
  const where = parts.map(([n, row]) => [
    neighbourhoodLink(plan, n),
    ` (${counted(row.practices, "practice")})`,
  ]);
  return el(
    "p",
    {},
    el("strong", {}, `Sits in ${people(held.size)} neighbourhoods: `),
    listed(where).flat(),
    `; ${people(apart)} of its patients are on lists that sit apart from most of it.`,
  );
}

// What becomes of one practice, an option a row; on Today a sentence first.
export function practiceStory(plan, p) {
  if (!isToday(plan)) return null;
  const said = inProposed((option) => option.moved[p], "It changes PCN");
  return said && el("p", { class: "lead" }, el("strong", {}, said));
}

export function practiceLadder(plan, p) {
  if (data.options.length < 2) return null;
  return table(
    "In every option",
    ["Option", "PCN", "Neighbourhood"],
    data.options.map((option, at) =>
      el(
        "tr",
        { class: option === plan ? "on" : null },
        el(
          "th",
          { scope: "row" },
          link(option.title, () => change({ option: at })),
        ),
        el("td", {}, option.moved[p] ? el("strong", {}, pcnName(option.pcn[p])) : "the same"),
        el("td", {}, option.practices[p] < 0 ? "none" : option.names[option.practices[p]]),
      ),
    ),
  );
}

export const todaysOption = () => data.options.find((option) => option.family === "as-is") || null;

// Who leaves and who joins, each with its reason.
export function pcnChanges(plan, c) {
  const { leave, join } = pcnMoves(plan, c);
  if (!leave.length && !join.length) return null;
  const reasons = new Map(plan.moves.map(([p, , why]) => [p, why]));
  const line = (p, words) =>
    el(
      "li",
      {},
      practiceSymbol(data.practices.pcn[p], { moved: true, size: 20 }),
      practiceLink(p),
      words,
      reasons.get(p) ? el("span", { class: "why" }, reasons.get(p)) : null,
    );
  return el(
    "div",
    {},
    el("h3", {}, "Who moves, and why"),
    el(
      "ul",
      { class: "plain" },
      leave.map((p) =>
        line(p, ` leaves for ${pcnName(plan.pcn[p])} (${counted(data.practices.list[p], "patient")})`),
      ),
      join.map((p) =>
        line(
          p,
          ` joins from ${pcnName(data.practices.pcn[p])} (${counted(data.practices.list[p], "patient")})`,
        ),
      ),
    ),
  );
}

export function pcnLadder(plan, c) {
  if (data.options.length < 2) return null;
  const rows = data.options.map((option, at) => {
    const { today, leave, join } = pcnMoves(option, c);
    return el(
      "tr",
      { class: option === plan ? "on" : null },
      el(
        "th",
        { scope: "row" },
        link(option.title, () => change({ option: at })),
      ),
      el("td", { class: "n" }, people(leave.length)),
      el("td", { class: "n" }, people(join.length)),
      el("td", {}, option.anchors[c].map((n) => option.names[n]).join(", ") || "none"),
      el("td", { class: "n" }, share(alignmentOfPractices(option, today))),
    );
  });
  return el(
    "div",
    {},
    table("In every option", ["Option", { n: "Leave" }, { n: "Join" }, "Belongs to", { n: "Aligned" }], rows),
    el(
      "p",
      { class: "aside" },
      `Aligned: of the patients of today's practices who live in ${data.place}, those who live in the neighbourhood of their practice.`,
    ),
  );
}

// Residents of its catchment whose team would change, by layer.
export function pcnTeams(plan, c) {
  return data.teams.map((team, t) => {
    const anchors = teamAnchors(data, plan, t);
    let residents = 0;
    data.sharesOf[t].forEach((shares, a) => {
      if (data.pcns.catchment[a] !== c) return;
      for (const [name, part] of shares)
        if (plan.lsoas[a] !== anchors[name]) residents += seen(data.lsoas.residents[a]) * part;
    });
    return [`Residents of its catchment changing team: ${team.label}`, people(residents)];
  });
}

// The way in for a clinical director: choose a PCN, read what happens to it.
export function pcnChooser() {
  if (!data.pcns.count) return null;
  const chosen = state.selected && state.selected.kind === "pcn" ? state.selected.at : -1;
  const order = data.pcns.code.map((_, c) => c).sort((c, d) => pcnName(c).localeCompare(pcnName(d), "en-GB"));
  return el(
    "section",
    { class: "mine", "aria-label": "Your PCN" },
    el(
      "label",
      {},
      "What happens to my PCN? ",
      el(
        "select",
        {
          id: "my-pcn",
          onchange: (event) => {
            if (event.target.value === "") select(null);
            else select("pcn", Number(event.target.value));
          },
        },
        el("option", { value: "" }, "Choose a PCN"),
        order.map((c) => el("option", { value: c, selected: c === chosen }, pcnName(c))),
      ),
    ),
  );
}

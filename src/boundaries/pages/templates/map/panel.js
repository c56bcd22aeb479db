// The panel beside the map: the option shown, the ladder, the legend with its counts, who moves.

import { changesSection, compareSections } from "./compare.js";
import { movedPractices } from "./core/measures.js";
import { counted, people, points, share } from "./core/rounding.js";
import { data } from "./data.js";
import { detailsSection } from "./details.js";
import { colourOf, fillLegend, shadedPatients } from "./fills.js";
import { ladderSection } from "./ladder.js";
import { shownPlan } from "./plans.js";
import { homeColour, standsAway } from "./practices.js";
import { isSelected, select, state } from "./state.js";
import { pcnChooser, todaysOption } from "./story.js";
import { practiceSymbol } from "./symbols.js";
import { trySections } from "./tryit.js";
import { el, link, pcnName, practiceName, table } from "./words.js";

function overviewSections() {
  const plan = shownPlan();
  return [
    optionSection(plan),
    data.options.length > 1 && ladderSection(),
    movesSection(plan),
    legendSection(plan),
  ].filter(Boolean);
}

function optionSection(plan) {
  const option = data.options[state.option];
  const twin = sameAs(state.option);
  return el(
    "section",
    { "aria-label": "Option shown" },
    el("h2", {}, option.title),
    headline(option),
    el(
      "p",
      { class: "aside" },
      option.family === "as-is" ? "How it is today: measured, nothing decided." : sentence(option.proof),
    ),
    option.family === "best-fit"
      ? el(
          "p",
          { class: "note" },
          "For alignment alone, with any number of moves; teams, bonds and the floors of PCNs left out. Not proposed.",
        )
      : null,
    twin === null
      ? null
      : el(
          "p",
          { class: "note" },
          `The same plan as “${data.options[twin].title}”: no use of the further moves was found that does better.`,
        ),
    brokenNote(
      plan.broken.map((row) => row[2]),
      option.family === "as-is",
    ),
  );
}

// The figures of an option, alignment beside today's.
function headline(option) {
  const base = todaysOption();
  const { summary } = option;
  const compared = base && base !== option ? base.summary : null;
  const areas = option.table.filter((row) => row.lsoas > 0); // a PCN of today may have no area
  const fewest =
    option.family === "as-is" ? Math.min(...areas.map((row) => row.residents)) : summary.residents_min;
  const tile = (value, name, also) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value), also ? el("dd", { class: "also" }, also) : null);
  const tiles = [
    tile(
      share(summary.alignment),
      "of patients live in the neighbourhood of their practice",
      compared ? `${points(summary.alignment - compared.alignment)} points on today` : null,
    ),
    tile(
      people(summary.practices_moved),
      summary.practices_moved === 1 ? "practice changes PCN" : "practices change PCN",
      counted(summary.patients_moved, "patient"),
    ),
    tile(
      people(option.labels.length),
      "neighbourhoods",
      `${people(fewest)} to ${people(summary.residents_max)} residents`,
    ),
    // Services apart, for one resident may have several; today nothing changes.
    ...(option.family === "as-is" ? [] : data.teams).map((team) =>
      tile(people(summary[`residents_changing_${team.key}`]), `residents change team: ${team.label}`),
    ),
  ];
  return el("dl", { class: "headline" }, tiles);
}

// The first earlier rung with the very same plan, or null.
export function sameAs(at) {
  const option = data.options[at];
  if (option.family !== "ladder") return null;
  const alike = (one, other) => one.length === other.length && one.every((value, k) => value === other[k]);
  const found = data.options.findIndex(
    (other) =>
      other.family === "ladder" &&
      other.labels.length === option.labels.length &&
      alike(other.lsoas, option.lsoas) &&
      alike(other.practices, option.practices),
  );
  return found < at ? found : null;
}

// Rules that an option does not keep are always counted in view; the sentences open at a click.
function brokenNote(lines, today = false) {
  if (!lines.length) return null;
  const title = today
    ? "Today does not keep every rule of the study"
    : "This option does not keep every rule";
  if (lines.length < 3 && !today) return brokenBox(lines, `${title}:`);
  return el(
    "details",
    { class: today ? "note" : "warn" },
    el("summary", {}, el("strong", {}, `${title} (${lines.length})`)),
    el(
      "ul",
      {},
      lines.map((line) => el("li", {}, line)),
    ),
  );
}

export const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1)}.` : "");

export function brokenBox(lines, title) {
  if (!lines.length) return null;
  return el(
    "div",
    { class: "warn" },
    el("strong", {}, title),
    el(
      "ul",
      {},
      lines.slice(0, 12).map((line) => el("li", {}, line)),
      lines.length > 12 ? el("li", {}, `… and ${lines.length - 12} more`) : null,
    ),
  );
}

export function legendSection(plan, title = "Neighbourhoods", signs = true) {
  const rows = plan.labels.map((label, n) => {
    const row = plan.table[n];
    return el(
      "tr",
      { class: isSelected("neighbourhood", label) ? "on" : null },
      el(
        "th",
        { scope: "row" },
        el(
          "span",
          { class: "key" },
          el("span", { class: "swatch", style: `background:${blend(colourOf(plan, n))}` }),
          link(plan.names[n], () => select("neighbourhood", label)),
        ),
      ),
      [people(row.residents), people(row.registered), people(row.practices), share(row.alignment)].map(
        (cell) => el("td", { class: "n" }, cell),
      ),
    );
  });
  return el(
    "section",
    { "aria-label": `Legend: ${title}` },
    el("h2", {}, title),
    shadedPatients() ? null : fillLegend(),
    table(
      null,
      ["Name", { n: "Residents" }, { n: "Registered" }, { n: "Practices" }, { n: "Aligned" }],
      rows,
    ),
    signs && pcnLegend(plan),
  );
}

// The swatch shows the colour as the map does: over white, at the map's opacity.
export function blend(colour, opacity = 0.62) {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgb(${parts.map((part) => Math.round(255 - (255 - part) * opacity)).join(",")})`;
}

function pcnLegend(plan) {
  const counts = data.pcns.code.map((_, c) => data.practices.pcn.filter((of) => of === c).length);
  const none = data.practices.pcn.filter((of) => of < 0).length;
  const outside = (c) =>
    data.pcns.practicesOutside[c] ? `, and ${people(data.pcns.practicesOutside[c])} outside the place` : "";
  const items = data.pcns.code.map((_, c) =>
    el(
      "li",
      {},
      practiceSymbol(c, { size: 22 }),
      link(pcnName(c), () => select("pcn", c)),
      el("span", { class: "aside" }, ` ${counted(counts[c], "practice")}${outside(c)}`),
    ),
  );
  if (none)
    items.push(
      el(
        "li",
        {},
        practiceSymbol(-1, { size: 22 }),
        "No PCN",
        el("span", { class: "aside" }, ` ${counted(none, "practice")}`),
      ),
    );
  const list = el("ul", { class: "plain" }, items);
  const title = `Practices, by their PCN today (${data.practices.count})`;
  const legend =
    items.length > 14
      ? el("details", {}, el("summary", {}, title), list)
      : el("div", {}, el("h3", {}, title), list);
  const away = plan.practices.filter((_, p) => standsAway(plan, p)).length;
  const example = plan.practices.findIndex((_, p) => standsAway(plan, p) && !plan.moved[p]);
  if (example >= 0) {
    legend.append(
      el(
        "p",
        { class: "aside" },
        practiceSymbol(data.practices.pcn[example], { home: homeColour(plan, example), size: 18 }),
        ` Coloured with a broken edge: belongs to the neighbourhood of that colour, but stands elsewhere (${counted(away, "practice")}).`,
      ),
    );
  }
  if (movedPractices(plan).length) {
    legend.append(
      el(
        "p",
        { class: "aside" },
        practiceSymbol(0, { moved: true, size: 18 }),
        " Dark with a ring: moves to another PCN; the arrow points to the practices that it joins.",
      ),
    );
  }
  return legend;
}

export function movesSection(plan, side = "") {
  const moved = movedPractices(plan);
  if (!moved.length) return null;
  const reasons = new Map(plan.moves.map(([p, gained, why]) => [p, { gained, why }]));
  return el(
    "section",
    { "aria-label": `Practices that move ${side}`.trim() },
    el(
      "h2",
      {},
      `${side ? `${side}: ` : ""}${counted(moved.length, "practice")} ${moved.length === 1 ? "moves" : "move"}`,
    ),
    el(
      "ul",
      { class: "plain" },
      moved.map((p) => {
        const reason = reasons.get(p);
        return el(
          "li",
          {},
          practiceSymbol(data.practices.pcn[p], { moved: true, size: 20 }),
          link(practiceName(p), () => select("practice", p)),
          el(
            "span",
            {},
            ` ${pcnName(data.practices.pcn[p])} → ${pcnName(plan.pcn[p])}, ${counted(data.practices.list[p], "patient")}`,
          ),
          reason?.why ? el("span", { class: "why" }, reason.why) : null,
        );
      }),
    ),
    el("p", { class: "aside" }, "The figures stand in moves.csv, in the row of the option and the practice."),
  );
}

export function drawPanel() {
  const panel = document.getElementById("panel");
  const inside = panel.contains(document.activeElement);
  const held = inside ? document.activeElement : null;
  panel.replaceChildren(...panelSections());
  const again = held && sameControl(panel, held);
  if (again) again.focus({ preventScroll: true });
  else if (inside && !panel.contains(document.activeElement)) panel.focus({ preventScroll: true });
}

// The control that took the place of the one in use, so that the keyboard stays where it was.
function sameControl(panel, held) {
  if (held.name === "option") return panel.querySelector("input[name=option]:checked");
  const alike = (node) =>
    node.tagName === held.tagName &&
    node.type === held.type &&
    !node.disabled &&
    (held.id
      ? node.id === held.id
      : held.hasAttribute("aria-label")
        ? node.getAttribute("aria-label") === held.getAttribute("aria-label")
        : node.textContent === held.textContent);
  return [...panel.querySelectorAll(held.tagName)].find(alike);
}

function panelSections() {
  if (state.view === "try") return trySections();
  const about = [pcnChooser(), state.selected && detailsSection()].filter(Boolean);
  if (state.view === "compare") return [...about, ...compareSections()];
  if (state.view === "changes") return [...about, changesSection()];
  return [...about, ...overviewSections()];
}

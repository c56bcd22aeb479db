// What colours the areas: neighbourhoods, deprivation, alignment, agreement between plans, or whose
// patients live where. In: a plan, the state. Out: a colour, a pattern of words, a legend.

import { seen } from "./core/decode.js";
import { people, share } from "./core/rounding.js";
import { data } from "./data.js";
import { contestedColour, settledLegend, settledWords } from "./settled.js";
import { state } from "./state.js";
import { el, pcnName, practiceName } from "./words.js";

export const FILLS = [
  { key: "neighbourhood", label: "Neighbourhood", there: () => true },
  {
    key: "deprivation",
    label: "Deprivation (IMD tenth)",
    there: () => data.lsoas.decile.some((decile) => decile > 0),
  },
  { key: "alignment", label: "Practice in own neighbourhood", there: () => data.registrations.length > 0 },
  { key: "settled", label: "Settled or contested", there: () => data.settled !== null },
];

const ALIGNMENT_STEPS = [0, 0.3, 0.45, 0.6, 0.75, 0.85, 0.95];

export function stepColour(value, steps = ALIGNMENT_STEPS) {
  if (value === null || Number.isNaN(value)) return data.scales.none;
  let at = 0;
  while (at + 1 < steps.length && value >= steps[at + 1]) at += 1;
  return data.scales.shares[at];
}

// How one map is coloured now: {colour(a), opacity, words(a)}.
export function painter(plan) {
  const chosen = shadedPatients();
  if (chosen) return patientPainter(chosen);
  if (state.fill === "deprivation") {
    return {
      opacity: 0.85,
      line: "#e8edee",
      colour: (a) =>
        data.lsoas.decile[a] ? data.scales.deciles[data.lsoas.decile[a] - 1] : data.scales.none,
      words: (a) =>
        data.lsoas.decile[a] ? `deprivation tenth ${data.lsoas.decile[a]} of 10` : "deprivation not known",
    };
  }
  if (state.fill === "alignment") {
    const aligned = alignmentOfLsoas(plan);
    return {
      opacity: 0.9,
      line: "#c8d2d9",
      colour: (a) => stepColour(aligned[a]),
      words: (a) => `${share(aligned[a])} of its patients have their practice in their neighbourhood`,
    };
  }
  if (state.fill === "settled" && data.settled) {
    return {
      opacity: 0.9,
      line: "#c8d2d9",
      colour: (a) => contestedColour(data.settled.lsoas[a]),
      words: (a) => settledWords("lsoas", a),
    };
  }
  return { opacity: 0.62, colour: (a) => colourOf(plan, plan.lsoas[a]), words: () => "" };
}

export const colourOf = (plan, n) =>
  n < 0 ? data.scales.none : data.colours[plan.identity[n]] || data.scales.none;

// Share of each LSOA's patients (of the place's practices) whose practice is in their neighbourhood.
export function alignmentOfLsoas(plan) {
  const all = new Float64Array(data.lsoas.count);
  const inside = new Float64Array(data.lsoas.count);
  data.patients.forEach((rows, p) => {
    for (const [a, patients] of rows) {
      all[a] += seen(patients);
      if (plan.practices[p] === plan.lsoas[a]) inside[a] += seen(patients);
    }
  });
  return Array.from(all, (count, a) => (count > 0 ? inside[a] / count : null));
}

// Patients of the practice or PCN selected, by LSOA; null when neither is.
export function shadedPatients() {
  if (!state.selected || state.view === "try") return null;
  const { kind, at } = state.selected;
  if (kind === "practice") return { name: practiceName(at), by: patientsByLsoa((p) => p === at) };
  if (kind === "pcn") return { name: pcnName(at), by: patientsByLsoa((p) => data.practices.pcn[p] === at) };
  return null;
}

function patientsByLsoa(wanted) {
  const by = new Float64Array(data.lsoas.count);
  data.patients.forEach((rows, p) => {
    if (wanted(p)) for (const [a, patients] of rows) by[a] += seen(patients);
  });
  return by;
}

function patientPainter({ by }) {
  const ordered = Array.from(by)
    .filter((count) => count > 0)
    .sort((one, other) => one - other);
  const most = ordered.length ? ordered[Math.floor(ordered.length * 0.98)] : 1;
  return {
    opacity: 0.92,
    line: "#c8d2d9",
    colour: (a) =>
      by[a] > 0
        ? data.scales.shares[Math.min(6, 1 + Math.floor(5.99 * Math.sqrt(Math.min(1, by[a] / most))))]
        : "#ffffff",
    words: (a) => `${people(by[a])} of the patients selected`,
  };
}

export function rampLegend(colours, low, high, title) {
  return el(
    "div",
    {},
    el("h3", {}, title),
    el(
      "div",
      { class: "ramp", "aria-hidden": "true" },
      colours.map((colour) => el("i", { style: `background:${colour}` })),
    ),
    el("div", { class: "ends" }, el("span", {}, low), el("span", {}, high)),
  );
}

// On the map, in short: what the colours mean is never out of sight. The panel says it in full.
export function drawPaneLegend() {
  const box = document.querySelector(".pane-legend");
  const legend = fillLegend();
  box.hidden = !legend;
  box.replaceChildren(...(legend ? [legend] : []));
}

export function fillLegend() {
  const chosen = shadedPatients();
  if (chosen)
    return rampLegend(data.scales.shares.slice(1), "few", "many", `Where patients of ${chosen.name} live`);
  if (state.fill === "deprivation")
    return rampLegend(data.scales.deciles, "1, most deprived tenth", "10, least", "Deprivation (IMD)");
  if (state.fill === "alignment")
    return rampLegend(
      data.scales.shares,
      "under 30%",
      "95% and over",
      "Patients whose practice is in their neighbourhood",
    );
  if (state.fill === "settled") return settledLegend();
  return null;
}

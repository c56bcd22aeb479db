// Settled or contested: in how many of the plans compared has each LSOA and practice its usual company?
// In: `data.settled` (shares; how many plans; what was shown to stay). Out: a colour, words, a legend.

import { counted, people, share } from "./core/rounding.js";
import { data } from "./data.js";
import { rampLegend, stepColour } from "./fills.js";
import { el } from "./words.js";

const CONTESTED_STEPS = [0, 0.02, 0.1, 0.2, 0.3, 0.4, 0.5];

// The more plans disagree, the darker: that is where there is something to discuss.
export function contestedColour(settled) {
  return settled === null ? data.scales.none : stepColour(Math.max(0, 1 - settled), CONTESTED_STEPS);
}

const plansCompared = () =>
  data.settled.plans ? `${data.settled.plans} plans compared` : "the plans compared";

// `kind` is lsoas or practices.
export function settledWords(kind, at) {
  const part = data.settled[kind][at];
  if (part === null) return "not compared";
  if (part < 1) return `with its usual partners in ${share(part, 0)} of ${plansCompared()}`;
  const shown = data.settled.stays?.[kind][at];
  return `with its usual partners in all of ${plansCompared()}${shown ? "; shown to stay while PCNs are based where they are" : ""}`;
}

export function settledRow(kind, at) {
  if (!data.settled || data.settled[kind][at] === null) return null;
  const words = settledWords(kind, at);
  return ["Settled or contested", words[0].toUpperCase() + words.slice(1)];
}

export function settledLegend() {
  const { lsoas, stays } = data.settled;
  const loose = lsoas.filter((part) => part !== null && part < 0.9).length;
  const shown = stays ? stays.lsoas.filter(Boolean).length : 0;
  const ramp = rampLegend(
    data.scales.shares,
    "settled: all agree",
    "contested: half or fewer",
    "Settled or contested",
  );
  ramp.append(
    el(
      "p",
      { class: "aside" },
      `Of ${plansCompared()} (the options and plans nearly as good), in how many an area has its usual partners. ` +
        `${counted(loose, "LSOA")} of ${people(data.lsoas.count)} ${loose === 1 ? "has" : "have"} them in fewer than nine in ten` +
        `${shown ? `; ${people(shown)} ${shown === 1 ? "is" : "are"} shown to stay while PCNs are based where they are` : ""}. ` +
        "Plans are sought because they differ: this is no probability.",
    ),
  );
  return ramp;
}

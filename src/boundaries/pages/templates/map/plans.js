// A plan as the page draws it. Options come ready from the payload; an edited plan is measured here.

import { data } from "./data.js";
import { state } from "./state.js";
import { trial } from "./tryit.js";

// Options arrive with neighbourhood figures in columns; the page wants a row for each.
export function preparePlans() {
  for (const option of data.options) {
    const columns = option.neighbourhoods;
    option.table = option.labels.map((_, n) =>
      Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[n]])),
    );
  }
}

// The plan in view: the option chosen, or the reader's own.
export function shownPlan() {
  if (state.view === "try" && trial.plan) return trial.plan;
  if (state.view === "changes") return data.options[state.other];
  return data.options[state.option];
}

// Are these two the same neighbourhood? Labels may differ between options; identities do not.
export const sameNeighbourhood = (one, n, other, m) =>
  n >= 0 && m >= 0 && one.identity[n] === other.identity[m];

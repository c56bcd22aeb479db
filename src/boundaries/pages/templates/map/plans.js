// A plan as the page draws it. Options come ready from the payload; an edited plan is measured here.

// Options arrive with neighbourhood figures in columns; the page wants a row for each.
function preparePlans() {
  for (const option of data.options) {
    const columns = option.neighbourhoods;
    option.table = option.labels.map((_, n) =>
      Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[n]])),
    );
  }
}

// The plan in view: the option chosen, or the reader's own.
function shownPlan() {
  if (state.view === "try" && trial.plan) return trial.plan;
  if (state.view === "changes") return data.options[state.other];
  return data.options[state.option];
}

// Are these two the same neighbourhood? Labels may differ between options; identities do not.
const sameNeighbourhood = (one, n, other, m) => n >= 0 && m >= 0 && one.identity[n] === other.identity[m];

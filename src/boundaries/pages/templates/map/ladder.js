// The ladder: what each practice move buys, in its parts: a table whose rows choose the option, and
// in words for the option shown. The chart is in `rungs.js`.

import { seen } from "./core/decode.js";
import { counted, DASH, gapShare, people, share } from "./core/rounding.js";
import { data } from "./data.js";
import { sameAs } from "./panel.js";
import { ladderChart } from "./rungs.js";
import { change, state } from "./state.js";
import { el, table } from "./words.js";

export const changing = (option, team) => seen(option.summary[`residents_changing_${team.key}`] || 0);

// Today nobody's team changes and nothing was decided: there is no such figure.
export const changingWords = (option, team) =>
  option.family === "as-is" ? DASH : people(option.summary[`residents_changing_${team.key}`]);
export const sumWords = (option) => (option.family === "as-is" ? DASH : people(option.summary.objective));

export function ladderSection() {
  const section = el("section", { "aria-label": "Options" }, el("h2", {}, "What each move buys"));
  const said = stepSentence(data.options[state.option]);
  section.append(
    ...[
      ladderChart(),
      said && el("p", { class: "step" }, said),
      ladderTable(),
      el(
        "p",
        { class: "aside" },
        "Parted: pairs of neighbouring LSOAs with a line between them. ",
        "Sum: what the search makes small, misaligned patients, residents changing team (weighted) and bonds of neighbours parted, as far as the option counts them. ",
        "Gap: by how much, at most, the sum could still be smaller; proven: it cannot be. ",
        "Squares in the chart: today (white), and today’s areas put together (grey).",
      ),
    ].filter(Boolean),
  );
  return section;
}

// The option before this one on the way from today to the last rung, or null.
function stepBefore(option) {
  const way = data.options.filter(
    (one) =>
      one.family === "as-is" ||
      (["as-is-grouped", "ladder"].includes(one.family) && one.labels.length === option.labels.length),
  );
  const at = way.indexOf(option);
  return at > 0 ? way[at - 1] : null;
}

const moreOrFewer = (count, words, one = words) =>
  `${people(Math.abs(count))} ${count < 0 ? "fewer" : "more"} ${Math.abs(count) === 1 ? one : words}`;

// What the option buys over the step before it, in its parts (boundaries.pages.report.gains).
function stepSentence(option) {
  const before = stepBefore(option);
  if (!before || data.suppressed) return null; // differences of counts could give one away
  const [one, other] = [before.summary, option.summary];
  const gained = seen(one.misaligned_patients) - seen(other.misaligned_patients);
  const parts = [moreOrFewer(gained, "patients aligned with their practice")];
  const pairs = other.pairs_parted - one.pairs_parted;
  parts.push(
    pairs
      ? moreOrFewer(pairs, "pairs of neighbouring LSOAs parted", "pair of neighbouring LSOAs parted")
      : "as many pairs of neighbouring LSOAs parted",
  );
  if (before.family !== "as-is") {
    for (const team of data.teams)
      parts.push(
        moreOrFewer(
          changing(option, team) - changing(before, team),
          `residents change team (${team.label.toLowerCase()})`,
        ),
      );
    const falls = one.objective - other.objective;
    parts.push(`the sum ${falls < 0 ? "rises" : "falls"} by ${people(Math.abs(falls))}`);
  }
  return `Against “${before.title}”: ${parts.join("; ")}.`;
}

function ladderTable() {
  const heads = [
    "Option",
    { n: "Aligned" },
    { n: "Parted" },
    ...data.teams.map((team) => ({ n: `Change team: ${team.label}` })),
    { n: "Sum" },
  ];
  const rows = data.options.map((option, at) => {
    const radio = el("input", {
      type: "radio",
      name: "option",
      value: option.id,
      checked: at === state.option,
      onchange: () => change({ option: at }),
    });
    const cells = [
      share(option.summary.alignment),
      people(option.summary.pairs_parted),
      ...data.teams.map((team) => changingWords(option, team)),
      sumWords(option),
    ];
    return el(
      "tr",
      { class: at === state.option ? "on" : null },
      el("th", { scope: "row" }, el("label", {}, radio, el("span", {}, option.title, aside(option, at)))),
      cells.map((cell) => el("td", { class: "n" }, cell)),
    );
  });
  const made = table(null, heads, rows);
  made.classList.add("ladder");
  made.prepend(el("caption", { class: "hide-text" }, "Options: choose one to show it"));
  return made;
}

// How sure the option is, how many practices a rung moves, and whether it is another's plan.
function aside(option, at) {
  const moved = option.family === "ladder" && option.summary.practices_moved;
  const words = [
    moved ? `${counted(moved, "practice")}, ${counted(option.summary.patients_moved, "patient")}` : "",
    sameAs(at) === null ? "" : "the same plan",
    gapWords(option),
  ].filter(Boolean);
  return words.length ? el("small", {}, words.join("; ")) : null;
}

function gapWords(option) {
  if (option.status === "optimal") return "proven";
  if (option.status === "measured") return "";
  return option.gap === null ? "not proven" : `gap ${gapShare(option.gap)}`;
}

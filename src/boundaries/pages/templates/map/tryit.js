// Try it yourself: move practices or LSOAs to another neighbourhood and see at once what it does.
// The edited plan downloads as two files that `boundaries score` reads back to the same numbers.

import { optionChooser } from "./compare.js";
import { measureEdited, movedPractices } from "./core/measures.js";
import { counted, people, points, share, signed } from "./core/rounding.js";
import { limitsFor } from "./core/rules.js";
import { data } from "./data.js";
import { closeDetails, detailsSection, practiceLink } from "./details.js";
import { brokenBox, legendSection } from "./panel.js";
import { saveText } from "./saving.js";
import { change, state } from "./state.js";
import { el, lsoaName, pcnName, practiceName, say, table } from "./words.js";

export const trial = { base: -1, start: null, plan: null, steps: [], target: 0, brush: false };

export function beginTrial(option = state.option) {
  if (data.suppressed || (trial.plan && trial.base === option)) return;
  const { title, labels, names, identity, lsoas, practices } = data.options[option];
  trial.base = option;
  trial.start = measureEdited(data, {
    title: `Trial from “${title}”`,
    labels,
    names,
    identity,
    lsoas,
    practices,
  });
  trial.steps = [];
  trial.target = 0;
  trial.plan = trial.start;
  state.option = option;
}

// One step: {kind, at, to}, `to` a label of the start. The plan is rebuilt from the start each time.
function replay() {
  const { title, labels, names, identity } = trial.start;
  const lsoas = trial.start.lsoas.slice(),
    practices = trial.start.practices.slice();
  for (const { kind, at, to } of trial.steps) (kind === "lsoa" ? lsoas : practices)[at] = labels.indexOf(to);
  trial.plan = measureEdited(data, { title, labels, names, identity, lsoas, practices });
}

function moveTo(kind, at, to) {
  const now = kind === "lsoa" ? trial.plan.lsoas[at] : trial.plan.practices[at];
  const name = kind === "lsoa" ? lsoaName(at) : practiceName(at);
  if (trial.plan.labels[now] === to) {
    say(`${name} is in that neighbourhood already.`);
    return;
  }
  trial.steps.push({ kind, at, to });
  replay();
  change({});
  say(
    `${name} moved to ${trial.start.names[trial.start.labels.indexOf(to)]}. Aligned: ${share(trial.plan.summary.alignment)}. ${counted(trial.plan.broken.length, "rule")} broken.`,
  );
}

function undo() {
  trial.steps.pop();
  replay();
  change({});
  say("The last step was undone.");
}

// With the brush, a click or Enter moves at once; without, it selects.
export function pickToMove(kind, at) {
  if (!trial.plan || !trial.brush || (kind !== "lsoa" && kind !== "practice")) return false;
  moveTo(kind, at, trial.start.labels[trial.target]);
  return true;
}

export function trySections() {
  if (data.suppressed) {
    return [
      el(
        "section",
        {},
        el("h2", {}, "Try it yourself"),
        el(
          "p",
          { class: "note" },
          "Small numbers are hidden and the rest rounded in this file, so measures cannot be worked out anew here. Draw a plan as two files and score it with the tool.",
        ),
      ),
    ];
  }
  return [trySection(), selectionSection(), tryFigures(), legendSection(trial.plan), stepsSection()].filter(
    Boolean,
  );
}

function targetChooser(name) {
  return el(
    "select",
    {
      "aria-label": name,
      onchange: (event) => {
        trial.target = Number(event.target.value);
        change({});
      },
    },
    trial.start.names.map((text, n) => el("option", { value: n, selected: n === trial.target }, text)),
  );
}

function trySection() {
  const brush = el("input", {
    type: "checkbox",
    checked: trial.brush,
    onchange: (event) => {
      trial.brush = event.target.checked;
      change({});
    },
  });
  return el(
    "section",
    { "aria-label": "Try it yourself" },
    el("h2", {}, "Try it yourself"),
    el(
      "p",
      { class: "aside" },
      "Choose an LSOA or a practice on the map or by search, then move it. Nothing is sent anywhere.",
    ),
    el(
      "div",
      { class: "row" },
      el(
        "label",
        {},
        "Start from ",
        optionChooser("Start from option", trial.base, (option) => {
          beginTrial(option);
          change({ option, selected: null });
        }),
      ),
    ),
    el(
      "div",
      { class: "row tight" },
      el("label", { class: "tick" }, brush, "Move whatever I choose to"),
      targetChooser("Neighbourhood to move to"),
    ),
    el(
      "div",
      { class: "row" },
      el("button", { type: "button", id: "undo", disabled: !trial.steps.length, onclick: undo }, "Undo"),
      el(
        "button",
        {
          type: "button",
          id: "again",
          disabled: !trial.steps.length,
          onclick: () => {
            trial.steps = [];
            replay();
            change({});
          },
        },
        "Start again",
      ),
    ),
    el(
      "div",
      { class: "row" },
      el("span", {}, "Save"),
      el(
        "button",
        {
          type: "button",
          id: "save-lsoas",
          "aria-label": "Save lsoas.csv",
          onclick: () => savePlan("lsoas.csv", "lsoa_code", data.lsoas.code, trial.plan.lsoas),
        },
        "lsoas.csv",
      ),
      el(
        "button",
        {
          type: "button",
          id: "save-practices",
          "aria-label": "Save practices.csv",
          onclick: () =>
            savePlan("practices.csv", "practice_code", data.practices.code, trial.plan.practices),
        },
        "practices.csv",
      ),
      el("span", { class: "aside" }, "for boundaries score"),
    ),
  );
}

function selectionSection() {
  if (!state.selected || (state.selected.kind !== "lsoa" && state.selected.kind !== "practice"))
    return state.selected ? detailsSection() : null;
  const { kind, at } = state.selected;
  const { plan } = trial;
  const n = kind === "lsoa" ? plan.lsoas[at] : plan.practices[at];
  const size =
    kind === "lsoa"
      ? counted(data.lsoas.residents[at], "resident")
      : `${counted(data.practices.list[at], "patient")}, ${pcnName(data.practices.pcn[at])}`;
  return el(
    "section",
    { id: "details", "aria-label": "Chosen" },
    el(
      "div",
      { class: "panel-head" },
      el("h2", { tabindex: "-1" }, kind === "lsoa" ? lsoaName(at) : practiceName(at)),
      el("button", { type: "button", onclick: closeDetails, "aria-label": "Close details" }, "Close"),
    ),
    el("p", { class: "aside" }, `${size}. Now in ${plan.names[n]}.`),
    el(
      "div",
      { class: "row" },
      el("label", {}, "Move to ", targetChooser("Move to neighbourhood")),
      el(
        "button",
        {
          type: "button",
          class: "main",
          id: "move",
          onclick: () => moveTo(kind, at, trial.start.labels[trial.target]),
        },
        "Move",
      ),
    ),
  );
}

function tryFigures() {
  const { start, plan } = trial;
  const row = (name, key, good, shown = people, differ = signed) => {
    const difference = plan.summary[key] - start.summary[key];
    const tone = Math.abs(difference) < 1e-9 ? null : difference * good > 0 ? "better" : "worse";
    return [
      name,
      shown(start.summary[key]),
      el("strong", { "data-figure": key, "data-value": plan.summary[key] }, shown(plan.summary[key])),
      el("span", { class: tone }, differ(difference)),
    ];
  };
  return el(
    "section",
    { "aria-label": "Measures of the trial" },
    plan.broken.length
      ? brokenBox(
          plan.broken.map((broken) => broken[2]),
          `Rules that do not hold (${plan.broken.length}):`,
        )
      : el("p", { class: "note" }, "Every rule holds."),
    table(
      "Measures",
      ["Measure", { n: "At the start" }, { n: "Now" }, { n: "Change" }],
      [
        row("Patients who live in the neighbourhood of their practice", "alignment", 1, share, points),
        row("Patients misaligned", "misaligned_patients", -1),
        row("Practices moved", "practices_moved", -1),
        row("Patients moved", "patients_moved", -1),
        row("Patients in another internal neighbourhood", "patients_internal", -1),
        ...data.teams.map((team) =>
          row(`Residents changing team: ${team.label}`, `residents_changing_${team.key}`, -1),
        ),
        row("Fewest residents", "residents_min", 0),
        row("Most residents", "residents_max", 0),
      ],
    ),
    el(
      "p",
      { class: "aside" },
      `A neighbourhood may have ${limitsFor(data, plan).map(people).join(" to ")} residents.`,
    ),
  );
}

function stepsSection() {
  const moved = movedPractices(trial.plan);
  const name = (step) => (step.kind === "lsoa" ? lsoaName(step.at) : practiceName(step.at));
  return el(
    "section",
    { "aria-label": "Steps" },
    el("h2", {}, counted(trial.steps.length, "step")),
    el(
      "ol",
      {},
      trial.steps.map((step) =>
        el("li", {}, `${name(step)} to ${trial.start.names[trial.start.labels.indexOf(step.to)]}`),
      ),
    ),
    moved.length
      ? table(
          "Practices that change PCN",
          ["Practice", "From", "To"],
          moved.map((p) => [practiceLink(p), pcnName(data.practices.pcn[p]), pcnName(trial.plan.pcn[p])]),
        )
      : null,
  );
}

function savePlan(file, head, codes, places) {
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const rows = codes.map((code, at) => `${code},${quoted(trial.plan.labels[places[at]])}`);
  saveText(file, `${[`${head},neighbourhood`, ...rows].join("\r\n")}\r\n`, "text/csv");
}

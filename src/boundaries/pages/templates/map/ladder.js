// The ladder: what each practice move buys, as a small chart and a table whose rows choose the option.

import { seen } from "./core/decode.js";
import { DASH, gapShare, people, share } from "./core/rounding.js";
import { data } from "./data.js";
import { INK } from "./mapview.js";
import { sameAs } from "./panel.js";
import { change, state } from "./state.js";
import { el, svg, table } from "./words.js";

export const changing = (summary) =>
  data.teams.reduce((sum, team) => sum + seen(summary[`residents_changing_${team.key}`] || 0), 0);

// One resident may change team in several layers: then changes are counted, not people.
const teamWords = () => (data.teams.length > 1 ? "Changes of team" : "Residents changing team");

function teamNote() {
  if (data.teams.length < 2) return null;
  return el(
    "p",
    { class: "aside" },
    `Changes of team: residents whose team changes, added over ${data.teams.map((team) => team.label.toLowerCase()).join(" and ")}.`,
  );
}

export function ladderSection() {
  const section = el("section", { "aria-label": "Options" }, el("h2", {}, "What each move buys"));
  section.append(
    ...[
      ladderChart(),
      ladderTable(),
      el(
        "p",
        { class: "aside" },
        "Gap: by how much, at most, a plan’s sum of misaligned patients, changes of team and bonds of neighbours parted could still be smaller; proven: none can be.",
      ),
      teamNote(),
    ].filter(Boolean),
  );
  return section;
}

function ladderTable() {
  const hasTeams = data.teams.length > 0;
  const heads = [
    "Option",
    { n: "Practices moved" },
    { n: "Patients moved" },
    ...(hasTeams ? [{ n: teamWords() }] : []),
    { n: "Aligned" },
    { n: "Gap" },
  ];
  const rows = data.options.map((option, at) => {
    const radio = el("input", {
      type: "radio",
      name: "option",
      value: option.id,
      checked: at === state.option,
      onchange: () => change({ option: at }),
    });
    const cells = [people(option.summary.practices_moved), people(option.summary.patients_moved)];
    if (hasTeams) cells.push(people(changing(option.summary)));
    cells.push(share(option.summary.alignment), gapWords(option));
    return el(
      "tr",
      { class: at === state.option ? "on" : null },
      el(
        "th",
        { scope: "row" },
        el("label", { title: option.title }, radio, el("span", {}, shortTitle(option), aside(option, at))),
      ),
      cells.map((cell) => el("td", { class: "n" }, cell)),
    );
  });
  const made = table(null, heads, rows);
  made.classList.add("ladder");
  made.prepend(el("caption", { class: "hide-text" }, "Options: choose one to show it"));
  return made;
}

// The column beside it says that it counts practices; the full title stands above the ladder.
export function shortTitle(option) {
  const short = {
    "as-is": "Today",
    "as-is-grouped": "Today, grouped",
    closest: "Alignment alone",
    "best-fit": "Best fit",
    "teams-stay": "Teams stay",
  }[option.family];
  const moves = option.title
    .replace(/^No practice moves/, "No moves")
    .replace(
      /^At most (\d+) practices? moves?/,
      (_, most) => `Up to ${most} ${most === "1" ? "move" : "moves"}`,
    );
  return short ? short + (option.title.match(/, \d+ neighbourhoods$/) || [""])[0] : moves;
}

export function aside(option, at) {
  const words = ["best-fit", "closest"].includes(option.family)
    ? "not proposed"
    : sameAs(at) === null
      ? null
      : "the same plan";
  return words && el("small", {}, words);
}

function gapWords(option) {
  if (option.status === "optimal") return "proven";
  if (option.status === "measured") return DASH;
  return option.gap === null ? "not proven" : gapShare(option.gap);
}

// Alignment and residents whose team changes, against the number of practices that move.
function ladderChart() {
  const wide = 396,
    high = 138,
    left = 8,
    right = 8;
  const drawn = data.options.filter((option) =>
    ["as-is", "ladder", "footprint", "teams-stay", "scored"].includes(option.family),
  );
  const ceiling = data.options.find((option) => option.family === "best-fit");
  const charts = [
    { title: "Aligned patients", of: (o) => o.summary.alignment, say: (v) => share(v), top: ceiling },
  ];
  if (data.teams.length) charts.push({ title: teamWords(), of: (o) => changing(o.summary), say: people });
  const each = wide / charts.length;
  const picture = svg("svg", {
    class: "chart",
    viewBox: `0 0 ${wide} ${high}`,
    role: "img",
    "aria-label": "Chart of the table below: alignment and changes of team, by number of practices moved",
  });
  charts.forEach((chart, at) => {
    picture.append(
      smallChart(chart, drawn, {
        x: at * each + left,
        wide: each - left - right - (charts.length > 1 ? 6 : 0),
        high,
      }),
    );
  });
  return picture;
}

function smallChart(chart, drawn, { x, wide, high }) {
  const values = drawn.map(chart.of);
  if (chart.top) values.push(chart.of(chart.top));
  const least = Math.min(...values),
    most = Math.max(...values),
    span = most - least || 1;
  const moves = Math.max(1, ...drawn.map((option) => option.summary.practices_moved));
  const atX = (option) => x + 14 + (wide - 34) * (option.summary.practices_moved / moves);
  const atY = (value) => high - 42 - (high - 78) * ((value - least) / span);
  const group = svg("g", {});
  group.append(svg("text", { x, y: 13, "font-weight": "bold", fill: INK, "font-size": 12 }, chart.title));
  group.append(svg("line", { x1: x, x2: x + wide, y1: high - 30, y2: high - 30, stroke: "#768692" }));
  if (chart.top) {
    const y = atY(chart.of(chart.top));
    group.append(
      svg("line", { x1: x, x2: x + wide, y1: y, y2: y, stroke: "#4c6272", "stroke-dasharray": "4 4" }),
      svg(
        "text",
        { x: x + wide, y: y - 5, "text-anchor": "end", fill: "#35424b" },
        `best fit ${chart.say(chart.of(chart.top))}`,
      ),
    );
  }
  const rungs = drawn.filter((option) => option.family === "ladder");
  for (const count of new Set(rungs.map((option) => option.labels.length))) {
    // a ladder for each number of neighbourhoods
    const points = rungs
      .filter((option) => option.labels.length === count)
      .map((option) => `${atX(option)},${atY(chart.of(option))}`)
      .join(" ");
    group.append(svg("polyline", { points, fill: "none", stroke: "#005eb8", "stroke-width": 2 }));
  }
  let value = null;
  drawn.forEach((option) => {
    const at = data.options.indexOf(option),
      on = at === state.option;
    const px = atX(option),
      py = atY(chart.of(option)),
      filled = option.family === "ladder";
    const dot = svg(
      "g",
      { class: "hit", onclick: () => change({ option: at }) },
      svg("title", {}, `${option.title}: ${chart.say(chart.of(option))}`),
      svg("circle", { cx: px, cy: py, r: 12, fill: "transparent" }),
      on ? svg("circle", { cx: px, cy: py, r: 9, fill: "#ffeb3b", stroke: INK }) : null,
      filled
        ? svg("circle", { cx: px, cy: py, r: 5, fill: "#005eb8", stroke: "#fff" })
        : svg("rect", {
            x: px - 4.5,
            y: py - 4.5,
            width: 9,
            height: 9,
            fill: "#fff",
            stroke: INK,
            "stroke-width": 1.6,
          }),
    );
    group.append(dot);
    if (on)
      value = svg(
        "text",
        {
          x: Math.min(Math.max(px, x + 24), x + wide - 24),
          y: py < 44 ? py + 22 : py - 13,
          "text-anchor": "middle",
          "font-weight": "bold",
          fill: INK,
          stroke: "#fff",
          "stroke-width": 4,
          "paint-order": "stroke",
        },
        chart.say(chart.of(option)),
      );
  });
  if (value) group.append(value); // over every dot
  for (let k = 0; k <= moves; k += Math.max(1, Math.ceil(moves / 6))) {
    group.append(
      svg(
        "text",
        { x: x + 14 + (wide - 34) * (k / moves), y: high - 17, "text-anchor": "middle", fill: "#35424b" },
        k,
      ),
    );
  }
  group.append(
    svg(
      "text",
      { x: x + wide / 2, y: high - 3, "text-anchor": "middle", fill: "#35424b" },
      "practices that change PCN",
    ),
  );
  return group;
}

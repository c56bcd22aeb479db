// The chart of the ladder: alignment, pairs parted and each service's team changes, against the number
// of practices that move. Squares are today, and today's areas put together.

import { people, share } from "./core/rounding.js";
import { data } from "./data.js";
import { changing } from "./ladder.js";
import { INK } from "./mapview.js";
import { change, state } from "./state.js";
import { svg } from "./words.js";

const FAMILIES = ["as-is", "as-is-grouped", "ladder", "footprint", "teams-stay", "scored"];

export function ladderChart() {
  const wide = 396,
    high = 128,
    left = 8,
    right = 14;
  const drawn = data.options.filter((option) => FAMILIES.includes(option.family));
  const decided = drawn.filter((option) => option.family !== "as-is"); // today nobody's team changes
  const top = data.options.find((option) => option.family === "best-fit");
  const charts = [
    { title: "Aligned patients", drawn, of: (o) => o.summary.alignment, say: (v) => share(v), top },
    { title: "Pairs of LSOAs parted", drawn, of: (o) => o.summary.pairs_parted, say: people },
    ...data.teams.map((team) => ({
      title: `Change team: ${team.label}`,
      drawn: decided,
      of: (o) => changing(o, team),
      say: people,
    })),
  ];
  const each = wide / 2;
  const picture = svg("svg", {
    class: "chart",
    viewBox: `0 0 ${wide} ${high * Math.ceil(charts.length / 2)}`,
    role: "img",
    "aria-label":
      "Charts of the table below: alignment, pairs parted and changes of team, by number of practices moved",
  });
  charts.forEach((chart, at) => {
    const box = { x: (at % 2) * each + left, wide: each - left - right, high };
    const group = smallChart(chart, chart.drawn, box);
    group.setAttribute("transform", `translate(0 ${high * Math.floor(at / 2)})`);
    picture.append(group);
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
  const aside = (option) => (option.family.startsWith("as-is") ? -9 : 0);
  const atX = (option) => x + 14 + aside(option) + (wide - 34) * (option.summary.practices_moved / moves);
  const atY = (value) => high - 42 - (high - 78) * ((value - least) / span);
  const group = svg("g", {});
  const size = Math.min(12, (1.75 * wide) / chart.title.length); // a long name of a service fits its half
  group.append(svg("text", { x, y: 13, "font-weight": "bold", fill: INK, "font-size": size }, chart.title));
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
            fill: option.family === "as-is-grouped" ? "#aeb7bd" : "#fff",
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

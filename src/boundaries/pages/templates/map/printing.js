// Printed pages, drawn apart from the screen: one option a page, map fitted, tables below.

import { movedPractices, placesOf } from "./core/measures.js";
import { counted, people, share } from "./core/rounding.js";
import { data } from "./data.js";
import { colourOf } from "./fills.js";
import { eachArc, INK } from "./mapview.js";
import { bestSpot } from "./names.js";
import { blend, sentence } from "./panel.js";
import { shownPlan } from "./plans.js";
import { CROWD, homeColour } from "./practices.js";
import { state } from "./state.js";
import { pcnSign, practiceSymbol } from "./symbols.js";
import { lsoaAt } from "./where.js";
import { el, pcnName, practiceName, setAll, standing, svg, table } from "./words.js";

export function makePrinting() {
  let every = false;
  const box = document.querySelector(".print");
  const build = () => {
    const plans = state.view === "try" ? [shownPlan()] : every ? data.options : [data.options[state.option]];
    box.replaceChildren(...plans.map(printedPage));
  };
  window.addEventListener("beforeprint", build);
  window.addEventListener("afterprint", () => {
    box.replaceChildren();
    every = false;
  });
  document.getElementById("print-one").addEventListener("click", () => window.print());
  document.getElementById("print-all").addEventListener("click", () => {
    every = true;
    build();
    window.print();
  });
}

function printedPage(plan) {
  const { summary } = plan;
  const figures = [
    `${counted(summary.practices_moved, "practice")} moved`,
    `${people(summary.patients_moved)} patients moved`,
    `${share(summary.alignment)} of patients live in the neighbourhood of their practice`,
    ...(plan.family === "as-is" ? [] : data.teams).map(
      (team) => `${people(summary[`residents_changing_${team.key}`])} residents change team (${team.label})`,
    ),
  ];
  return el(
    "article",
    {},
    el(
      "header",
      {},
      el("h2", {}, `${data.place}: ${plan.title}`),
      el("span", { class: "tag" }, standing(plan)),
    ),
    el("p", {}, `${figures.join(" · ")}. ${sentence(plan.proof)}`),
    printedMap(plan),
    table(
      null,
      [
        "Neighbourhood",
        { n: "Residents" },
        { n: "Registered" },
        { n: "Practices" },
        { n: "Aligned" },
        "PCNs based here",
      ],
      plan.labels.map((_, n) => {
        const row = plan.table[n];
        const name = el(
          "span",
          {},
          el("span", { class: "swatch", style: `background:${blend(colourOf(plan, n))}` }),
          plan.names[n],
        );
        return [
          name,
          people(row.residents),
          people(row.registered),
          people(row.practices),
          share(row.alignment),
          data.pcns.code
            .map((__, c) => c)
            .filter((c) => plan.anchors[c].includes(n))
            .map((c) => `${pcnSign(c).letter} ${pcnName(c)}`)
            .join("; "),
        ];
      }),
    ),
    printedMoves(plan),
    el("footer", {}, `${data.discussion} ${data.attribution.join(" ")}`),
  );
}

// Many moves stand in two tables beside one another, so that an option stays on its page.
function printedMoves(plan) {
  const rows = movedPractices(plan).map((p) => [
    practiceName(p),
    pcnName(data.practices.pcn[p]),
    pcnName(plan.pcn[p]),
    people(data.practices.list[p]),
  ]);
  if (!rows.length) return null;
  const half = rows.length > 6 ? Math.ceil(rows.length / 2) : rows.length;
  const part = (some, title) => table(title, ["Practice", "From", "To", { n: "List size" }], some);
  return half === rows.length
    ? part(rows, "Practices that move")
    : el(
        "div",
        { class: "pair" },
        part(rows.slice(0, half), `Practices that move (${rows.length})`),
        part(rows.slice(half), "and"),
      );
}

// Equirectangular at the place's own latitude: true enough for a borough on a page.
function printedMap(plan) {
  const [[south, west], [north, east]] = data.bounds;
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = 1000 / Math.max(north - south, ((east - west) * narrow) / 2.2);
  const xy = ([lat, lng]) => [((lng - west) * narrow * scale).toFixed(1), ((north - lat) * scale).toFixed(1)];
  const trace = (line) => `M${line.map((point) => xy(point).join(" ")).join("L")}`;
  const wide = (east - west) * narrow * scale,
    high = (north - south) * scale;
  const paths = plan.labels.map(() => []);
  data.lsoas.rings.forEach((polygons, a) => {
    if (plan.lsoas[a] >= 0)
      for (const rings of polygons) for (const ring of rings) paths[plan.lsoas[a]].push(`${trace(ring)}Z`);
  });
  const inner = [],
    borders = [],
    edge = [];
  eachArc((line, a, b) =>
    (b < 0 ? edge : plan.lsoas[a] !== plan.lsoas[b] ? borders : inner).push(trace(line)),
  );
  const path = (lines, stroke, width) =>
    svg("path", {
      d: lines.join(""),
      fill: "none",
      stroke,
      "stroke-width": width,
      "stroke-linejoin": "round",
    });
  const size = data.practices.count > CROWD ? 12 : 30;
  const marks = data.practices.point.map((point, p) => {
    if (!point) return null;
    const [x, y] = xy(point);
    const symbol = practiceSymbol(data.practices.pcn[p], {
      moved: Boolean(plan.moved[p]),
      home: homeColour(plan, p),
      size,
    });
    setAll(symbol, { x: x - size / 2, y: y - size / 2, overflow: "visible" });
    return symbol;
  });
  return svg(
    "svg",
    { class: "sheet", viewBox: `-12 -12 ${wide + 24} ${high + 24}`, preserveAspectRatio: "xMidYMid meet" },
    paths.map((lines, n) =>
      svg("path", { d: lines.join(""), fill: blend(colourOf(plan, n)), "fill-rule": "evenodd" }),
    ),
    path(inner, "#fff", 0.8),
    path(borders, INK, 4),
    path(edge, INK, 5),
    marks,
    printedNames(plan, {
      xy,
      size,
      wide,
      high,
      locate: (x, y) => lsoaAt(north - y / scale, west + x / (narrow * scale)),
    }),
  );
}

// Names where they hide least, as on the screen.
function printedNames(plan, { xy, size, wide, high, locate }) {
  if (plan.labels.length > 40) return [];
  const letters = 26,
    taken = [];
  const point = (at) => {
    const [x, y] = xy(at);
    return { x: Number(x), y: Number(y) };
  };
  const marks =
    size < 20
      ? []
      : data.practices.point
          .filter(Boolean)
          .map(point)
          .map(({ x, y }) => ({
            left: x - size / 2,
            right: x + size / 2,
            top: y - size / 2,
            bottom: y + size / 2,
          }));
  const spots = data.lsoas.at.map(point);
  return plan.labels.map((_, n) => {
    const words = { width: plan.names[n].length * letters * 0.56, height: letters * 1.2 };
    const best =
      placesOf(plan, n).length &&
      bestSpot({
        n,
        plan,
        spots,
        size: words,
        marks,
        taken,
        frame: { x: wide, y: high },
        locate,
        many: false,
      });
    if (!best) return null;
    taken.push(best.box);
    return svg(
      "text",
      {
        x: best.x,
        y: best.y + letters * 0.35,
        "text-anchor": "middle",
        "font-size": letters,
        "font-weight": "bold",
        fill: "#10181d",
        stroke: "#fff",
        "stroke-width": 7,
        "paint-order": "stroke",
        "stroke-linejoin": "round",
      },
      plan.names[n],
    );
  });
}

// Printed pages, drawn apart from the screen: one option a page, map fitted, tables below.

function makePrinting() {
  let every = false;
  const box = document.querySelector(".print");
  const build = () => {
    const plans = state.view === "try" ? [shownPlan()] : every ? data.options : [data.options[state.option]];
    box.replaceChildren(...plans.map(printedPage));
  };
  window.addEventListener("beforeprint", build);
  window.addEventListener("afterprint", () => { box.replaceChildren(); every = false; });
  document.getElementById("print-one").addEventListener("click", () => window.print());
  document.getElementById("print-all").addEventListener("click", () => { every = true; build(); window.print(); });
}

function printedPage(plan) {
  const { summary } = plan;
  const figures = [`${counted(summary.practices_moved, "practice")} moved`, `${people(summary.patients_moved)} patients moved`, `${share(summary.alignment)} aligned`,
    ...data.teams.map((team) => `${people(summary[`residents_changing_${team.key}`])} residents change team (${team.label})`)];
  return el("article", {},
    el("header", {}, el("h2", {}, `${data.place}: ${plan.title}`), el("span", { class: "tag" }, "Option for discussion")),
    el("p", {}, `${figures.join(" · ")}. ${sentence(plan.proof)}`), printedMap(plan),
    table(null, ["Neighbourhood", { n: "Residents" }, { n: "Registered" }, { n: "Practices" }, { n: "Aligned" }, "PCNs anchored"], plan.labels.map((_, n) => {
      const row = plan.table[n];
      const name = el("span", {}, el("span", { class: "swatch", style: `background:${blend(colourOf(plan, n))}` }), plan.names[n]);
      return [name, people(row.residents), people(row.registered), people(row.practices), share(row.alignment), data.pcns.code.map((__, c) => c).filter((c) => plan.anchors[c].includes(n)).map((c) => `${pcnSign(c).letter} ${pcnName(c)}`).join("; ")];
    })),
    movedPractices(plan).length ? table("Practices that move", ["Practice", "From", "To", { n: "List size" }], movedPractices(plan).map((p) => [practiceName(p), pcnName(data.practices.pcn[p]), pcnName(plan.pcn[p]), people(data.practices.list[p])])) : null,
    el("footer", {}, `${data.discussion} ${data.attribution.join(" ")}`));
}

// Equirectangular at the place's own latitude: true enough for a borough on a page.
function printedMap(plan) {
  const [[south, west], [north, east]] = data.bounds;
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = 1000 / Math.max(north - south, ((east - west) * narrow) / 2.2);
  const xy = ([lat, lng]) => [((lng - west) * narrow * scale).toFixed(1), ((north - lat) * scale).toFixed(1)];
  const trace = (line) => `M${line.map((point) => xy(point).join(" ")).join("L")}`;
  const wide = (east - west) * narrow * scale, high = (north - south) * scale;
  const paths = plan.labels.map(() => []);
  data.lsoas.rings.forEach((polygons, a) => {
    if (plan.lsoas[a] >= 0) for (const rings of polygons) for (const ring of rings) paths[plan.lsoas[a]].push(`${trace(ring)}Z`);
  });
  const inner = [], borders = [], edge = [];
  eachArc((line, a, b) => (b < 0 ? edge : plan.lsoas[a] !== plan.lsoas[b] ? borders : inner).push(trace(line)));
  const path = (lines, stroke, width) => svg("path", { d: lines.join(""), fill: "none", stroke, "stroke-width": width, "stroke-linejoin": "round" });
  const view = views[0];
  const marks = data.practices.point.map((point, p) => {
    if (!point) return null;
    const [x, y] = xy(point);
    const size = data.practices.count > CROWD ? 12 : 32;
    const symbol = practiceSymbol(data.practices.pcn[p], { moved: Boolean(plan.moved[p]), size });
    setAll(symbol, { x: x - size / 2, y: y - size / 2, overflow: "visible" });
    return symbol;
  });
  return svg("svg", { class: "sheet", viewBox: `-12 -12 ${wide + 24} ${high + 24}`, preserveAspectRatio: "xMidYMid meet" },
    paths.map((lines, n) => svg("path", { d: lines.join(""), fill: blend(colourOf(plan, n)), "fill-rule": "evenodd" })),
    path(inner, "#fff", 0.8), path(borders, INK, 4), path(edge, INK, 5), marks, printedNames(plan, xy, view));
}

function printedNames(plan, xy) {
  if (plan.labels.length > 40) return [];
  return plan.labels.map((_, n) => {
    const mine = placesOf(plan, n);
    if (!mine.length) return null;
    const middle = [0, 1].map((side) => mine.reduce((sum, a) => sum + data.lsoas.at[a][side], 0) / mine.length);
    const spot = mine.map((a) => data.lsoas.at[a]).reduce((best, at) => (Math.hypot(at[0] - middle[0], at[1] - middle[1]) < Math.hypot(best[0] - middle[0], best[1] - middle[1]) ? at : best));
    const [x, y] = xy(spot);
    return svg("text", { x, y, "text-anchor": "middle", "font-size": 30, "font-weight": "bold", fill: "#10181d", stroke: "#fff", "stroke-width": 7, "paint-order": "stroke", "stroke-linejoin": "round" }, plan.names[n]);
  });
}

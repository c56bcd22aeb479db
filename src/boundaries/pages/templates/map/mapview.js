// One map: areas, borders, patches, barriers. In: a Leaflet map, a plan, the state. It draws what it
// is given and knows nothing of views; `practices.js` and `names.js` put markers and labels on it.

import { pairsOf } from "./core/decode.js";
import { counted } from "./core/rounding.js";
import { data } from "./data.js";
import { painter } from "./fills.js";
import { narrowPage } from "./main.js";
import { drawNames } from "./names.js";
import { drawPractices, setCloseness } from "./practices.js";
import { state } from "./state.js";
import { el, lsoaName, setAll } from "./words.js";

export const INK = "#212b32";
const TEAM_STYLES = [
  { color: "#003087", weight: 3, dashArray: "10 6" },
  { color: "#7c2855", weight: 3, dashArray: "2 7" },
  { color: "#005a30", weight: 3, dashArray: "14 5 3 5" },
];

const BARRIER_STYLES = [
  { color: "#4c6272", weight: 4 },
  { color: "#005eb8", weight: 4, dashArray: "1 6", lineCap: "round" },
  { color: "#7a4b00", weight: 4, dashArray: "12 4" },
];

export function makeMapView(map, pick) {
  const view = {
    map,
    pick,
    plan: null,
    areas: [],
    lines: {},
    markers: [],
    labels: [],
    extra: L.layerGroup(),
    leaders: L.layerGroup(),
    only: null,
    painted: [],
    said: [],
  };
  map.attributionControl.setPrefix(false);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  for (const [name, z] of [
    ["areas", 400],
    ["lines", 410],
    ["marks", 620],
  ]) {
    map.createPane(name).style.zIndex = z;
  }
  map.getPane("lines").style.pointerEvents = "none";
  view.areaRenderer = L.svg({ pane: "areas", padding: 0.6 });
  view.lineRenderer = L.svg({ pane: "lines", padding: 0.6 });
  view.areas = data.lsoas.rings.map((polygons, a) => makeArea(view, polygons, a));
  const line = (style) =>
    L.polyline([], {
      pane: "lines",
      renderer: view.lineRenderer,
      interactive: false,
      fill: false,
      lineJoin: "round",
      ...style,
    }).addTo(map);
  view.lines.halo = line({ color: "#fff", weight: 5.5, opacity: 0.85 });
  view.lines.neighbourhoods = line({ color: INK, weight: 2.6 });
  view.lines.edge = line({ color: INK, weight: 4 });
  view.lines.boroughs = line({ color: INK, weight: 3.4, dashArray: "1 7", lineCap: "round" });
  view.lines.selected = line({ color: "#000", weight: 5 });
  view.extra.addTo(map);
  view.leaders.addTo(map);
  drawFixedLines(view);
  map.getContainer().setAttribute("role", "group");
  map
    .getContainer()
    .setAttribute(
      "aria-label",
      "Map. Tab reaches neighbourhoods, practices and areas; arrow keys go to the next one in that direction; Enter opens it; Escape closes.",
    );
  fitMap(map);
  return view;
}

export function fitMap(map) {
  map.fitBounds(data.bounds, {
    paddingTopLeft: [16, narrowPage() ? 76 : 60],
    paddingBottomRight: [16, 18],
    animate: false,
  });
}

function makeArea(view, polygons, a) {
  const area = L.polygon(polygons, {
    pane: "areas",
    renderer: view.areaRenderer,
    className: "area",
    weight: 0.7,
    color: "#ffffff",
    opacity: 0.9,
    smoothFactor: 0.6,
    bubblingMouseEvents: false,
  }).addTo(view.map);
  area.on("click", () => view.pick("lsoa", a));
  area.on("mouseover", () => showHint(view, area, a));
  area.on("mouseout", () => view.hint?.remove());
  const path = area.getElement();
  setAll(path, { role: "button", tabindex: a === 0 ? "0" : "-1", "data-lsoa": data.lsoas.code[a] });
  path.addEventListener("keydown", (event) => areaKeys(view, a, event));
  return area;
}

// Hints repeat what a click shows; nothing is only in them.
function showHint(view, area, a) {
  view.hint = view.hint || L.tooltip({ sticky: true, opacity: 0.97 });
  view.hint.setContent(el("span", {}, areaWords(view, a)));
  area.unbindTooltip();
  area.bindTooltip(view.hint).openTooltip();
}

function areaWords(view, a) {
  const n = view.plan.lsoas[a];
  const where = n < 0 ? "" : `: ${view.plan.names[n]}`;
  const also = view.painter.words(a);
  return `${lsoaName(a)}${where}, ${counted(data.lsoas.residents[a], "resident")}${also ? `, ${also}` : ""}`;
}

// Arrow keys go to the nearest thing in that direction; one tab stop for all areas.
function areaKeys(view, a, event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    event.stopPropagation();
    view.pick("lsoa", a);
    return;
  }
  const next = nextInDirection(event, data.lsoas.at, a);
  if (next === null) return;
  rove(view.areas[a].getElement(), view.areas[next].getElement());
}

export function nextInDirection(event, places, from) {
  const way = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!way) return null;
  event.preventDefault();
  event.stopPropagation();
  const narrow = Math.cos((places[from][0] * Math.PI) / 180);
  let best = null,
    least = Infinity;
  places.forEach((place, at) => {
    if (at === from || !place) return;
    const north = place[0] - places[from][0],
      east = (place[1] - places[from][1]) * narrow;
    const ahead = north * way[0] + east * way[1],
      aside = Math.abs(north * way[1]) + Math.abs(east * way[0]);
    const cost = ahead + 2 * aside;
    if (ahead > 0 && aside <= 2 * ahead && cost < least) {
      least = cost;
      best = at;
    }
  });
  return best;
}

export function rove(from, to) {
  if (!to) return;
  from.setAttribute("tabindex", "-1");
  to.setAttribute("tabindex", "0");
  to.focus();
}

// Lines that are the same in every option: the edge of the place, and of its boroughs.
function drawFixedLines(view) {
  const edge = [],
    boroughs = [];
  eachArc((line, a, b) => {
    if (b < 0) edge.push(line);
    else if (data.lsoas.borough[a] !== data.lsoas.borough[b]) boroughs.push(line);
  });
  view.lines.edge.setLatLngs(edge);
  view.lines.boroughs.setLatLngs(boroughs);
}

export function eachArc(act) {
  const { lines, sides } = data.geo;
  lines.forEach((line, at) => act(line, sides[2 * at], sides[2 * at + 1]));
}

// Draw a plan. `only` limits colour to some LSOAs and practices ("what changes").
export function drawPlan(view, plan, only = null) {
  view.plan = plan;
  view.only = only;
  view.painter = painter(plan);
  view.areas.forEach((_, a) => paintArea(view, a, !only || only.lsoas.has(a)));
  const borders = [],
    chosen = [];
  eachArc((line, a, b) => {
    if (b >= 0 && plan.lsoas[a] !== plan.lsoas[b]) borders.push(line);
    if (isChosen(view, a) !== (b >= 0 && isChosen(view, b))) chosen.push(line);
  });
  view.lines.halo.setLatLngs(borders);
  view.lines.neighbourhoods.setLatLngs(borders);
  view.lines.selected.setLatLngs(chosen);
  drawExtras(view);
  drawPractices(view);
  setCloseness(view);
  drawNames(view);
}

// Only what differs from what is there: a change of one LSOA does not touch the other thousands.
function paintArea(view, a, shown) {
  const { painter } = view;
  const style = shown
    ? { fillColor: painter.colour(a), fillOpacity: painter.opacity, color: painter.line || "#ffffff" }
    : { fillColor: "#eef1f3", fillOpacity: 0.9, color: "#cdd5da" };
  const key = Object.values(style).join(" ");
  if (view.painted[a] !== key) {
    view.painted[a] = key;
    view.areas[a].setStyle(style);
  }
  const words = areaWords(view, a);
  if (view.said[a] !== words) {
    view.said[a] = words;
    view.areas[a].getElement().setAttribute("aria-label", words);
  }
}

function isChosen(view, a) {
  if (!state.selected) return false;
  const { kind, at } = state.selected;
  if (kind === "lsoa") return a === at;
  if (kind === "neighbourhood") return view.plan.labels[view.plan.lsoas[a]] === at;
  if (kind === "pcn") return data.pcns.catchment[a] === at;
  return false;
}

export const LAYERS = () => [
  { key: "names", label: "Names of neighbourhoods" },
  { key: "practices", label: "Practices" },
  ...data.barriers.map((barrier) => ({ key: `barrier:${barrier.key}`, label: `Barriers: ${barrier.label}` })),
  { key: "pairs", label: "Neighbour pairs cut or added" },
  ...data.teams.map((team) => ({ key: `team:${team.key}`, label: `Patches: ${team.label}` })),
];

function drawExtras(view) {
  view.extra.clearLayers();
  const put = (points, style) =>
    L.polyline(points, { pane: "lines", renderer: view.lineRenderer, interactive: false, ...style }).addTo(
      view.extra,
    );
  data.teams.forEach((team, at) => {
    if (!state.layers.has(`team:${team.key}`)) return;
    put(team.paths, { color: "#fff", weight: 6, opacity: 0.9 });
    put(team.paths, TEAM_STYLES[at % TEAM_STYLES.length]);
  });
  data.barriers.forEach((barrier, at) => {
    if (!state.layers.has(`barrier:${barrier.key}`)) return;
    put(barrier.paths, { color: "#fff", weight: 7, opacity: 0.9 });
    put(barrier.paths, BARRIER_STYLES[at % BARRIER_STYLES.length]);
  });
  view.lines.edge.bringToFront(); // patches end at the edge of the place: it stays the edge
  if (!state.layers.has("pairs")) return;
  const cut = new Set(pairsOf(data.neighbours.cut).map(([a, b]) => `${Math.min(a, b)} ${Math.max(a, b)}`));
  const walls = [];
  eachArc((line, a, b) => {
    if (cut.has(`${Math.min(a, b)} ${Math.max(a, b)}`)) walls.push(line);
  });
  put(walls, { color: "#fff", weight: 9 });
  put(walls, { color: "#a4190d", weight: 6, dashArray: "3 5", lineCap: "butt" });
  const bridges = pairsOf(data.neighbours.added).map(([a, b]) => [data.lsoas.at[a], data.lsoas.at[b]]);
  put(bridges, { color: "#fff", weight: 6 });
  put(bridges, { color: "#005eb8", weight: 3, dashArray: "8 4" });
}

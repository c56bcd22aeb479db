// Practices on a map: a sign by PCN; those that move ringed, with an arrow to the PCN they join.

import { movedPractices } from "./core/measures.js";
import { people } from "./core/rounding.js";
import { data } from "./data.js";
import { colourOf } from "./fills.js";
import { INK, nextInDirection, rove } from "./mapview.js";
import { blend } from "./panel.js";
import { isSelected, state } from "./state.js";
import { practiceSymbol } from "./symbols.js";
import { el, pcnName, practiceName, setAll } from "./words.js";

export const CROWD = 150; // practices; above it signs are small until the reader comes nearer

export function drawPractices(view) {
  (view.arrows || []).forEach((arrow) => arrow.remove());
  view.arrows = [];
  if (!state.layers.has("practices")) {
    view.markers.forEach((marker) => marker?.remove());
    view.markers = [];
    return;
  }
  const chosen = state.selected && state.selected.kind === "practice" ? state.selected.at : -1;
  const first = chosen >= 0 ? chosen : data.practices.point.findIndex(Boolean);
  view.markers = data.practices.point.map((point, p) => point && freshPractice(view, p, point));
  view.markers.forEach((marker, p) =>
    marker?.getElement().setAttribute("tabindex", p === first ? "0" : "-1"),
  );
  movedPractices(view.plan)
    .filter((p) => !dimmed(view, p))
    .forEach((p) => drawArrow(view, p));
}

// The marker that is there, where nothing about it has changed.
function freshPractice(view, p, point) {
  const look = {
    moved: Boolean(view.plan.moved[p]),
    dim: dimmed(view, p),
    selected: isSelected("practice", p),
    home: homeColour(view.plan, p),
    words: practiceWords(view, p),
  };
  const key = JSON.stringify(look),
    old = view.markers[p];
  if (old && old.lookKey === key) return old;
  if (old) old.remove();
  const marker = makePractice(view, p, point, look);
  marker.lookKey = key;
  return marker;
}

// Does it stand outside the neighbourhood that it belongs to? Then its sign has that one's colour.
export function standsAway(plan, p) {
  const a = data.practices.stands[p];
  return a >= 0 && plan.practices[p] >= 0 && plan.lsoas[a] !== plan.practices[p];
}

export const homeColour = (plan, p) =>
  standsAway(plan, p) ? blend(colourOf(plan, plan.practices[p])) : null;

const APART = 20,
  FURTHEST = 19; // pixels between signs, and between a sign and its true place

// Signs that would hide one another are pushed apart, a little; nearer in, they stand where they are.
function spreadPractices(view) {
  const home = data.practices.point.map((point) => point && view.map.latLngToLayerPoint(point));
  const at = home.map(
    (point, p) => point && { x: point.x + Math.cos(2.4 * p), y: point.y + Math.sin(2.4 * p) },
  );
  for (let round = 0; round < 40; round += 1) {
    let moved = false;
    for (let p = 0; p < at.length; p += 1) {
      if (!at[p]) continue;
      for (let q = p + 1; q < at.length; q += 1) {
        if (!at[q] || Math.abs(at[p].x - at[q].x) > APART || Math.abs(at[p].y - at[q].y) > APART) continue;
        moved = pushApart(at[p], at[q]) || moved;
      }
    }
    at.forEach((point, p) => point && keepNear(point, home[p]));
    if (!moved) break;
  }
  return at.map((point, p) =>
    point ? { x: Math.round(point.x - home[p].x), y: Math.round(point.y - home[p].y) } : null,
  );
}

function pushApart(one, other) {
  const x = other.x - one.x,
    y = other.y - one.y,
    far = Math.hypot(x, y) || 0.01;
  if (far >= APART) return false;
  const push = (APART - far) / 2 / far;
  one.x -= x * push;
  one.y -= y * push;
  other.x += x * push;
  other.y += y * push;
  return true;
}

function keepNear(point, home) {
  const x = point.x - home.x,
    y = point.y - home.y,
    far = Math.hypot(x, y);
  if (far <= FURTHEST) return;
  point.x = home.x + (x * FURTHEST) / far;
  point.y = home.y + (y * FURTHEST) / far;
}

function shiftPractices(view, far) {
  view.shifts = far ? [] : spreadPractices(view);
  view.markers.forEach((marker, p) => {
    if (!marker) return;
    const shift = view.shifts[p] || { x: 0, y: 0 };
    const { style } = marker.getElement();
    style.marginLeft = `${shift.x - 12}px`;
    style.marginTop = `${shift.y - 12}px`;
  });
}

function makePractice(view, p, point, { moved, dim, selected, home, words }) {
  const icon = L.divIcon({
    className: `practice${moved ? " moved" : ""}${dim ? " dim" : ""}`,
    iconSize: [24, 24],
    iconAnchor: [12, 12],
    html: practiceSymbol(data.practices.pcn[p], { moved, selected, home }),
  });
  const marker = L.marker(point, {
    icon,
    pane: "marks",
    keyboard: false,
    riseOnHover: true,
    zIndexOffset: moved ? 500 : 0,
  });
  marker.on("click", () => view.pick("practice", p));
  marker.addTo(view.map);
  const node = marker.getElement();
  setAll(node, {
    role: "button",
    tabindex: "-1",
    "aria-label": words,
    "data-practice": data.practices.code[p],
  });
  node.addEventListener("keydown", (event) => practiceKeys(view, p, event));
  marker.bindTooltip(el("span", {}, words), { direction: "top", offset: [0, -10], opacity: 0.97 });
  return marker;
}

function practiceWords(view, p) {
  const now = data.practices.pcn[p],
    then = view.plan.pcn[p];
  const moves = view.plan.moved[p]
    ? `, moves to ${then < 0 ? "a neighbourhood with no PCN" : pcnName(then)}`
    : "";
  const away = standsAway(view.plan, p) ? `, belongs to ${view.plan.names[view.plan.practices[p]]}` : "";
  return `${practiceName(p)}: ${now < 0 ? "no PCN" : pcnName(now)}${moves}${away}, list size ${people(data.practices.list[p])}`;
}

function dimmed(view, p) {
  if (view.only) return !view.only.practices.has(p);
  if (!state.selected) return false;
  if (state.selected.kind === "practice") return p !== state.selected.at && state.view !== "try";
  if (state.selected.kind === "pcn")
    return data.practices.pcn[p] !== state.selected.at && view.plan.pcn[p] !== state.selected.at;
  return false;
}

function practiceKeys(view, p, event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    event.stopPropagation();
    view.pick("practice", p);
    return;
  }
  const next = nextInDirection(event, data.practices.point, p);
  if (next !== null && view.markers[next])
    rove(view.markers[p].getElement(), view.markers[next].getElement());
}

// The arrow runs from the practice towards the nearest practice that stays in the PCN it joins.
function drawArrow(view, p) {
  const joins = view.plan.pcn[p];
  const mates = data.practices.point.filter(
    (point, q) => point && q !== p && view.plan.pcn[q] === joins && !view.plan.moved[q],
  );
  const from = data.practices.point[p];
  if (joins < 0 || !from || !mates.length) return;
  const apart = (point) =>
    Math.hypot(point[0] - from[0], (point[1] - from[1]) * Math.cos((from[0] * Math.PI) / 180));
  const mate = mates.reduce((best, point) => (apart(point) < apart(best) ? point : best));
  const middle = [0, 1].map((side) => from[side] + (mate[side] - from[side]) * 0.86);
  const put = (points, style) => {
    view.arrows.push(
      L.polyline(points, { pane: "lines", renderer: view.lineRenderer, interactive: false, ...style }).addTo(
        view.map,
      ),
    );
  };
  const head = arrowHead(from, middle);
  put([[from, middle], head], { color: "#fff", weight: 7, opacity: 0.95 });
  put([[from, middle], head], { color: INK, weight: 3.2, lineCap: "round" });
}

function arrowHead(from, to) {
  const narrow = Math.cos((to[0] * Math.PI) / 180);
  const north = to[0] - from[0],
    east = (to[1] - from[1]) * narrow;
  const angle = Math.atan2(north, east),
    size = Math.min(0.0035, Math.hypot(north, east) * 0.3);
  const barb = (turn) => [
    to[0] - size * Math.sin(angle + turn),
    to[1] - (size * Math.cos(angle + turn)) / narrow,
  ];
  return [barb(0.5), to, barb(-0.5)];
}

export function setCloseness(view) {
  const far = data.practices.count > CROWD && view.map.getZoom() < 13;
  if (view.far !== far) {
    view.far = far;
    view.map.getContainer().classList.toggle("far", far);
    view.lines.neighbourhoods.setStyle({ weight: far ? 1.5 : 2.6 });
    view.lines.halo.setStyle({ weight: far ? 2.5 : 5.5 });
    view.lines.edge.setStyle({ weight: far ? 2.2 : 4 });
    view.areas.forEach((area) => area.setStyle({ weight: far ? 0.25 : 0.7 }));
  }
  view.map.getContainer().classList.toggle("many-moved", movedPractices(view.plan).length > 40);
  shiftPractices(view, far);
}

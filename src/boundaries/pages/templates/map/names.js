// Names of neighbourhoods on a map: inside their borders, apart from one another and from practices.

import { seen } from "./core/decode.js";
import { placesOf } from "./core/measures.js";
import { counted, people } from "./core/rounding.js";
import { data } from "./data.js";
import { INK, nextInDirection, rove } from "./mapview.js";
import { state } from "./state.js";
import { lsoaAt } from "./where.js";
import { el, setAll } from "./words.js";

export function drawNames(view) {
  view.labels.forEach((label) => label.remove());
  view.labels = [];
  view.leaders.clearLayers();
  if (!state.layers.has("names")) return;
  const { plan } = view;
  const people_ = residentsOf(plan);
  const order = plan.labels
    .map((_, n) => n)
    .filter((n) => placesOf(plan, n).length)
    .sort((m, n) => people_[n] - people_[m]);
  view.labels = order.map((n, at) => makeName(view, n, people_[n], at === 0));
  placeNames(view, order);
}

function residentsOf(plan) {
  const sums = plan.labels.map(() => 0);
  plan.lsoas.forEach((n, a) => {
    if (n >= 0) sums[n] += seen(data.lsoas.residents[a]);
  });
  return sums;
}

function makeName(view, n, residents, first) {
  const { plan } = view;
  const text = el("span", {}, plan.names[n], el("small", {}, people(residents)));
  const icon = L.divIcon({ className: "name-label", iconSize: null, html: text });
  const label = L.marker(data.bounds[0], { icon, pane: "marks", keyboard: false, zIndexOffset: 1000 });
  label.on("click", () => view.pick("neighbourhood", plan.labels[n]));
  label.addTo(view.map);
  const node = label.getElement();
  setAll(node, {
    role: "button",
    tabindex: first ? "0" : "-1",
    "aria-label": `Neighbourhood ${plan.names[n]}, ${counted(residents, "resident")}`,
    "data-name": plan.labels[n],
  });
  node.addEventListener("keydown", (event) => nameKeys(view, label, plan.labels[n], event));
  return label;
}

function nameKeys(view, label, name, event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    event.stopPropagation();
    view.pick("neighbourhood", name);
    return;
  }
  const shown = view.labels.filter((other) => !other.getElement().classList.contains("crowded"));
  const next = nextInDirection(
    event,
    shown.map((other) => {
      const at = other.getLatLng();
      return [at.lat, at.lng];
    }),
    shown.indexOf(label),
  );
  if (next !== null) rove(label.getElement(), shown[next].getElement());
}

// Each name goes to the spot of its neighbourhood that costs least: clear of names already placed
// and of practices, inside its own borders, near the middle. One that fits nowhere waits for a closer look.
export function placeNames(view, order = view.order) {
  view.order = order;
  if (!view.labels.length || !view.map.getContainer().offsetWidth) return; // hidden: printing, say
  const { map, plan } = view;
  const spots = data.lsoas.at.map((at) => map.latLngToContainerPoint(at));
  const far = map.getContainer().classList.contains("far");
  const marks = far
    ? []
    : view.markers.flatMap((marker, p) => {
        if (!marker) return [];
        const box = map.latLngToContainerPoint(marker.getLatLng()).add(view.shifts[p] || { x: 0, y: 0 });
        return [{ left: box.x - 12, right: box.x + 12, top: box.y - 12, bottom: box.y + 12 }];
      });
  const frame = map.getSize();
  const taken = [];
  view.leaders.clearLayers();
  const sizes = measureNames(view);
  const locate = (x, y) => {
    const { lat, lng } = map.containerPointToLatLng([x, y]);
    return lsoaAt(lat, lng);
  };
  order.forEach((n, at) => {
    const task = { n, plan, spots, size: sizes[at], marks, taken, frame, locate, many: order.length > MANY };
    const best = bestSpot(task);
    view.labels[at].getElement().classList.toggle("crowded", !best);
    if (!best) return;
    taken.push(best.box);
    view.labels[at].setLatLng(map.containerPointToLatLng([best.x, best.y]));
    if (best.away && !task.many)
      drawLeader(
        view,
        best,
        placesOf(plan, n).map((a) => spots[a]),
      );
  });
}

// From a name that stands outside its neighbourhood to the nearest of its LSOAs.
function drawLeader(view, { box }, own) {
  const nearest = ({ x, y }) => ({
    x: Math.min(Math.max(x, box.left), box.right),
    y: Math.min(Math.max(y, box.top), box.bottom),
  });
  const far = (spot) => {
    const edge = nearest(spot);
    return Math.hypot(spot.x - edge.x, spot.y - edge.y);
  };
  const to = own.reduce((best, spot) => (far(spot) < far(best) ? spot : best));
  const ends = [nearest(to), to].map(({ x, y }) => view.map.containerPointToLatLng([x, y]));
  for (const style of [
    { color: "#fff", weight: 4 },
    { color: INK, weight: 1.4 },
  ]) {
    L.polyline(ends, { pane: "lines", renderer: view.lineRenderer, interactive: false, ...style }).addTo(
      view.leaders,
    );
  }
}

// All are measured before any is changed: the browser then lays the page out once, not once a name.
function measureNames(view) {
  const spans = view.labels.map((label) => label.getElement().firstElementChild);
  spans.forEach((span) => {
    span.parentElement.classList.remove("crowded");
    span.style.width = "";
  });
  const sizes = spans.map(textSize);
  spans.forEach((span, at) => {
    span.style.width = `${Math.ceil(sizes[at].width) + 3}px`;
  }); // and so does what can be clicked
  return sizes;
}

// The room that the words take: a balanced label's own box is wider than its lines.
function textSize(span) {
  const lines = [span.firstChild, span.lastElementChild.firstChild].flatMap((text) => {
    const range = document.createRange();
    range.selectNode(text);
    return [...range.getClientRects()];
  });
  const side = (pick, name) => pick(...lines.map((line) => line[name]));
  return {
    width: side(Math.max, "right") - side(Math.min, "left") + 4,
    height: side(Math.max, "bottom") - side(Math.min, "top") + 4,
  };
}

const MANY = 30; // names; above it they get air around them, and fewer spots are tried

// The middle of a name best lies in its own neighbourhood; it may lie just outside, at a price.
export function bestSpot({ n, plan, spots, size, marks, taken, frame, locate, many }) {
  const mine = placesOf(plan, n);
  const middle = mine.reduce(
    (sum, a) => ({ x: sum.x + spots[a].x / mine.length, y: sum.y + spots[a].y / mine.length }),
    { x: 0, y: 0 },
  );
  const own = mine.map((a) => spots[a]);
  const beside = size.width / 2 + 24,
    air = many ? 10 : 0;
  const around = many
    ? []
    : own.flatMap(({ x, y }) =>
        [
          [0, -44],
          [0, 44],
          [-beside, 0],
          [beside, 0],
        ].map(([right, down]) => ({ x: x + right, y: y + down })),
      );
  let best = null;
  for (const { x, y } of [middle, ...own, ...gridOver(own, many ? 40 : 400), ...around]) {
    const box = {
      left: x - size.width / 2 - 3 - air,
      right: x + size.width / 2 + 3 + air,
      top: y - size.height / 2 - 1 - air,
      bottom: y + size.height / 2 + 1 + air,
    };
    if (taken.some((other) => overlap(box, other) > 0)) continue;
    const hidden = marks.reduce((sum, mark) => sum + overlap(box, mark), 0);
    const off = box.left < 0 || box.top < 0 || box.right > frame.x || box.bottom > frame.y ? 4000 : 0;
    const away = plan.lsoas[locate(x, y)] !== n;
    const cost =
      hidden * HIDING +
      costAbroad(box, locate, (a) => plan.lsoas[a] === n) +
      off +
      (away ? AWAY : 0) +
      Math.hypot(x - middle.x, y - middle.y) * FAR;
    if (!best || cost < best.cost) best = { x, y, box, cost, away };
  }
  return best;
}

// About so many points, evenly over the frame of some spots.
function gridOver(spots, about) {
  const side = (pick, axis) => pick(...spots.map((spot) => spot[axis]));
  const [left, right, top, bottom] = [
    side(Math.min, "x"),
    side(Math.max, "x"),
    side(Math.min, "y"),
    side(Math.max, "y"),
  ];
  const step = Math.max(6, Math.sqrt(((right - left) * (bottom - top)) / about));
  const grid = [];
  for (let y = top + step / 2; y < bottom; y += step)
    for (let x = left + step / 2; x < right; x += step) grid.push({ x, y });
  return grid;
}

// A name that reaches into another neighbourhood misleads; one that reaches out of the place does
// not; one that hides a practice (for each square pixel) hides a fact.
const FAR = 10,
  ABROAD = 2200,
  OUTSIDE = 350,
  HIDING = 3,
  AWAY = 1500;

function costAbroad(box, locate, isOwn) {
  const middle = (box.top + box.bottom) / 2;
  const outer = [box.top + 4, middle, box.bottom - 4].flatMap((y) => [
    [box.left + 4, y],
    [box.right - 4, y],
  ]);
  return outer.reduce((sum, [x, y]) => {
    const a = locate(x, y);
    return a < 0 ? sum + OUTSIDE : isOwn(a) ? sum : sum + ABROAD;
  }, 0);
}

function overlap(one, other) {
  const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return wide > 0 && high > 0 ? wide * high : 0;
}

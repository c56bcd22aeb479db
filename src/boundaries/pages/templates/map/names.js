// Names of neighbourhoods on a map: inside their borders, apart from one another and from practices.

function drawNames(view) {
  view.labels.forEach((label) => label.remove());
  view.labels = [];
  if (!state.layers.has("names")) return;
  const { plan } = view;
  const people_ = residentsOf(plan);
  const order = plan.labels.map((_, n) => n).filter((n) => placesOf(plan, n).length).sort((m, n) => people_[n] - people_[m]);
  view.labels = order.map((n, at) => makeName(view, n, people_[n], at === 0));
  placeNames(view, order);
}

function residentsOf(plan) {
  const sums = plan.labels.map(() => 0);
  plan.lsoas.forEach((n, a) => { if (n >= 0) sums[n] += seen(data.lsoas.residents[a]); });
  return sums;
}

const placesOf = (plan, n) => plan.lsoas.flatMap((of, a) => (of === n ? [a] : []));

function makeName(view, n, residents, first) {
  const { plan } = view;
  const text = el("span", {}, plan.names[n], el("small", {}, people(residents)));
  const icon = L.divIcon({ className: "name-label", iconSize: null, html: text });
  const label = L.marker(data.bounds[0], { icon, pane: "marks", keyboard: false, zIndexOffset: 1000 });
  label.on("click", () => view.pick("neighbourhood", plan.labels[n]));
  label.addTo(view.map);
  const node = label.getElement();
  setAll(node, { role: "button", tabindex: first ? "0" : "-1", "aria-label": `Neighbourhood ${plan.names[n]}, ${counted(residents, "resident")}`, "data-name": plan.labels[n] });
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
  const next = nextInDirection(event, shown.map((other) => { const at = other.getLatLng(); return [at.lat, at.lng]; }), shown.indexOf(label));
  if (next !== null) rove(label.getElement(), shown[next].getElement());
}

// Each name goes to the spot of its neighbourhood that costs least: clear of names already placed
// and of practices, inside its own borders, near the middle. One that fits nowhere waits for a closer look.
function placeNames(view, order = view.order) {
  view.order = order;
  if (!view.labels.length || !view.map.getContainer().offsetWidth) return; // hidden: printing, say
  const { map, plan } = view;
  const spots = data.lsoas.at.map((at) => map.latLngToContainerPoint(at));
  const far = map.getContainer().classList.contains("far");
  const marks = far ? [] : view.markers.flatMap((marker, p) => {
    if (!marker) return [];
    const box = map.latLngToContainerPoint(marker.getLatLng()).add(view.shifts[p] || { x: 0, y: 0 });
    return [{ left: box.x - 12, right: box.x + 12, top: box.y - 12, bottom: box.y + 12 }];
  });
  const frame = map.getSize();
  const taken = [];
  order.forEach((n, at) => {
    const node = view.labels[at].getElement();
    node.classList.remove("crowded");
    const span = node.firstElementChild;
    span.style.width = "";
    const size = textSize(span);
    span.style.width = `${Math.ceil(size.width) + 3}px`; // and so does what can be clicked
    const mine = placesOf(plan, n);
    const task = { mine, spots, size, marks, taken, frame, map, order };
    const best = bestSpot(task, true) || bestSpot(task, false);
    if (!best) { node.classList.add("crowded"); return; }
    taken.push(best.box);
    view.labels[at].setLatLng(map.containerPointToLatLng([best.x, best.y]));
  });
}

// The room that the words take: a balanced label's own box is wider than its lines.
function textSize(span) {
  const lines = [span.firstChild, span.lastElementChild.firstChild].flatMap((text) => {
    const range = document.createRange();
    range.selectNode(text);
    return [...range.getClientRects()];
  });
  const side = (pick, name) => pick(...lines.map((line) => line[name]));
  return { width: side(Math.max, "right") - side(Math.min, "left") + 4, height: side(Math.max, "bottom") - side(Math.min, "top") + 4 };
}

// At home the middle of the name lies in its own neighbourhood; away it may lie just outside.
function bestSpot({ mine, spots, size, marks, taken, frame, map, order }, home) {
  const middle = mine.reduce((sum, a) => ({ x: sum.x + spots[a].x / mine.length, y: sum.y + spots[a].y / mine.length }), { x: 0, y: 0 });
  const own = mine.map((a) => spots[a]);
  const around = home ? [] : own.flatMap(({ x, y }) => [[0, -40], [0, 40], [-60, 0], [60, 0]].map(([right, down]) => ({ x: x + right, y: y + down })));
  const candidates = [middle, ...own, ...gridOver(own, order.length > 30 ? 40 : 240), ...(order.length > 30 ? [] : around)];
  let best = null;
  for (const { x, y } of candidates) {
    const box = { left: x - size.width / 2 - 3, right: x + size.width / 2 + 3, top: y - size.height / 2 - 1, bottom: y + size.height / 2 + 1 };
    if (taken.some((other) => overlap(box, other) > 0) || isHome(map, x, y, mine) !== home) continue;
    const hidden = marks.reduce((sum, mark) => sum + overlap(box, mark), 0);
    const abroad = costAbroad(map, box, mine);
    const off = box.left < 0 || box.top < 0 || box.right > frame.x || box.bottom > frame.y ? 4000 : 0;
    const cost = hidden * 1.5 + abroad + off + Math.hypot(x - middle.x, y - middle.y) * 4;
    if (!best || cost < best.cost) best = { x, y, box, cost };
  }
  return best;
}

// About so many points, evenly over the frame of some spots.
function gridOver(spots, about) {
  const side = (pick, axis) => pick(...spots.map((spot) => spot[axis]));
  const [left, right, top, bottom] = [side(Math.min, "x"), side(Math.max, "x"), side(Math.min, "y"), side(Math.max, "y")];
  const step = Math.max(6, Math.sqrt(((right - left) * (bottom - top)) / about));
  const grid = [];
  for (let y = top + step / 2; y < bottom; y += step) for (let x = left + step / 2; x < right; x += step) grid.push({ x, y });
  return grid;
}

// A name that reaches into another neighbourhood misleads; one that reaches out of the place does not.
const ABROAD = 1200, OUTSIDE = 450;

function costAbroad(map, box, mine) {
  const middle = (box.top + box.bottom) / 2;
  const outer = [box.top + 4, middle, box.bottom - 4].flatMap((y) => [[box.left + 4, y], [box.right - 4, y]]);
  return outer.reduce((sum, [x, y]) => {
    if (isHome(map, x, y, mine)) return sum;
    const { lat, lng } = map.containerPointToLatLng([x, y]);
    return sum + (data.lsoas.code.some((_, a) => holds(a, lat, lng)) ? ABROAD : OUTSIDE);
  }, 0);
}

function isHome(map, x, y, mine) {
  const { lat, lng } = map.containerPointToLatLng([x, y]);
  return mine.some((a) => holds(a, lat, lng));
}

function holds(a, lat, lng) {
  const frame = frameOf(a);
  if (lat < frame[0] || lat > frame[1] || lng < frame[2] || lng > frame[3]) return false;
  let inside = false;
  for (const rings of data.lsoas.rings[a]) for (const ring of rings) {
    for (let at = 0, before = ring.length - 1; at < ring.length; before = at, at += 1) {
      const [y, x] = ring[at], [v, u] = ring[before];
      if (y > lat !== v > lat && lng < ((u - x) * (lat - y)) / (v - y) + x) inside = !inside;
    }
  }
  return inside;
}

const frames = [];

function frameOf(a) {
  if (!frames[a]) {
    const all = data.lsoas.rings[a].flat(2);
    const side = (at, pick) => all.reduce((best, point) => pick(best, point[at]), all[0][at]);
    frames[a] = [side(0, Math.min), side(0, Math.max), side(1, Math.min), side(1, Math.max)];
  }
  return frames[a];
}

function overlap(one, other) {
  const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return wide > 0 && high > 0 ? wide * high : 0;
}

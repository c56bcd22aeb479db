// The ground on a map: water, parks, railways and roads under the colours; names where there is room.

import { placeLabels } from "./core/labels.js";
import { data } from "./data.js";
import { state } from "./state.js";
import { el, svg } from "./words.js";

const SHAPES_OF = { water: "#8fc1e3", park: "#a9d3a0" };
const LINES_OF = {
  water: { color: "#8fc1e3", weight: 2.4 },
  rail: { color: "#59636b", weight: 1.6 },
  road: { color: "#8d969d", weight: 2 },
};
const MOST = 20; // names of the ground at one time

export const hasGround = () =>
  data.ground.names.length + Object.keys(data.ground.areas).length + Object.keys(data.ground.lines).length >
  0;

export function drawGround(view) {
  if (!hasGround()) return;
  view.map.createPane("ground").style.zIndex = 390;
  view.map.getPane("ground").style.pointerEvents = "none";
  const renderer = L.svg({ pane: "ground", padding: 0.6 });
  const drawn = { pane: "ground", renderer, interactive: false };
  view.ground = L.layerGroup();
  for (const [kind, rings] of Object.entries(data.ground.areas))
    L.polygon(rings, { ...drawn, stroke: false, fillOpacity: 1, fillColor: SHAPES_OF[kind] }).addTo(
      view.ground,
    );
  for (const [kind, lines] of Object.entries(data.ground.lines))
    L.polyline(lines, { ...drawn, ...LINES_OF[kind] }).addTo(view.ground);
  view.groundNames = L.layerGroup().addTo(view.map);
}

export function showGround(view) {
  if (!view.ground) return;
  if (state.layers.has("ground")) view.ground.addTo(view.map);
  else view.ground.remove();
}

// After names and signs have their places: whatever they leave free.
export function placeGroundNames(view, taken) {
  if (!view.groundNames) return;
  view.groundNames.clearLayers();
  if (!state.layers.has("ground")) return;
  const { map } = view,
    frame = map.getSize();
  const names = data.ground.names.map(({ at, text, kind }) => {
    const { x, y } = map.latLngToContainerPoint(at);
    return { x, y, text, dot: kind === "station", width: widthOf(text), height: 15 };
  });
  for (const { x, y, at, text, dot } of placeLabels(names, { taken, frame, most: MOST })) {
    const icon = L.divIcon({ className: "ground-name", iconSize: null, html: el("span", {}, text) });
    const put = { icon, pane: "lines", interactive: false, keyboard: false };
    const marker = L.marker(map.containerPointToLatLng([at.x, at.y]), put).addTo(view.groundNames);
    marker.getElement().setAttribute("aria-hidden", "true"); // the search finds each
    if (dot)
      L.circleMarker(map.containerPointToLatLng([x, y]), {
        pane: "lines",
        renderer: view.lineRenderer,
        interactive: false,
        radius: 2.6,
        weight: 1.2,
        color: "#212b32",
        fillColor: "#fff",
        fillOpacity: 1,
      }).addTo(view.groundNames);
  }
}

const pen = document.createElement("canvas").getContext("2d");

function widthOf(text) {
  pen.font = "italic 12px Arial, Helvetica, sans-serif";
  return Math.ceil(pen.measureText(text).width) + 4;
}

// On paper: the same shapes under the colours, and the names that find room.
export function printedGround(trace) {
  const areas = Object.entries(data.ground.areas).map(([kind, rings]) =>
    svg("path", {
      d: rings.map((ring) => `${trace(ring)}Z`).join(""),
      fill: SHAPES_OF[kind],
      "fill-rule": "evenodd",
    }),
  );
  const lines = Object.entries(data.ground.lines).map(([kind, all]) =>
    svg("path", {
      d: all.map(trace).join(""),
      fill: "none",
      stroke: LINES_OF[kind].color,
      "stroke-width": 2 * LINES_OF[kind].weight,
    }),
  );
  return [...areas, ...lines];
}

export function printedGroundNames(point, taken, frame) {
  const letters = 18;
  const names = data.ground.names.map(({ at, text, kind }) => ({
    ...point(at),
    text,
    dot: kind === "station",
    width: (widthOf(text) * letters) / 12,
    height: letters * 1.2,
  }));
  return placeLabels(names, { taken, frame, most: MOST, apart: 10 }).flatMap(({ x, y, at, text, dot }) => [
    dot ? svg("circle", { cx: x, cy: y, r: 4, fill: "#fff", stroke: "#212b32", "stroke-width": 2 }) : null,
    svg(
      "text",
      {
        x: at.x,
        y: at.y + letters * 0.35,
        "text-anchor": "middle",
        "font-size": letters,
        "font-style": "italic",
        fill: "#2b3a44",
        stroke: "#fff",
        "stroke-width": 4,
        "paint-order": "stroke",
        "stroke-linejoin": "round",
      },
      text,
    ),
  ]);
}

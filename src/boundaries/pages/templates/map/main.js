// Puts the page together: maps, panel, tables, controls; then draws on every change of state.

import { addSecondMap, differences, drawHeads } from "./compare.js";
import { counted, share } from "./core/rounding.js";
import { data } from "./data.js";
import { closeDetails } from "./details.js";
import { drawPaneLegend, FILLS } from "./fills.js";
import { drawPlan, fitMap, LAYERS, makeMapView } from "./mapview.js";
import { placeNames } from "./names.js";
import { drawPanel } from "./panel.js";
import { preparePlans, shownPlan } from "./plans.js";
import { setCloseness } from "./practices.js";
import { makePrinting } from "./printing.js";
import { makeSearch } from "./search.js";
import { change, followAddress, onChange, select, state } from "./state.js";
import { drawTables } from "./tables.js";
import { beginTrial, pickToMove } from "./tryit.js";
import { el, firstProposed, say } from "./words.js";

export const views = [];

export function pick(kind, at) {
  if (state.view === "try" && pickToMove(kind, at)) return;
  select(kind, at);
  const title = document.querySelector("#details h2");
  if (title) {
    say(`${title.textContent}: details are in the panel.`);
    if (narrowPage()) title.scrollIntoView({ block: "start" });
    title.focus({ preventScroll: true });
  }
}

export const narrowPage = () => window.matchMedia("(max-width: 900px)").matches;

function draw(before) {
  const two = state.view === "compare";
  const reading = state.view === "tables";
  const panes = document.querySelector(".panes");
  const resized = two === document.getElementById("pane-b").hidden;
  panes.classList.toggle("two", two);
  panes.classList.toggle("reading", reading);
  document.getElementById("pane-b").hidden = !two;
  document.querySelector(".tables").hidden = !reading;
  if (two && views.length < 2) addSecondMap();
  if (resized || (before && before.view === "tables"))
    views.forEach((view) => view.map.invalidateSize({ animate: false }));
  if (resized) fitMap(views[0].map);
  const held = heldFocus();
  drawPlan(views[0], shownPlan(), state.view === "changes" ? differences() : null);
  if (two) drawPlan(views[1], data.options[state.other]);
  restoreFocus(held);
  drawHeads();
  drawPaneLegend();
  drawPanel();
  if (reading) drawTables(document.querySelector(".tables"));
  drawControls();
  if (before && before.option !== state.option && state.view !== "try") sayOption(data.options[state.option]);
}

function sayOption({ title, summary }) {
  say(
    `${title}: ${share(summary.alignment)} of patients live in the neighbourhood of their practice, ${counted(summary.practices_moved, "practice")} moved.`,
  );
}

// Markers are drawn anew; whoever stood on one stands on it again.
function heldFocus() {
  const node = document.activeElement;
  const view = node && views.find((one) => one.map.getContainer().contains(node));
  if (!view || !(node.dataset.practice || node.dataset.name)) return null;
  return {
    view,
    key: node.dataset.practice ? "practice" : "name",
    value: node.dataset.practice || node.dataset.name,
  };
}

function restoreFocus(held) {
  if (!held) return;
  const again = [...held.view.map.getContainer().querySelectorAll(`[data-${held.key}]`)].find(
    (node) => node.dataset[held.key] === held.value,
  );
  if (!again) return;
  const group = again.parentElement.querySelectorAll(`[data-${held.key}]`);
  group.forEach((node) => node.setAttribute("tabindex", node === again ? "0" : "-1"));
  again.focus({ preventScroll: true });
}

// On a narrow page the wheel scrolls the page; the map has its buttons, pinch and keys.
function fitToPage(map) {
  map.scrollWheelZoom[narrowPage() ? "disable" : "enable"]();
}

export function addView(map) {
  fitToPage(map);
  const view = makeMapView(map, pick);
  views.push(view);
  new ResizeObserver(() => {
    if (!map.getContainer().offsetWidth) return; // hidden: printing, say
    map.invalidateSize({ animate: false });
    fitToPage(map);
    if (view.plan) placeNames(view);
  }).observe(map.getContainer());
  map.on("zoomend", () => {
    if (view.plan) {
      setCloseness(view);
      placeNames(view);
    }
  });
  return view;
}

function drawControls() {
  document
    .querySelectorAll(".views button")
    .forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.view === state.view)));
  document.getElementById("fill").value = state.fill;
  document.querySelectorAll("#layers input").forEach((box) => {
    box.checked = state.layers.has(box.value);
  });
}

function makeControls() {
  document.querySelectorAll("[data-view=compare], [data-view=changes]").forEach((button) => {
    button.hidden = data.options.length < 2;
  });
  document
    .querySelectorAll(".views button")
    .forEach((button) => button.addEventListener("click", () => enterView(button.dataset.view)));
  const fill = document.getElementById("fill");
  fill.append(
    ...FILLS.filter((one) => one.there()).map((one) => el("option", { value: one.key }, one.label)),
  );
  fill.addEventListener("change", () => change({ fill: fill.value }));
  document.querySelector("#layers > div").append(
    ...LAYERS().map((layer) =>
      el(
        "label",
        { class: "tick" },
        el("input", {
          type: "checkbox",
          value: layer.key,
          onchange: (event) => toggleLayer(layer.key, event.target.checked),
        }),
        layer.label,
      ),
    ),
  );
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the fragment is the state's
    document.getElementById("panel").focus();
  });
  document.addEventListener("keydown", escapeCloses);
  document.addEventListener("click", closeMenus);
  window.addEventListener("popstate", followAddress);
}

function enterView(view) {
  if (view === "try") beginTrial();
  if ((view === "compare" || view === "changes") && state.other === state.option) {
    change({
      view,
      other: state.option === 0 ? firstProposed() : state.option,
      option: state.option === 0 ? 0 : view === "changes" ? 0 : state.option - 1,
    });
    return;
  }
  change({ view });
}

export function toggleLayer(key, on) {
  const layers = new Set(state.layers);
  if (on) layers.add(key);
  else layers.delete(key);
  change({ layers });
}

function escapeCloses(event) {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (state.selected && document.getElementById("details")) closeDetails();
  else if (state.selected) select(null);
}

function closeMenus(event) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

export function start() {
  document.documentElement.classList.add("scripts");
  preparePlans();
  map_boundaries.invalidateSize({ animate: false });
  addView(map_boundaries);
  onChange(draw);
  makeControls();
  makeSearch();
  makePrinting();
  followAddress();
  document.documentElement.classList.add("drawn");
}

start();

// What the reader is looking at, in one place; the URL fragment holds it, so "look at this" can be sent.
// `change({…})` is the only way to alter it; everything on the page redraws from it.

import { data } from "./data.js";
import { FILLS } from "./fills.js";
import { LAYERS } from "./mapview.js";
import { shownPlan } from "./plans.js";
import { beginTrial } from "./tryit.js";
import { firstProposed } from "./words.js";

const VIEWS = ["map", "compare", "changes", "try", "tables"];
const KINDS = ["practice", "lsoa", "neighbourhood", "pcn"];

export const state = {
  option: 0, // the option shown
  other: 0, // the one it is compared with
  view: "map",
  fill: "neighbourhood",
  layers: new Set(["practices", "names"]),
  selected: null, // {kind, at}: a position, for neighbourhoods a label of the option shown
};

const listeners = [];
export const onChange = (listener) => listeners.push(listener);

export function change(patch, { remember = true } = {}) {
  const before = { ...state, layers: new Set(state.layers) };
  Object.assign(state, patch);
  dropLostSelection();
  writeFragment(remember);
  for (const listener of listeners) listener(before);
}

// What the address says, all of it: what it does not name goes back to how a page begins.
export function followAddress() {
  const asked = {
    option: 0,
    other: firstProposed(),
    view: "map",
    fill: "neighbourhood",
    layers: new Set(["practices", "names"]),
    selected: null,
    ...readFragment(),
  };
  if (asked.view === "try") beginTrial(asked.option);
  change(asked, { remember: false });
}

export const select = (kind, at) => change({ selected: kind === null ? null : { kind, at } });
export const isSelected = (kind, at) =>
  state.selected !== null && state.selected.kind === kind && state.selected.at === at;

// A neighbourhood selected in one option may have another label, or none, in the next.
function dropLostSelection() {
  if (
    state.selected &&
    state.selected.kind === "neighbourhood" &&
    !shownPlan().labels.includes(state.selected.at)
  ) {
    state.selected = null;
  }
}

// Every step is one that "Back" undoes; the first state only takes its place.
function writeFragment(remember) {
  const parts = new URLSearchParams();
  parts.set("option", data.options[state.option].id);
  if (state.view !== "map") parts.set("view", state.view);
  if (state.view === "compare" || state.view === "changes") parts.set("with", data.options[state.other].id);
  if (state.fill !== "neighbourhood") parts.set("fill", state.fill);
  const layers = [...state.layers].sort().join(" ");
  if (layers !== "names practices") parts.set("show", layers || "none");
  if (state.selected) parts.set(state.selected.kind, codeOf(state.selected));
  if (`#${parts}` === location.hash) return;
  try {
    if (remember && location.hash) history.pushState(null, "", `#${parts}`);
    else history.replaceState(null, "", `#${parts}`);
  } catch {
    // A page inside another (a notebook) has no address of its own.
  }
}

function codeOf({ kind, at }) {
  if (kind === "practice") return data.practices.code[at];
  if (kind === "lsoa") return data.lsoas.code[at];
  if (kind === "pcn") return data.pcns.code[at];
  return at;
}

// What the fragment asks for and this page does not have is left as it was.
function readFragment() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const ids = data.options.map((option) => option.id);
  const patch = {};
  if (ids.includes(parts.get("option"))) patch.option = ids.indexOf(parts.get("option"));
  if (ids.includes(parts.get("with"))) patch.other = ids.indexOf(parts.get("with"));
  const pairs = ["compare", "changes"];
  if (VIEWS.includes(parts.get("view")) && (ids.length > 1 || !pairs.includes(parts.get("view"))))
    patch.view = parts.get("view");
  if (FILLS.some((fill) => fill.key === parts.get("fill") && fill.there())) patch.fill = parts.get("fill");
  if (parts.has("show")) {
    const known = LAYERS().map((layer) => layer.key);
    patch.layers = new Set(
      parts
        .get("show")
        .split(" ")
        .filter((key) => known.includes(key)),
    );
  }
  const selected = KINDS.map((kind) => selectedFrom(kind, parts.get(kind))).find(Boolean);
  if (selected) patch.selected = selected;
  return patch;
}

function selectedFrom(kind, code) {
  if (!code) return null;
  if (kind === "neighbourhood") return { kind, at: code };
  const codes = { practice: data.practices.code, lsoa: data.lsoas.code, pcn: data.pcns.code }[kind];
  return codes.includes(code) ? { kind, at: codes.indexOf(code) } : null;
}

// The measures of an edited plan, as boundaries/measure computes them from the same registrations.
// In: neighbourhoods of LSOAs and practices. Out: a plan that the page can draw, with its figures.

import { fewestMoves, searchAnchors } from "./anchors.js";
import { seen } from "./decode.js";
import { brokenRules, withLocks } from "./rules.js";

export function measureEdited(data, edit) {
  const plan = withoutEmptyLabels(edit);
  plan.anchors = chooseAnchors(data, plan);
  findMoves(data, plan);
  const aligned = alignmentOfPlan(data, plan);
  const teams = teamsOfPlan(data, plan);
  plan.table = neighbourhoodRows(data, plan, aligned);
  const lists = (wanted) => data.practices.list.reduce((sum, list, p) => (wanted(p) ? sum + list : sum), 0);
  const off = sitsOffMain(data, plan);
  const parted = data.bonds.filter(([a, b]) => plan.lsoas[a] !== plan.lsoas[b]);
  plan.summary = {
    neighbourhoods: plan.labels.length,
    practices_moved: movedPractices(plan).length,
    patients_moved: lists((p) => plan.moved[p]),
    patients_internal: lists((p) => off[p]),
    patients_counted: aligned.counted,
    misaligned_patients: aligned.misaligned,
    alignment: aligned.counted ? 1 - aligned.misaligned / aligned.counted : null,
    ...teams,
    bonds_parted: parted.reduce((sum, [, , bond]) => sum + bond, 0),
    pairs_parted: parted.length,
    residents_min: Math.min(...plan.table.map((row) => row.residents)),
    residents_max: Math.max(...plan.table.map((row) => row.residents)),
  };
  plan.summary.objective =
    aligned.misaligned +
    plan.summary.bonds_parted +
    data.teams.reduce((sum, team) => sum + team.weight * teams[`residents_changing_${team.key}`], 0);
  plan.broken = brokenRules(data, plan);
  plan.moves = [];
  plan.status = "measured";
  plan.proof = "your own trial, measured in this page";
  return plan;
}

// A neighbourhood that has lost its last LSOA and practice is not in the plan any more.
function withoutEmptyLabels(edit) {
  const used = edit.labels
    .map((_, n) => n)
    .filter((n) => edit.lsoas.includes(n) || edit.practices.includes(n));
  const at = new Map(used.map((n, to) => [n, to]));
  const keep = (values) => used.map((n) => values[n]);
  return {
    ...edit,
    labels: keep(edit.labels),
    names: keep(edit.names),
    identity: keep(edit.identity),
    lsoas: edit.lsoas.map((n) => at.get(n)),
    practices: edit.practices.map((n) => at.get(n)),
  };
}

const zeros = (rows, columns) => Array.from({ length: rows }, () => new Array(columns).fill(0));

function holdingsOf(data, plan) {
  const size = plan.labels.length;
  const [practices, patients, living] = [0, 1, 2].map(() => zeros(data.pcns.count, size));
  data.practices.pcn.forEach((c, p) => {
    if (c < 0) return;
    practices[c][plan.practices[p]] += 1;
    patients[c][plan.practices[p]] += data.practices.list[p];
    for (const [a, count] of data.patients[p]) living[c][plan.lsoas[a]] += count;
  });
  return data.pcns.code.map((_, c) => ({
    practices: practices[c],
    patients: patients[c],
    living: living[c],
    span: data.pcns.span[c],
    floor: data.pcns.floor[c] - data.pcns.listOutside[c],
  }));
}

function chooseAnchors(data, plan) {
  const plain = {
    holdings: holdingsOf(data, plan),
    size: plan.labels.length,
    inside: [],
    outside: [],
    together: [],
    apart: [],
  };
  const problem = withLocks(data, plain, plan);
  const sets = (problem && searchAnchors(problem)) || fewestMoves(plain);
  return sets.map((chosen) => [...chosen].sort((j, k) => j - k));
}

function findMoves(data, plan) {
  plan.moved = data.practices.pcn.map((c, p) =>
    c >= 0 && !plan.anchors[c].includes(plan.practices[p]) ? 1 : 0,
  );
  let byPcn = null;
  plan.pcn = data.practices.pcn.map((c, p) => {
    if (!plan.moved[p]) return c;
    byPcn = byPcn || patientsByPcn(data);
    return joinedPcn(data, plan, p, byPcn);
  });
}

function patientsByPcn(data) {
  const by = data.pcns.code.map(() => new Map());
  data.patients.forEach((rows, p) => {
    const c = data.practices.pcn[p];
    if (c >= 0) for (const [a, count] of rows) by[c].set(a, (by[c].get(a) || 0) + count);
  });
  return by;
}

// Of the PCNs anchored where it sits, the one whose patients live most where its own do.
function joinedPcn(data, plan, p, byPcn) {
  let best = -1,
    most = -1;
  plan.anchors.forEach((labels, c) => {
    if (!labels.includes(plan.practices[p])) return;
    const score = data.patients[p].reduce((sum, [a, count]) => sum + count * (byPcn[c].get(a) || 0), 0);
    if (score > most) {
      most = score;
      best = c;
    }
  });
  return best;
}

function alignmentOfPlan(data, plan) {
  const size = plan.labels.length;
  const found = { counted: 0, misaligned: 0, all: new Array(size).fill(0), off: new Array(size).fill(0) };
  data.patients.forEach((rows, p) => {
    const n = plan.practices[p];
    for (const [a, count] of rows) {
      found.counted += count;
      found.all[n] += count;
      if (plan.lsoas[a] !== n) {
        found.misaligned += count;
        found.off[n] += count;
      }
    }
  });
  return found;
}

function neighbourhoodRows(data, plan, aligned) {
  const rows = plan.labels.map((_, n) => ({
    residents: 0,
    registered: 0,
    practices: 0,
    lsoas: 0,
    alignment: aligned.all[n] ? 1 - aligned.off[n] / aligned.all[n] : null,
  }));
  plan.lsoas.forEach((n, a) => {
    rows[n].residents += data.lsoas.residents[a];
    rows[n].lsoas += 1;
  });
  plan.practices.forEach((n, p) => {
    rows[n].registered += data.practices.list[p];
    rows[n].practices += 1;
  });
  return rows;
}

// The neighbourhood of each team of a layer: the one with most of the team's residents.
export function teamAnchors(data, plan, t) {
  const held = zeros(data.teams[t].names.length, plan.labels.length);
  data.sharesOf[t].forEach((shares, a) => {
    if (plan.lsoas[a] >= 0)
      for (const [name, part] of shares) held[name][plan.lsoas[a]] += seen(data.lsoas.residents[a]) * part;
  });
  return held.map((row) => row.reduce((best, value, n) => (value > row[best] ? n : best), 0));
}

// Residents off their team's anchor, by layer.
function teamsOfPlan(data, plan) {
  const changing = {};
  data.teams.forEach((team, t) => {
    const anchors = teamAnchors(data, plan, t);
    let sum = 0;
    data.sharesOf[t].forEach((shares, a) => {
      for (const [name, part] of shares)
        if (plan.lsoas[a] !== anchors[name]) sum += data.lsoas.residents[a] * part;
    });
    changing[`residents_changing_${team.key}`] = sum;
  });
  return changing;
}

// Practices that stay in their PCN but away from the neighbourhood that holds most of its list.
function sitsOffMain(data, plan) {
  const held = zeros(data.pcns.count, plan.labels.length);
  const stays = (p) => data.practices.pcn[p] >= 0 && !plan.moved[p];
  data.practices.pcn.forEach((c, p) => {
    if (stays(p)) held[c][plan.practices[p]] += data.practices.list[p];
  });
  const sits = zeros(data.pcns.count, plan.labels.length);
  data.practices.pcn.forEach((c, p) => {
    if (stays(p)) sits[c][plan.practices[p]] = 1;
  });
  const main = held.map((row, c) =>
    row.reduce((best, value, n) => (sits[c][n] && (best < 0 || value > row[best]) ? n : best), -1),
  );
  return data.practices.pcn.map((c, p) => stays(p) && main[c] !== plan.practices[p]);
}

export const movedPractices = (plan) => plan.moved.flatMap((moved, p) => (moved ? [p] : []));

export const placesOf = (plan, n) => plan.lsoas.flatMap((of, a) => (of === n ? [a] : []));

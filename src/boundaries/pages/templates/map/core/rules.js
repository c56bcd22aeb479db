// The hard rules of a plan, named when they do not hold; numbers as in docs/rules.md.

import { arcKey } from "./anchors.js";
import { lsoaNameIn, pcnNameIn } from "./called.js";
import { placesOf } from "./measures.js";
import { people } from "./rounding.js";

export function brokenRules(data, plan) {
  return [
    ...emptyOnes(plan),
    ...inPieces(data, plan),
    ...outOfBand(data, plan),
    ...wrongCount(data, plan),
    ...crossing(data, plan),
    ...withoutAnchor(plan),
    ...underFloor(data, plan),
    ...brokenLocks(data, plan),
  ];
}

function emptyOnes(plan) {
  return plan.labels.flatMap((label, n) => [
    ...(plan.table[n].lsoas ? [] : [[1, label, `${plan.names[n]} has no LSOA.`]]),
    ...(plan.table[n].practices ? [] : [[1, label, `${plan.names[n]} has no practice.`]]),
  ]);
}

// Which connected piece of its own neighbourhood each LSOA is in.
function piecesOf(data, plan) {
  const together = (a, b) => plan.lsoas[a] === plan.lsoas[b];
  const piece = new Int32Array(data.lsoas.count).fill(-1);
  let count = 0;
  for (let start = 0; start < data.lsoas.count; start += 1) {
    if (piece[start] >= 0) continue;
    const queue = [start];
    piece[start] = count;
    while (queue.length) {
      const a = queue.pop();
      for (const b of data.adjacent[a]) {
        if (piece[b] < 0 && together(a, b)) {
          piece[b] = count;
          queue.push(b);
        }
      }
    }
    count += 1;
  }
  return piece;
}

// Every neighbourhood must be in one piece, whether or not the place is in pieces itself.
function inPieces(data, plan) {
  const found = plan.labels.map(() => new Map());
  piecesOf(data, plan).forEach((part, a) => {
    const sizes = found[plan.lsoas[a]];
    sizes.set(part, [...(sizes.get(part) || []), a]);
  });
  return plan.labels.flatMap((label, n) => {
    if (found[n].size < 2) return [];
    const rows = [...found[n].values()].sort((one, other) => other.length - one.length || one[0] - other[0]);
    const loose = rows.slice(1, 4).map((row) => lsoaNameIn(data, row[0]));
    return [
      [
        2,
        label,
        `${plan.names[n]} is in ${rows.length} pieces: ${rows.map((row) => row.length).join(", ")} LSOAs; apart from the largest lie e.g. ${loose.join(", ")}.`,
      ],
    ];
  });
}

function outOfBand(data, plan) {
  const [low, high] = limitsFor(data, plan),
    [least, most] = data.rules.counts,
    count = plan.labels.length;
  const when = least === count && count === most ? "" : ` with ${count} neighbourhoods`;
  return plan.labels.flatMap((label, n) => {
    const { residents } = plan.table[n];
    if (residents < low)
      return [
        [
          3,
          label,
          `${plan.names[n]} has ${people(residents)} residents: ${people(low - residents)} under the least${when}, ${people(low)}.`,
        ],
      ];
    if (residents > high)
      return [
        [
          3,
          label,
          `${plan.names[n]} has ${people(residents)} residents: ${people(residents - high)} over the most${when}, ${people(high)}.`,
        ],
      ];
    return [];
  });
}

export const limitsFor = (data, plan) =>
  data.rules.limits[Math.min(plan.labels.length, data.rules.limits.length) - 1];

function wrongCount(data, plan) {
  const [least, most] = data.rules.counts;
  const count = plan.labels.length;
  if (count >= least && count <= most) return [];
  return [
    [
      4,
      "",
      `The plan has ${count} neighbourhoods; the study asks for ${least === most ? least : `${least} to ${most}`}.`,
    ],
  ];
}

function crossing(data, plan) {
  if (!data.rules.nest) return [];
  return plan.labels.flatMap((label, n) => {
    const { code, name } = data.boroughs;
    const found = [...new Set(placesOf(plan, n).map((a) => data.lsoas.borough[a]))].sort((x, y) =>
      code[x] < code[y] ? -1 : 1,
    );
    const said = found.map((b) => `${name[b]} (${code[b]})`).join(", ");
    return found.length > 1 ? [[5, label, `${plan.names[n]} crosses boroughs: ${said}.`]] : [];
  });
}

function withoutAnchor(plan) {
  const anchored = new Set(plan.anchors.flat());
  return plan.labels.flatMap((label, n) =>
    anchored.has(n) ? [] : [[6, label, `No PCN is based in ${plan.names[n]}.`]],
  );
}

function underFloor(data, plan) {
  return data.pcns.code.flatMap((code, c) => {
    const left = data.practices.list.reduce(
      (sum, list, p) => (data.practices.pcn[p] === c && !plan.moved[p] ? sum + list : sum),
      data.pcns.listOutside[c],
    );
    return left < data.pcns.floor[c]
      ? [
          [
            7,
            code,
            `The practices that stay in ${pcnNameIn(data, c)} have ${people(left)} patients: under its floor, ${people(data.pcns.floor[c])}.`,
          ],
        ]
      : [];
  });
}

// Every pair that the locks tie: [one, other, together?, reason].
function tiesOf(data) {
  const pairs = (codes) => codes.flatMap((one, at) => codes.slice(at + 1).map((other) => [one, other]));
  return data.rules.locks.flatMap((lock) => [
    ...(lock.joins ? [[lock.practice, lock.joins, true, lock.reason]] : []),
    ...(lock.stays || []).map((practice) => {
      const c = data.practices.pcn[data.practices.code.indexOf(practice)];
      return [practice, c >= 0 ? data.pcns.code[c] : "", true, lock.reason];
    }),
    ...pairs(lock.together || []).map(([one, other]) => [one, other, true, lock.reason]),
    ...pairs(lock.apart || []).map(([one, other]) => [one, other, false, lock.reason]),
  ]);
}

// Where a code sits: the neighbourhood of an LSOA or practice, the anchors of a PCN, null if unknown.
function sitsIn(data, plan, code) {
  if (data.lsoas.code.includes(code)) return [plan.lsoas[data.lsoas.code.indexOf(code)]];
  if (data.practices.code.includes(code)) return [plan.practices[data.practices.code.indexOf(code)]];
  if (data.pcns.code.includes(code)) return plan.anchors ? plan.anchors[data.pcns.code.indexOf(code)] : [];
  return null;
}

// What locks ask of anchors; null when one cannot hold whatever the anchors.
export function withLocks(data, problem, plan) {
  const asked = { ...problem, inside: [], outside: [], together: [], apart: [] };
  const pcnAt = (code) => data.pcns.code.indexOf(code);
  for (const [one, other, together] of tiesOf(data)) {
    if ([one, other].some((code) => sitsIn(data, plan, code) === null)) return null;
    const [c, d] = [pcnAt(one), pcnAt(other)];
    if (c >= 0 && d >= 0) asked[together ? "together" : "apart"].push([c, d]);
    else if (c >= 0 || d >= 0)
      asked[together ? "inside" : "outside"].push(
        arcKey(c >= 0 ? c : d, sitsIn(data, plan, c >= 0 ? other : one)[0]),
      );
    else if ((sitsIn(data, plan, one)[0] === sitsIn(data, plan, other)[0]) !== together) return null;
  }
  return asked;
}

function brokenLocks(data, plan) {
  return tiesOf(data).flatMap(([one, other, together, reason]) => {
    if (!other) return [[8, one, `${one} must stay in its PCN, but the place has no PCN for it.`]];
    const [here, there] = [sitsIn(data, plan, one), sitsIn(data, plan, other)];
    const because = reason ? ` Reason for the lock: ${reason}` : "";
    if (!here || !there)
      return [[8, one, `A lock names ${here ? other : one}, which is not in ${data.place}.${because}`]];
    if (here.some((n) => there.includes(n)) === together) return [];
    const names = (where) => where.map((n) => plan.names[n]).join(", ") || "none";
    return [
      [
        8,
        one,
        `${one} and ${other} must be ${together ? "together" : "apart"}: ${one} in ${names(here)}; ${other} in ${names(there)}.${because}`,
      ],
    ];
  });
}

// The anchor neighbourhoods of all PCNs together, exactly as boundaries/measure/anchor_search.py
// chooses them: fewest practices moved, then patients, then anchors, then most patients living there,
// among all that keep the rules. Costs are BigInt: each scale outweighs all that come after it.

export function searchAnchors(problem) {
  const prices = {
    gains: gainsOf(problem),
    spans: problem.holdings.map((holding) => Math.min(holding.span, problem.size)),
  };
  const inside = new Set(problem.inside),
    outside = new Set(problem.outside);
  problem.holdings.forEach((holding, c) => {
    if (prices.spans[c] === 1)
      holding.patients.forEach((held, k) => {
        if (held < holding.floor) outside.add(arcKey(c, k));
      });
  });
  const best = { value: null, sets: null, seen: new Set() };
  branchAnchors(problem, prices, inside, outside, best);
  return best.sets;
}

// Fewest moves, floors and locks aside; a neighbourhood is covered only where that moves no practice.
export function fewestMoves(problem) {
  const gains = gainsOf(problem);
  const spans = problem.holdings.map((holding) => Math.min(holding.span, problem.size));
  const sets = ownBest(gains, spans);
  coverAll(sets, gains, spans, scalesOf(problem)[0] / 2n);
  return sets;
}

export const arcKey = (c, k) => `${c},${k}`;
const arcOf = (key) => key.split(",").map(Number);
const bigSum = (values) => values.reduce((sum, value) => sum + BigInt(value), 0n);

function scalesOf({ holdings, size }) {
  const anchor = 1n + bigSum(holdings.flatMap((holding) => holding.living));
  const patient = 2n * anchor * BigInt(1 + size * holdings.length);
  const practice = 4n * patient * (1n + bigSum(holdings.flatMap((holding) => holding.patients)));
  return [practice, patient, anchor];
}

function gainsOf(problem) {
  const [practice, patient, anchor] = scalesOf(problem);
  return problem.holdings.map((holding) =>
    holding.practices.map(
      (count, k) =>
        BigInt(count) * practice + BigInt(holding.patients[k]) * patient - anchor + BigInt(holding.living[k]),
    ),
  );
}

// Positions, the largest amount first, then the first position.
function dearestFirst(amounts) {
  return amounts
    .map((_, k) => k)
    .sort((j, k) => (amounts[j] === amounts[k] ? j - k : amounts[j] > amounts[k] ? -1 : 1));
}

function ownBest(gains, spans) {
  return gains.map((row, c) => {
    const order = dearestFirst(row);
    const kept = order.slice(0, spans[c]).filter((k) => row[k] > 0n);
    return new Set(kept.length ? kept : order.slice(0, 1));
  });
}

function coverAll(sets, gains, spans, most) {
  const size = gains.length ? gains[0].length : 0;
  for (;;) {
    const covered = new Array(size).fill(0);
    for (const chosen of sets) for (const k of chosen) covered[k] += 1;
    if (covered.every((times) => times > 0)) return true;
    const [cost, chain] = cheapestChain(sets, gains, spans, covered);
    if (cost === null || cost > most) return false;
    for (const [c, add, drop] of chain) {
      sets[c].add(add);
      if (drop !== null) sets[c].delete(drop);
    }
  }
}

// Bellman–Ford from all uncovered neighbourhoods: who takes one, and what is given up for it.
function cheapestChain(sets, gains, spans, covered) {
  const cost = covered.map((times) => (times === 0 ? 0n : null));
  const came = covered.map(() => null);
  let best = null;
  for (let changed = true; changed; ) {
    changed = false;
    sets.forEach((chosen, c) => {
      const row = gains[c];
      let entry = null,
        at = -1;
      cost.forEach((soFar, k) => {
        if (soFar !== null && !chosen.has(k) && (entry === null || soFar - row[k] < entry)) {
          entry = soFar - row[k];
          at = k;
        }
      });
      if (entry === null) return;
      for (const drop of [...chosen].sort((j, k) => j - k)) {
        if (cost[drop] === null || entry + row[drop] < cost[drop]) {
          cost[drop] = entry + row[drop];
          came[drop] = [c, at];
          changed = true;
        }
      }
      if (chosen.size < spans[c] && (best === null || entry < best[0])) best = [entry, c, at, null];
    });
  }
  cost.forEach((soFar, k) => {
    if (covered[k] > 1 && soFar !== null && (best === null || soFar < best[0]))
      best = [soFar, ...(came[k] || [-1, -1]), k];
  });
  if (best === null) return [null, []];
  const chain = [[best[1], best[2], best[3]]];
  let k = best[2];
  for (let step = came[k]; step; step = came[k]) {
    chain.push([step[0], step[1], k]);
    k = step[1];
  }
  return [best[0], chain];
}

function branchAnchors(problem, prices, inside, outside, best) {
  const key = `${[...inside].sort().join(" ")}|${[...outside].sort().join(" ")}`;
  if (best.seen.has(key) || !anchorsPossible(problem, prices.spans, inside, outside)) return;
  best.seen.add(key);
  const sets = relaxedAnchors(problem, prices, inside, outside);
  if (!sets) return;
  let value = 0n;
  sets.forEach((chosen, c) => {
    for (const k of chosen) value += prices.gains[c][k];
  });
  if (best.value !== null && value <= best.value) return;
  const branches = firstAnchorFault(problem, sets, inside, outside);
  if (branches === null) {
    best.value = value;
    best.sets = sets;
    return;
  }
  for (const [moreInside, moreOutside] of branches) {
    branchAnchors(
      problem,
      prices,
      new Set([...inside, ...moreInside]),
      new Set([...outside, ...moreOutside]),
      best,
    );
  }
}

function anchorsPossible(problem, spans, inside, outside) {
  for (const key of inside) if (outside.has(key)) return false;
  return problem.holdings.every((holding, c) => {
    const all = holding.patients.map((_, k) => k);
    const forced = all.filter((k) => inside.has(arcKey(c, k)));
    const free = all
      .filter((k) => !inside.has(arcKey(c, k)) && !outside.has(arcKey(c, k)))
      .map((k) => holding.patients[k]);
    if (forced.length > spans[c] || !(forced.length || free.length)) return false;
    const room = free.sort((one, other) => other - one).slice(0, spans[c] - forced.length);
    return (
      [...forced.map((k) => holding.patients[k]), ...room].reduce((sum, held) => sum + held, 0) >=
      holding.floor
    );
  });
}

function relaxedAnchors(problem, { gains, spans }, inside, outside) {
  const size = (value) => (value < 0n ? -value : value);
  const huge = 1n + 2n * gains.reduce((sum, row) => row.reduce((part, gain) => part + size(gain), sum), 0n);
  const fixed = gains.map((row) => row.slice());
  const push = huge * BigInt(2 + problem.size * gains.length);
  for (const key of inside) {
    const [c, k] = arcOf(key);
    fixed[c][k] += push;
  }
  for (const key of outside) {
    const [c, k] = arcOf(key);
    fixed[c][k] -= push;
  }
  const sets = ownBest(fixed, spans);
  if (!coverAll(sets, fixed, spans, huge)) return null;
  const has = (key) => {
    const [c, k] = arcOf(key);
    return sets[c].has(k);
  };
  return [...inside].every(has) && ![...outside].some(has) ? sets : null;
}

// Ways to mend the first broken floor or lock of a pair; null when all hold.
function firstAnchorFault(problem, sets, inside, outside) {
  for (const [c, holding] of problem.holdings.entries()) {
    if ([...sets[c]].reduce((sum, k) => sum + holding.patients[k], 0) >= holding.floor) continue;
    const k = dearestFirst(holding.patients).find(
      (at) => !inside.has(arcKey(c, at)) && !outside.has(arcKey(c, at)),
    );
    return [
      [[arcKey(c, k)], []],
      [[], [arcKey(c, k)]],
    ];
  }
  for (const [one, other] of problem.together) {
    if (![...sets[one]].some((k) => sets[other].has(k))) {
      return Array.from({ length: problem.size }, (_, k) => [[arcKey(one, k), arcKey(other, k)], []]);
    }
  }
  for (const [one, other] of problem.apart) {
    const shared = [...sets[one]].filter((k) => sets[other].has(k)).sort((j, k) => j - k);
    if (shared.length)
      return [
        [[], [arcKey(one, shared[0])]],
        [[], [arcKey(other, shared[0])]],
      ];
  }
  return null;
}

// The payload (boundaries/pages/payload.py) as the page uses it: lines decoded, look-ups built.
// In: the JSON as it was parsed. Out: the same, with more. Things refer to one another by position;
// codes are for people.

export function decodePayload(raw) {
  if (raw.version !== 3) throw new Error("This page and its data are of different versions.");
  raw.geo.lines = raw.geo.arcs.map((arc) => decodeLine(arc, raw.geo.corner));
  raw.lsoas.count = raw.lsoas.code.length;
  raw.lsoas.at = pairsOf(raw.lsoas.centre).map((point) => toLatLng(point, raw.geo.corner));
  raw.lsoas.rings = raw.geo.rings.map((polygons) =>
    polygons.map((rings) => rings.map((refs) => joinArcs(refs, raw.geo.lines))),
  );
  raw.practices.count = raw.practices.code.length;
  raw.practices.point = raw.practices.at.map((at) => at && toLatLng(at, raw.geo.corner));
  raw.pcns.count = raw.pcns.code.length;
  raw.patients = raw.registrations.map(decodeSteps); // practice → [[LSOA, patients], …]
  raw.adjacent = adjacency(raw);
  raw.bonds = pairsOfNeighbours(raw).map(([a, b], n) => [a, b, raw.neighbours.bond[n]]);
  raw.sharesOf = raw.teams.map((team) => teamShares(team, raw.lsoas.count));
  raw.teams.forEach((team) => {
    team.paths = team.lines.map((line) => decodeLine(line, raw.geo.corner));
  });
  raw.barriers.forEach((barrier) => {
    barrier.paths = barrier.lines.map((line) => decodeLine(line, raw.geo.corner));
  });
  raw.bounds = boundsOf(raw.geo.lines);
  return raw;
}

function toLatLng(point, corner) {
  return [(point[1] + corner[1]) / 1e5, (point[0] + corner[0]) / 1e5];
}

function decodeLine(steps, corner) {
  const points = [];
  let x = 0,
    y = 0;
  for (let at = 0; at < steps.length; at += 2) {
    x += steps[at];
    y += steps[at + 1];
    points.push(toLatLng([x, y], corner));
  }
  return points;
}

export function pairsOf(flat) {
  const pairs = [];
  for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at], flat[at + 1]]);
  return pairs;
}

function joinArcs(refs, lines) {
  const ring = [];
  for (const ref of refs) {
    const line = ref >= 0 ? lines[ref] : lines[~ref].slice().reverse();
    ring.push(...(ring.length ? line.slice(1) : line));
  }
  return ring;
}

function decodeSteps(flat) {
  const rows = [];
  let lsoa = 0;
  for (let at = 0; at < flat.length; at += 2) {
    lsoa += flat[at];
    rows.push([lsoa, flat[at + 1]]);
  }
  return rows;
}

const pairsOfNeighbours = (raw) => [...pairsOf(raw.neighbours.border), ...pairsOf(raw.neighbours.added)];

function adjacency(raw) {
  const beside = Array.from({ length: raw.lsoas.count }, () => []);
  for (const [a, b] of pairsOfNeighbours(raw)) {
    beside[a].push(b);
    beside[b].push(a);
  }
  return beside;
}

function teamShares(team, count) {
  const shares = Array.from({ length: count }, () => []);
  for (let at = 0; at < team.shares.length; at += 3) {
    shares[team.shares[at]].push([team.shares[at + 1], team.shares[at + 2]]);
  }
  return shares;
}

function boundsOf(lines) {
  let south = 90,
    west = 180,
    north = -90,
    east = -180;
  for (const line of lines) {
    for (const [lat, lng] of line) {
      south = Math.min(south, lat);
      north = Math.max(north, lat);
      west = Math.min(west, lng);
      east = Math.max(east, lng);
    }
  }
  return [
    [south, west],
    [north, east],
  ];
}

// A count that the study's rule hides is −1: it adds nothing and prints as an asterisk.
export const seen = (count) => Math.max(0, count);

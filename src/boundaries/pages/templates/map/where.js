// Which LSOA holds a point: a grid of cells over the place, so that a look-up tries a few, not all.
// In: latitude and longitude. Out: the position of an LSOA, −1 outside the place.

import { data } from "./data.js";

export const grid = { cells: null, side: 0 };

export function lsoaAt(lat, lng) {
  if (!grid.cells) fillGrid();
  const cell = grid.cells[cellOf(lat, 0) * grid.side + cellOf(lng, 1)] || [];
  const found = cell.find((a) => holds(a, lat, lng));
  return found === undefined ? -1 : found;
}

// Row (axis 0) or column (axis 1) of a coordinate; beyond the place, one that the grid does not have.
function cellOf(value, axis) {
  const [low, high] = [data.bounds[0][axis], data.bounds[1][axis]];
  const at = Math.floor(((value - low) / (high - low)) * grid.side);
  return value === high ? grid.side - 1 : at < 0 || at >= grid.side ? NaN : at;
}

function fillGrid() {
  grid.side = Math.max(1, Math.ceil(Math.sqrt(data.lsoas.count)));
  grid.cells = Array.from({ length: grid.side ** 2 }, () => []);
  data.lsoas.rings.forEach((_, a) => {
    const [south, north, west, east] = frameOf(a);
    for (let row = cellOf(south, 0); row <= cellOf(north, 0); row += 1) {
      for (let column = cellOf(west, 1); column <= cellOf(east, 1); column += 1)
        grid.cells[row * grid.side + column].push(a);
    }
  });
}

export function holds(a, lat, lng) {
  const frame = frameOf(a);
  if (lat < frame[0] || lat > frame[1] || lng < frame[2] || lng > frame[3]) return false;
  let inside = false;
  for (const rings of data.lsoas.rings[a])
    for (const ring of rings) {
      for (let at = 0, before = ring.length - 1; at < ring.length; before = at, at += 1) {
        const [y, x] = ring[at],
          [v, u] = ring[before];
        if (y > lat !== v > lat && lng < ((u - x) * (lat - y)) / (v - y) + x) inside = !inside;
      }
    }
  return inside;
}

const frames = [];

// South, north, west and east of an LSOA.
function frameOf(a) {
  if (!frames[a]) {
    const frame = [90, -90, 180, -180];
    for (const rings of data.lsoas.rings[a])
      for (const ring of rings)
        for (const [lat, lng] of ring) {
          if (lat < frame[0]) frame[0] = lat;
          if (lat > frame[1]) frame[1] = lat;
          if (lng < frame[2]) frame[2] = lng;
          if (lng > frame[3]) frame[3] = lng;
        }
    frames[a] = frame;
  }
  return frames[a];
}

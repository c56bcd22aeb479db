// Where names of the ground find room: each beside its point or over it, the first that fits, or not
// at all. In: boxes that are taken, names with their points and sizes, best first. Out: those placed.

export const meet = (one, other) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

export function boxAt(x, y, { width, height }, gap = 0) {
  return {
    left: x - width / 2 - gap,
    right: x + width / 2 + gap,
    top: y - height / 2 - gap,
    bottom: y + height / 2 + gap,
  };
}

export function placeLabels(names, { taken, frame, most, gap = 2, apart = 7 }) {
  const boxes = taken.slice(),
    placed = [];
  for (const name of names) {
    if (placed.length >= most) break;
    const found = spotsAround(name, apart).find(([x, y]) => {
      const box = boxAt(x, y, name, gap);
      const inside = box.left >= 0 && box.top >= 0 && box.right <= frame.x && box.bottom <= frame.y;
      const dot = boxAt(name.x, name.y, { width: 6, height: 6 });
      return inside && !boxes.some((other) => meet(box, other) || (name.dot && meet(dot, other)));
    });
    if (!found) continue;
    boxes.push(boxAt(found[0], found[1], name, gap));
    if (name.dot) boxes.push(boxAt(name.x, name.y, { width: 6, height: 6 }));
    placed.push({ ...name, at: { x: found[0], y: found[1] } });
  }
  return placed;
}

// A name with a dot stands beside it; one without lies over its point, or a little off.
function spotsAround({ x, y, width, height, dot }, apart) {
  const right = width / 2 + apart,
    down = height / 2 + apart - 2;
  const beside = [
    [x + right, y],
    [x - right, y],
    [x, y - down],
    [x, y + down],
  ];
  return dot ? beside : [[x, y], ...beside.slice(2), [x, y - 2 * height], [x, y + 2 * height]];
}

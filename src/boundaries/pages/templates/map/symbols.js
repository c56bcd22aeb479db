// Practice markers: a shape and a letter for each PCN, so that nothing rests on colour alone.

import { data } from "./data.js";
import { INK } from "./mapview.js";
import { svg } from "./words.js";

// The report and the pictures give each PCN the same letter and shape (boundaries.pages.naming).
export const pcnSign = (c) =>
  c < 0 ? { letter: "–", shape: "circle" } : { letter: data.pcns.letter[c], shape: data.pcns.shape[c] };

function outline(shape, attributes) {
  const paths = {
    square: "M3 3H21V21H3Z",
    diamond: "M12 0.5L23.5 12L12 23.5L0.5 12Z",
    triangle: "M12 0L24 21.5H0Z",
    hexagon: "M6 2H18L24 12L18 22H6L0 12Z",
    shield: "M2.5 2H21.5V13Q21.5 20 12 23.5Q2.5 20 2.5 13Z",
  };
  return shape === "circle"
    ? svg("circle", { cx: 12, cy: 12, r: 10.5, ...attributes })
    : svg("path", { d: paths[shape], ...attributes });
}

// White: stands where it belongs. Coloured, with a broken outline: belongs to the neighbourhood of
// that colour, but stands elsewhere. Dark in a ring: moves to another PCN.
export function practiceSymbol(c, { moved = false, size = 24, selected = false, home = null } = {}) {
  const sign = pcnSign(c);
  const low = sign.shape === "triangle" ? 17.5 : 16;
  const fill = moved ? INK : home || "#fff";
  return svg(
    "svg",
    {
      viewBox: "0 0 24 24",
      width: size,
      height: size,
      "aria-hidden": "true",
      class: moved ? "symbol moves" : "symbol",
    },
    moved
      ? svg("circle", { cx: 12, cy: 12, r: 16, fill: home || "#fff", stroke: INK, "stroke-width": 2.5 })
      : null,
    selected
      ? svg("circle", {
          cx: 12,
          cy: 12,
          r: moved ? 19 : 15,
          fill: "none",
          stroke: "#ffeb3b",
          "stroke-width": 5,
        })
      : null,
    selected
      ? svg("circle", { cx: 12, cy: 12, r: moved ? 22 : 18, fill: "none", stroke: INK, "stroke-width": 1.5 })
      : null,
    home && !moved
      ? outline(sign.shape, { fill: "none", stroke: "#fff", "stroke-width": 5, "stroke-linejoin": "round" })
      : null,
    outline(sign.shape, {
      fill,
      stroke: INK,
      "stroke-width": home && !moved ? 2 : 1.6,
      "stroke-linejoin": "round",
      "stroke-dasharray": home && !moved ? "3.4 1.8" : null,
    }),
    svg(
      "text",
      {
        x: 12,
        y: low,
        "text-anchor": "middle",
        "font-size": sign.letter.length > 1 ? 9.5 : 12,
        "font-weight": "bold",
        "font-family": "Arial, Helvetica, sans-serif",
        fill: moved ? "#fff" : INK,
      },
      sign.letter,
    ),
  );
}

// Numbers as people read them, rounded as the report rounds them (boundaries/pages/words.py).

export const DASH = "–";
const COUNT = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

export function people(count) {
  if (count === null || count === undefined || Number.isNaN(count)) return DASH;
  if (count === -1) return "*";
  const shown = COUNT.format(Math.round(Math.abs(count)));
  return count < 0 && shown !== "0" ? `−${shown}` : shown;
}

export function signed(difference) {
  const shown = COUNT.format(Math.round(Math.abs(difference)));
  if (shown === "0") return "0";
  return (difference < 0 ? "−" : "+") + shown;
}

// How many of the smallest steps shown a share is, its sign left off: from the six decimals of the
// files, half a step rounded up (boundaries.run.shown.steps_of_share).
function stepsOfShare(value, digits) {
  const step = 10 ** (4 - digits);
  return Math.floor((Math.floor(Math.abs(value) * 1e6 + 0.5) + Math.floor(step / 2)) / step);
}

// Never rounded up to everything, nor down to nothing (boundaries.run.shown.share_words).
export function share(value, digits = 1) {
  if (value === null || value === undefined || Number.isNaN(value)) return DASH;
  const every = 100 * 10 ** digits;
  let steps = stepsOfShare(value, digits);
  if (steps >= every && value < 1) steps = every - 1;
  if (steps === 0 && value > 0) steps = 1;
  return `${value < 0 && steps ? "−" : ""}${(steps / 10 ** digits).toFixed(digits)}%`;
}

// A bound is rounded up: two digits below 0.1%, else one (boundaries.run.shown.gap_words).
export function gapShare(gap) {
  const digits = gap === 0 || gap >= 0.001 ? 1 : 2;
  const steps = Math.ceil(Number((gap * 100 * 10 ** digits).toFixed(6)));
  return `${(steps / 10 ** digits).toFixed(digits)}%`;
}

export function points(difference) {
  const steps = stepsOfShare(difference, 1);
  if (steps === 0) return "0.0";
  return (difference < 0 ? "−" : "+") + (steps / 10).toFixed(1);
}

export function counted(count, noun, plural = `${noun}s`) {
  return `${people(count)} ${count === 1 ? noun : plural}`;
}

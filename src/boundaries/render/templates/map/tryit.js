// Try it yourself (to come).
const trial = { plan: null };
function beginTrial() { trial.plan = data.options[state.option]; }
function pickToMove() { return false; }
function trySections() { return overviewSections(); }

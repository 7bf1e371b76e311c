// A group's numbers in words, and the way from box to box by pointer and keys.
function describeBox({ net, level }, at) {
  const { layer, state, source, target, number } = level.box[at];
  const hidden = layer > 0 && layer < net.last, many = `${whole(number)} ${layer === 0 ? "input" : layer === net.last ? "output" : "neuron"}${number > 1 ? "s" : ""}`;
  const own = layer === 0 ? source : target;
  const lines = [hidden ? `hidden layer ${layer}: ${many} alike` : `${many}, ${own < 0 ? "noise: no task's" : net.tasks[own].name}`, boxState(net, layer, state)];
  const weights = (end) => level.band.filter((one) => one[end] === at).reduce((sum, one) => sum + one.number, 0);
  if (layer > 0) lines.push(`weights in: ${whole(weights("end"))}`);
  if (layer < net.last) lines.push(`weights out: ${whole(weights("start"))}`);
  if (layer > 0 && state === ACTIVE) lines.push(`reached from: ${codeWords(net, source, "noise alone")}`);
  if (layer < net.last && state === ACTIVE) lines.push(`reach: ${codeWords(net, target, "no output")}`);
  return lines;
}

function boxState(net, layer, state) {
  if (state === ACTIVE) return "active";
  if (state === ZOMBIE) return `zombie: no input reaches ${layer === net.last ? "these outputs" : "them"}`;
  return "inactive: no output hears them";
}

function codeWords(net, code, none) {
  return code === SEVERAL ? "several tasks" : code === NONE ? none : net.tasks[code].name;
}

// The shown box nearest to a point, -1 where none is near.
function boxAt(scene, x, y) {
  const { level, place } = scene;
  let best = -1, least = NEAR;
  level.box.forEach((one, i) => {
    if (!shownBox(scene, one)) return;
    const beside = Math.max(0, Math.abs(x - place.at(one.layer)) - HALF);
    const above = Math.max(0, place.down(one.top) - y, y - place.down(one.bottom));
    const far = Math.hypot(beside, above);
    if (far < least) [best, least] = [i, far];
  });
  return best;
}

// The next shown box in a direction: up and down within a layer, left and right to the nearest height beside it.
function boxBeside(scene, at, key) {
  const { net, level } = scene, middle = (i) => (level.box[i].top + level.box[i].bottom) / 2;
  const row = (layer) => [...level.box.keys()].filter((i) => level.box[i].layer === layer && shownBox(scene, level.box[i]));
  if (at < 0) return row(0)[0];
  const { layer } = level.box[at];
  if (key === "ArrowUp" || key === "ArrowDown") {
    const mine = row(layer), next = mine.indexOf(at) + (key === "ArrowUp" ? -1 : 1);
    return mine[Math.min(mine.length - 1, Math.max(0, next))];
  }
  const beside = row(layer + (key === "ArrowLeft" ? -1 : 1));
  const far = (i) => Math.abs(middle(i) - middle(at));
  return beside.reduce((best, i) => (best < 0 || far(i) < far(best) ? i : best), -1) < 0 ? at : beside.reduce((best, i) => (far(i) < far(best) ? i : best));
}

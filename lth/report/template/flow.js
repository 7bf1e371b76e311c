// A level in groups: boxes of neurons that are alike, bands of the weights between them (lth/report/grouped.py).
const NONE = -1, SEVERAL = -2, HALF = 8, ROOM = 11;

function flowOf({ shape, last }, { boxes, bands }) {
  const first = [0];
  for (const layer of boxes) first.push(first.at(-1) + layer.length);
  const box = boxes.flatMap((layer, at) =>
    layer.map(([state, source, target, number, top, bottom]) => ({ layer: at, state, source, target, number, top, bottom })));
  const band = bands.flatMap((gap, layer) =>
    gap.map(([left, right, number, state, task, from, to, wide]) =>
      ({ layer, start: first[layer] + left, end: first[layer + 1] + right, number, state, task, from, to, wide })));
  const active = (layer) => box.reduce((sum, one) => sum + (one.layer === layer && one.state === ACTIVE ? one.number : 0), 0);
  return { box, band, active, ...totals(shape, last, box, band) };
}

// How many weights and hidden neurons have each state; hidden neurons without any weight are in no box.
function totals(shape, last, box, band) {
  const weights = [0, 0, 0, 0], neurons = [0, 0, 0, 0];
  for (const one of band) weights[one.state] += one.number;
  for (const one of box) if (one.layer > 0 && one.layer < last) neurons[one.state] += one.number;
  const all = shape.slice(1).reduce((sum, size, layer) => sum + size * shape[layer], 0);
  const hidden = shape.slice(1, -1).reduce((sum, size) => sum + size, 0);
  const kept = weights.reduce((sum, one) => sum + one), placed = neurons.reduce((sum, one) => sum + one);
  weights[PRUNED] = all - kept;
  neurons[INACTIVE] += hidden - placed;
  return { weights, neurons, kept, all, bareNeurons: hidden - placed };
}

// Large networks are drawn in groups only, others where one likes.
function inGroups({ level, show }) {
  return !level.single || Boolean(show.groups);
}

function shownState(show, state) {
  return state === ACTIVE || Boolean(show[LOOKS[state].name]);
}

function shownBox({ net, show }, { layer, state }) {
  return layer === 0 || layer === net.last || shownState(show, state);
}

function codeColour(colours, code) {
  return code === SEVERAL ? colours.shared : code === NONE ? colours.zombie : colours.tasks[code % TASK_COLOURS];
}

function drawFlow(pen, scene) {
  const { level, show, place, picked, colours } = scene;
  const near = ({ start, end }) => picked < 0 || start === picked || end === picked;
  for (const one of [...level.band].sort((a, b) => a.state - b.state || b.number - a.number)) {
    if (shownState(show, one.state)) drawBand(pen, scene, one, near(one));
  }
  level.box.forEach((one) => {
    if (shownBox(scene, one)) drawBox(pen, scene, one);
  });
  nameBoxes(pen, scene);
  if (picked >= 0) frameBox(pen, place, level.box[picked], colours.ink);
}

function drawBand(pen, { place, colours }, { layer, from, to, wide, state, task, number }, near) {
  const left = place.at(layer) + HALF, right = place.at(layer + 1) - HALF, turn = (right - left) * 0.42;
  const [start, end, high] = [place.down(from), place.down(to), place.down(wide) - place.down(0)];
  pen.beginPath();
  pen.moveTo(left, start);
  pen.bezierCurveTo(left + turn, start, right - turn, end, right, end);
  pen.lineTo(right, end + high);
  pen.bezierCurveTo(right - turn, end + high, left + turn, start + high, left, start + high);
  pen.closePath();
  pen.setLineDash(LOOKS[state].dash);
  pen.lineWidth = 1;
  pen.strokeStyle = pen.fillStyle = state === ACTIVE ? codeColour(colours, task) : colours[LOOKS[state].name];
  pen.globalAlpha = near ? 0.55 : 0.12;
  if (state === ACTIVE) pen.fill();
  pen.globalAlpha = near ? 0.9 : 0.2;
  pen.stroke();
  pen.globalAlpha = near ? 1 : 0.2;
  if (high >= ROOM) written(pen, colours, whole(number), left + 5, start + high / 2, "left");
  pen.globalAlpha = 1;
}

// Left half what reaches its neurons, right half what they reach; hollow where they are not active.
function drawBox(pen, { net, place, colours }, { layer, state, source, target, number, top, bottom }) {
  const x = place.at(layer), y = place.down(top), high = place.down(bottom) - y;
  if (state === ACTIVE) {
    pen.fillStyle = codeColour(colours, source);
    pen.fillRect(x - HALF, y, HALF, high);
    pen.fillStyle = codeColour(colours, target);
    pen.fillRect(x, y, HALF, high);
  } else {
    const own = layer === 0 ? source : layer === net.last ? target : NONE;
    pen.setLineDash([]);
    pen.lineWidth = 1.4;
    pen.fillStyle = colours.paper;
    pen.strokeStyle = own === NONE ? colours[LOOKS[state].name] : codeColour(colours, own);
    pen.fillRect(x - HALF, y, 2 * HALF, high);
    pen.strokeRect(x - HALF, y, 2 * HALF, high);
  }
  if (high >= ROOM) written(pen, colours, whole(number), x, y + high / 2, "center");
}

function written(pen, colours, text, x, y, align) {
  pen.font = "600 11px system-ui, sans-serif";
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.setLineDash([]);
  pen.lineWidth = 3;
  pen.strokeStyle = colours.paper;
  pen.fillStyle = colours.ink;
  pen.strokeText(text, x, y);
  pen.fillText(text, x, y);
}

function nameBoxes(pen, { net, level, place, colours }) {
  pen.font = "600 12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  for (const layer of [0, net.last]) {
    let above = -Infinity;
    pen.textAlign = layer === 0 ? "right" : "left";
    for (const one of level.box.filter((box) => box.layer === layer)) {
      const code = layer === 0 ? one.source : one.target, y = place.down((one.top + one.bottom) / 2);
      if (y - above < 12) continue;
      above = y;
      pen.fillStyle = codeColour(colours, code);
      pen.fillText(code < 0 ? "noise" : net.tasks[code].name, place.at(layer) + (layer === 0 ? -14 : 14), y, place.side - 18);
    }
  }
}

function frameBox(pen, place, { layer, top, bottom }, colour) {
  pen.setLineDash([]);
  pen.lineWidth = 2;
  pen.strokeStyle = colour;
  pen.strokeRect(place.at(layer) - HALF - 3, place.down(top) - 3, 2 * HALF + 6, place.down(bottom) - place.down(top) + 6);
}

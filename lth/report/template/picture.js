// The picture: weights below, neurons above, names around. Drawn anew for every change.
const LOOKS = {
  [PRUNED]: { name: "pruned", dash: [], width: () => 0.7 },
  [INACTIVE]: { name: "inactive", dash: [1.5, 3], width: () => 1 },
  [ZOMBIE]: { name: "zombie", dash: [6, 4], width: () => 1.1 },
  [ACTIVE]: { name: "active", dash: [], width: (size) => 0.6 + 3.6 * size },
};

function paint(canvas, scene) {
  const { width, height } = scene.place, dense = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(height * dense);
  const pen = canvas.getContext("2d");
  pen.scale(dense, dense);
  pen.lineCap = "butt";
  (inGroups(scene) ? drawFlow : drawSingles)(pen, scene);
  nameLayers(pen, scene);
}

function drawSingles(pen, scene) {
  scene.near = scene.picked >= 0 ? neighbours(scene) : null;
  for (const state of [PRUNED, INACTIVE, ZOMBIE]) {
    if (scene.show[LOOKS[state].name]) drawWeights(pen, scene, state);
  }
  if (scene.show.cut) drawCut(pen, scene);
  drawWeights(pen, scene, ACTIVE);
  markNeurons(pen, scene);
  pen.font = "600 12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  for (const layer of [0, scene.net.last]) nameEnds(pen, scene, layer);
}

function neighbours({ net, level, picked }) {
  const near = new Set([picked]);
  level.weight.forEach((state, i) => {
    if (state === PRUNED) return;
    if (net.start[i] === picked) near.add(net.end[i]);
    if (net.end[i] === picked) near.add(net.start[i]);
  });
  return near;
}

function drawWeights(pen, scene, state) {
  const { net, level, colours, picked } = scene, look = LOOKS[state];
  const mine = Array.from(level.weight.keys()).filter((i) => level.weight[i] === state);
  const crowd = Math.min(0.95, Math.max(state === PRUNED ? 0.25 : 0.12, 16 / Math.sqrt(mine.length || 1)));
  pen.setLineDash(look.dash);
  for (const i of mine) {
    const own = net.start[i] === picked || net.end[i] === picked;
    pen.globalAlpha = picked < 0 ? crowd : own ? 1 : crowd * 0.2;
    pen.lineWidth = look.width(level.size[i]) * (picked < 0 && state === ACTIVE ? Math.min(1, 3 * crowd) : 1);
    pen.strokeStyle = state === ACTIVE ? colourOf(colours, level.serves(i)) : colours[look.name];
    line(pen, scene.place, net.start[i], net.end[i]);
  }
  pen.globalAlpha = 1;
}

// A broad band under each weight of the cut and a bar across it, seen without colours, too; of a large cut thin bands.
function drawCut(pen, { net, level, place, colours, picked }) {
  const mine = Array.from(level.cut.keys()).filter((i) => level.cut[i]), few = mine.length <= 120;
  pen.setLineDash([]);
  for (const i of mine) {
    const own = picked < 0 || net.start[i] === picked || net.end[i] === picked;
    pen.globalAlpha = own ? (few ? 1 : 0.5) : 0.2;
    pen.lineWidth = few ? 7 : 3;
    pen.strokeStyle = colours.cut;
    line(pen, place, net.start[i], net.end[i]);
    if (few) bar(pen, place, net.start[i], net.end[i], colours.ink);
  }
  pen.globalAlpha = 1;
}

function line(pen, place, start, end) {
  pen.beginPath();
  pen.moveTo(place.x[start], place.y[start]);
  pen.lineTo(place.x[end], place.y[end]);
  pen.stroke();
}

function bar(pen, place, start, end, colour) {
  const dx = place.x[end] - place.x[start], dy = place.y[end] - place.y[start], long = Math.hypot(dx, dy) || 1;
  const x = place.x[start] + dx / 2, y = place.y[start] + dy / 2, across = [(-dy / long) * 7, (dx / long) * 7];
  pen.beginPath();
  pen.lineWidth = 1.6;
  pen.strokeStyle = colour;
  pen.moveTo(x - across[0], y - across[1]);
  pen.lineTo(x + across[0], y + across[1]);
  pen.stroke();
}

function nameLayers(pen, { net, level, place, colours }) {
  pen.font = "11px system-ui, sans-serif";
  pen.textBaseline = "middle";
  pen.fillStyle = colours.soft;
  pen.textAlign = "center";
  net.shape.forEach((size, layer) => {
    const x = place.at(layer), y = place.height - BOTTOM + 18, active = level.active(layer);
    pen.fillText(layer === 0 ? "inputs" : layer === net.last ? "outputs" : `hidden ${layer}`, x, y);
    pen.fillText(place.width < 520 ? `${active} of ${size}` : `${active} of ${size} active`, x, y + 13);
  });
}

// A task's name beside every unbroken row of its inputs or outputs, where there is room.
function nameEnds(pen, { net, place, colours }, layer) {
  const members = Array.from({ length: net.shape[layer] }, (_, i) => net.first[layer] + i);
  members.sort((a, b) => place.y[a] - place.y[b]);
  const rows = [];
  for (const neuron of members) {
    const task = taskOfEnd(net, neuron);
    if (rows.length && rows.at(-1).task === task) rows.at(-1).ys.push(place.y[neuron]);
    else rows.push({ task, ys: [place.y[neuron]] });
  }
  let above = -Infinity;
  pen.textAlign = layer === 0 ? "right" : "left";
  for (const { task, ys } of rows) {
    const y = (ys[0] + ys.at(-1)) / 2;
    if (y - above < 12) continue;
    above = y;
    pen.fillStyle = task < 0 ? colours.zombie : colours.tasks[task % TASK_COLOURS];
    const x = place.x[net.first[layer]] + (layer === 0 ? -14 : 14);
    pen.fillText(task < 0 ? "noise" : net.tasks[task].name, x, y, place.side - 18);
  }
}

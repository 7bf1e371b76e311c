// The marks of neurons: disc = active, diamond = zombie (filled: audible, hollow: silent), cross = inactive, dot = bare.
function mark(pen, kind, x, y, r, colour, paper) {
  pen.beginPath();
  pen.setLineDash([]);
  pen.lineWidth = 1.4;
  pen.strokeStyle = pen.fillStyle = colour;
  if (kind === "cross") {
    pen.moveTo(x - r, y - r);
    pen.lineTo(x + r, y + r);
    pen.moveTo(x - r, y + r);
    pen.lineTo(x + r, y - r);
  } else if (kind === "disc" || kind === "dot") {
    pen.arc(x, y, kind === "dot" ? Math.min(r, 1.5) : r, 0, 7);
    pen.fill();
  } else {
    const wide = r * 1.25;
    pen.moveTo(x, y - wide);
    pen.lineTo(x + wide, y);
    pen.lineTo(x, y + wide);
    pen.lineTo(x - wide, y);
    pen.closePath();
    if (kind === "hollow") pen.fillStyle = paper;
    pen.fill();
  }
  if (kind !== "dot") pen.stroke();
}

function kindOf(net, level, neuron) {
  const state = level.neuron[neuron];
  if (state === ACTIVE) return "disc";
  if (state === ZOMBIE) return audible(net, level, neuron) ? "diamond" : "hollow";
  return level.fan.bare(neuron) && net.layerOf[neuron] % net.last !== 0 ? "dot" : "cross";
}

function markNeurons(pen, scene) {
  const { net, level, place, colours, show } = scene;
  for (let i = 0; i < net.neurons; i++) {
    if (!visible(net, level, show, i)) continue;
    const kind = kindOf(net, level, i), layer = net.layerOf[i];
    pen.globalAlpha = scene.near && !scene.near.has(i) ? 0.25 : 1;
    mark(pen, kind, place.x[i], place.y[i], place.radius[layer], neuronColour(scene, i, kind), colours.paper);
  }
  pen.globalAlpha = 1;
  if (scene.picked >= 0) ring(pen, place, scene.picked, colours.ink);
}

// At both ends the colour of the task that it belongs to, lost or not; inside that of the tasks it serves.
function neuronColour({ net, level, colours }, neuron, kind) {
  const layer = net.layerOf[neuron];
  if (layer === 0 || layer === net.last) {
    const task = taskOfEnd(net, neuron);
    return task < 0 ? colours.zombie : colours.tasks[task % TASK_COLOURS];
  }
  if (kind === "disc") return colourOf(colours, ((level.fed[neuron] & net.taskMask) | level.heard[neuron]) >>> 0);
  return kind === "cross" || kind === "dot" ? colours.inactive : colours.zombie;
}

function ring(pen, place, neuron, colour) {
  pen.beginPath();
  pen.setLineDash([]);
  pen.lineWidth = 2;
  pen.strokeStyle = colour;
  pen.arc(place.x[neuron], place.y[neuron], 10, 0, 7);
  pen.stroke();
}

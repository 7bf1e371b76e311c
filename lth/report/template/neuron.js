// A neuron's numbers in words, and the way from neuron to neuron by keys.
function describe(net, level, neuron) {
  const layer = net.layerOf[neuron], bias = level.bias(neuron);
  const lines = [neuronName(net, neuron), stateWords(net, level, neuron)];
  if (layer > 0) lines.push(bias === null ? "bias: pruned" : `bias: ${brief(Number(bias))}`);
  if (layer > 0) lines.push(`fan-in: ${fanWords(level.fan.into, neuron)}`);
  if (layer < net.last) lines.push(`fan-out: ${fanWords(level.fan.out, neuron)}`);
  if (layer > 0) lines.push(`reached from: ${listed(sources(net, level.fed[neuron])) || "no input"}`);
  if (layer < net.last) lines.push(`reaches: ${listed(tasksIn(net, level.heard[neuron])) || "no output"}`);
  return lines;
}

function stateWords(net, level, neuron) {
  const state = level.neuron[neuron], layer = net.layerOf[neuron];
  if (state === ACTIVE) return "active";
  if (state === INACTIVE) return level.fan.bare(neuron) ? "inactive: has no weight left" : "inactive: no output hears it";
  if (layer === net.last) return "zombie: no input reaches this output";
  return audible(net, level, neuron) ? "zombie, audible: no input reaches it, its bias is passed on" : "zombie, silent: no input reaches it, its ReLU gives 0";
}

function fanWords(fan, neuron) {
  const parts = [ACTIVE, ZOMBIE, INACTIVE].map((state) => [fan[state][neuron], STATES[state]]).filter(([count]) => count);
  const total = parts.reduce((sum, [count]) => sum + count, 0);
  return parts.length ? `${total} (${parts.map(([count, name]) => `${count} ${name}`).join(", ")})` : "0";
}

function sources(net, bits) {
  const noise = (bits >>> net.tasks.length) & 1;
  return [...tasksIn(net, bits), ...(noise ? ["noise"] : [])];
}

// The next shown neuron in a direction: up and down within a layer, left and right to the nearest height beside it.
function neighbour({ net, level, show, place }, neuron, key) {
  const shown = (layer) => {
    const members = Array.from({ length: net.shape[layer] }, (_, i) => net.first[layer] + i);
    return members.filter((i) => visible(net, level, show, i)).sort((a, b) => place.y[a] - place.y[b]);
  };
  if (neuron < 0) return shown(0)[0];
  const layer = net.layerOf[neuron];
  if (key === "ArrowUp" || key === "ArrowDown") {
    const row = shown(layer), next = row.indexOf(neuron) + (key === "ArrowUp" ? -1 : 1);
    return row[Math.min(row.length - 1, Math.max(0, next))];
  }
  const beside = layer + (key === "ArrowLeft" ? -1 : 1);
  const row = beside < 0 || beside > net.last ? [] : shown(beside);
  const far = (i) => Math.abs(place.y[i] - place.y[neuron]);
  return row.reduce((best, i) => (best < 0 || far(i) < far(best) ? i : best), -1) < 0 ? neuron : row.reduce((best, i) => (far(i) < far(best) ? i : best));
}

// What is pointed at, a neuron or a group: its place and its numbers.
function pointed(scene) {
  const { net, level, picked, place } = scene;
  if (!inGroups(scene)) return { x: place.x[picked], y: place.y[picked], lines: describe(net, level, picked) };
  const { layer, top, bottom } = level.box[picked];
  return { x: place.at(layer), y: place.down((top + bottom) / 2), lines: describeBox(scene, picked) };
}

function showNeuron(box, scene) {
  const { picked, place } = scene;
  box.hidden = picked < 0;
  if (picked < 0) return;
  const { x, y, lines } = pointed(scene);
  box.replaceChildren(...lines.map((text) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    return paragraph;
  }));
  const left = x + 16, room = place.width - box.offsetWidth - 4;
  box.style.left = `${Math.max(4, left > room ? x - box.offsetWidth - 16 : left)}px`;
  box.style.top = `${Math.max(4, Math.min(y - 20, place.height - box.offsetHeight - 4))}px`;
}

// From heights to pixels: layers side by side, inputs left, outputs right.
const TOP = 14, BOTTOM = 40, NEAR = 14;

function spots({ net, level, show }, width, height) {
  const side = width < 520 ? 62 : 96;
  const at = (layer) => side + ((width - 2 * side) * layer) / net.last;
  const down = (share) => TOP + (height - TOP - BOTTOM) * share;
  if (!level.single) return { at, down, side, width, height };
  const x = new Float32Array(net.neurons), y = new Float32Array(net.neurons);
  for (let i = 0; i < net.neurons; i++) {
    x[i] = at(net.layerOf[i]);
    y[i] = down(net.height[i]);
  }
  return { x, y, at, down, side, width, height, radius: radii(net, y, (i) => visible(net, level, show, i)) };
}

// A radius for every layer: as large as fits between its shown neurons, within reason.
function radii(net, y, shown) {
  return net.shape.map((size, layer) => {
    const members = Array.from({ length: size }, (_, i) => net.first[layer] + i).filter(shown);
    const heights = members.map((i) => y[i]).sort((a, b) => a - b);
    const gaps = heights.slice(1).map((one, i) => one - heights[i]);
    return Math.min(5.5, Math.max(1.6, 0.42 * Math.min(...gaps, 20)));
  });
}

// The shown neuron nearest to a point, -1 when none is near.
function nearest(net, level, show, place, x, y) {
  let best = -1, least = NEAR * NEAR;
  for (let i = 0; i < net.neurons; i++) {
    if (!visible(net, level, show, i)) continue;
    const far = (place.x[i] - x) ** 2 + (place.y[i] - y) ** 2;
    if (far < least) [best, least] = [i, far];
  }
  return best;
}

// Inputs and outputs always; hidden neurons by their state, those without any weight with the pruned ones.
function visible(net, level, show, neuron) {
  if (isNaN(net.height[neuron])) return false;
  const layer = net.layerOf[neuron], state = level.neuron[neuron];
  if (layer === 0 || layer === net.last || state === ACTIVE) return true;
  if (state === ZOMBIE) return show.zombie;
  return level.fan.bare(neuron) ? show.pruned : show.inactive;
}

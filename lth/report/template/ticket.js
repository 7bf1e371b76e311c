// A seed's network, and what one level of it says. Neurons are numbered layer after layer from the inputs.
const PRUNED = 0, INACTIVE = 1, ZOMBIE = 2, ACTIVE = 3;
const PRUNED_BIAS = -32768;

// `shown` are the numbers of all levels, `drawn` those whose weights are drawn one by one.
function network(packed) {
  const first = [0];
  for (const size of packed.shape) first.push(first.at(-1) + size);
  const layerOf = new Uint8Array(first.at(-1));
  packed.shape.forEach((_, layer) => layerOf.fill(layer, first[layer], first[layer + 1]));
  const net = { ...packed, first, layerOf, neurons: first.at(-1), last: packed.shape.length - 1 };
  Object.assign(net, ends(net));
  net.from = valueStarts(net);
  net.taskMask = 2 ** net.tasks.length - 1;
  net.shown = net.grouped.map((one) => one.level);
  net.height = Float32Array.from(net.places.flat(), (y) => (y === null ? NaN : y));
  return net;
}

// Start and end neuron of every weight, from its flat index over all layers.
function ends({ shape, first, arrays }) {
  const start = new Uint32Array(arrays.index.length), end = new Uint32Array(start.length);
  let flat = 0, layer = 0, block = 0;
  for (let i = 0; i < start.length; i++) {
    flat += arrays.index[i];
    while (flat - block >= shape[layer] * shape[layer + 1]) {
      block += shape[layer] * shape[layer + 1];
      layer += 1;
    }
    start[i] = first[layer] + ((flat - block) % shape[layer]);
    end[i] = first[layer + 1] + Math.floor((flat - block) / shape[layer]);
  }
  return { start, end };
}

function bit(array, width, row, i) {
  return (array[row * Math.ceil(width / 8) + (i >> 3)] >> (7 - (i & 7))) & 1;
}

// Where each level's values begin: only kept weights have one.
function valueStarts({ drawn, start, arrays }) {
  const from = [0];
  for (let row = 0; row < drawn.length; row++) {
    let kept = 0;
    for (let i = 0; i < start.length; i++) kept += bit(arrays.kept, start.length, row, i);
    from.push(from[row] + kept);
  }
  return from;
}

function levelOf(net, place) {
  const { level: number, words, ...groups } = net.grouped[place], row = net.drawn.indexOf(number);
  const level = { number, words, single: row >= 0, ...flowOf(net, groups) };
  return level.single ? Object.assign(level, singles(net, row)) : level;
}

function singles(net, row) {
  const fed = net.arrays.fed.subarray(row * net.neurons, (row + 1) * net.neurons);
  const heard = net.arrays.heard.subarray(row * net.neurons, (row + 1) * net.neurons);
  const neuron = Uint8Array.from(fed, (blocks, i) => (heard[i] === 0 ? INACTIVE : blocks === 0 ? ZOMBIE : ACTIVE));
  const level = { fed, heard, neuron, ...weightsOf(net, row, fed, heard) };
  level.fan = fans(net, level);
  level.bias = (i) => biasOf(net, row, i);
  level.serves = (i) => ((fed[net.start[i]] & net.taskMask) | heard[net.end[i]]) >>> 0;
  return level;
}

function weightsOf(net, row, fed, heard) {
  const count = net.start.length;
  const weight = new Uint8Array(count), size = new Float32Array(count), cut = new Uint8Array(count);
  let at = net.from[row];
  for (let i = 0; i < count; i++) {
    if (!bit(net.arrays.kept, count, row, i)) continue;
    weight[i] = heard[net.end[i]] === 0 ? INACTIVE : fed[net.start[i]] === 0 ? ZOMBIE : ACTIVE;
    const root = net.arrays.value[at++] / 127;
    size[i] = root * root;
    cut[i] = bit(net.arrays.cut, count, row, i);
  }
  return { weight, size, cut };
}

// Per neuron how many weights of each state come in and go out: [in, out][state][neuron].
function fans(net, level) {
  const counts = () => [0, 1, 2, 3].map(() => new Uint16Array(net.neurons));
  const into = counts(), out = counts();
  level.weight.forEach((state, i) => {
    into[state][net.end[i]] += 1;
    out[state][net.start[i]] += 1;
  });
  const bare = (i) => [INACTIVE, ZOMBIE, ACTIVE].every((state) => !into[state][i] && !out[state][i]);
  return { into, out, bare };
}

// A neuron's bias; undefined for inputs, null where it is pruned.
function biasOf(net, row, neuron) {
  if (neuron < net.shape[0]) return undefined;
  const width = net.neurons - net.shape[0];
  const whole = net.arrays.bias[row * width + neuron - net.shape[0]];
  return whole === PRUNED_BIAS ? null : (whole / 32767) * net.loudest;
}

function audible(net, level, neuron) {
  const layer = net.layerOf[neuron];
  return layer > 0 && layer < net.last && level.bias(neuron) > 0;
}

// The row of a level's numbers in the columns of all levels, with a ticket or not.
function rowOf(net, number) {
  return net.levels.level.indexOf(number);
}

// What the page says in words.
const STATES = ["pruned", "inactive", "zombie", "active"];

function whole(number) {
  return number.toLocaleString("en").replaceAll(",", "\u202f");
}

function brief(number) {
  if (number === null || number === undefined) return "–";
  if (typeof number !== "number" || Number.isInteger(number)) return String(number);
  return String(Number(number.toPrecision(3))).replace("-", "−");
}

function listed(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function tasksIn(net, bits) {
  return net.tasks.filter((_, k) => (bits >>> k) & 1).map((task) => task.name);
}

function taskOfEnd(net, neuron) {
  const layer = net.layerOf[neuron], index = neuron - net.first[layer];
  return net.tasks.findIndex((task) => (layer === 0 ? task.inputs : task.outputs).includes(index));
}

function neuronName(net, neuron) {
  const layer = net.layerOf[neuron], index = neuron - net.first[layer];
  if (layer > 0 && layer < net.last) return `hidden layer ${layer}, neuron ${index}`;
  const task = taskOfEnd(net, neuron);
  return `${layer === 0 ? "input" : "output"} ${index}, ${task < 0 ? "noise: no task's" : net.tasks[task].name}`;
}

// Of a level in groups no weight is marked, and the number is the run's own, if it has one.
function cutWords(level, cut) {
  const marked = level.single ? level.cut.reduce((sum, one) => sum + one, 0) : cut ?? 0;
  if (marked === 0) return "";
  const number = typeof cut === "number" ? cut : marked;
  const some = marked < number ? ` (${marked} marked)` : "";
  return `Least cut: without ${number === 1 ? "1 active weight" : `${number} active weights`}${some} the tasks would be apart.`;
}

function sentence(net, level) {
  const row = rowOf(net, level.number), of = (name) => (net.levels[name] ? net.levels[name][row] : null);
  return `Level ${level.number} of ${net.levels.level.at(-1)}: ${whole(level.kept)} of ${whole(level.all)} weights kept; ${level.words}. ${cutWords(level, of("cut"))}`;
}

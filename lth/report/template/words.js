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

// Which inputs and outputs of tasks are not active any more, task by task.
function losses(net, level) {
  return net.tasks.flatMap((task) => {
    const inputs = task.inputs.filter((i) => level.neuron[i] !== ACTIVE).length;
    const outputs = task.outputs.filter((i) => level.neuron[net.first[net.last] + i] !== ACTIVE).length;
    const parts = [inputs && `${inputs} of ${task.inputs.length} inputs`, outputs && `${outputs} of ${task.outputs.length} outputs`];
    const lost = parts.filter(Boolean);
    return lost.length ? [`${task.name} has lost ${listed(lost)}`] : [];
  });
}

function together(partition) {
  const groups = (partition || "").split("|").map((group) => group.split("+"));
  const shared = groups.filter((group) => group.length > 1).map((group) => `${listed(group)} still share weights`);
  return shared.length ? shared.join("; ") : "no tasks share weights";
}

function statusWords(net, level, status, partition) {
  const names = net.tasks.map((task) => task.name);
  if (status === "separated") return `separated: ${listed(names)} each have a subnetwork of their own.`;
  if (status === "interconnected") return `interconnected: ${together(partition)}.`;
  if (status === "fragmented") return "fragmented: a task is spread over several parts that share nothing.";
  const lost = losses(net, level);
  return `degraded, so no separation: ${lost.length ? lost.join("; ") : "a task is damaged"} (${together(partition)}).`;
}

function cutWords(level, cut) {
  const marked = level.cut.reduce((sum, one) => sum + one, 0);
  if (marked === 0) return "";
  const number = typeof cut === "number" ? cut : marked;
  const some = marked < number ? ` (${marked} marked)` : "";
  return `Least cut: without ${number === 1 ? "1 active weight" : `${number} active weights`}${some} the tasks would be apart.`;
}

function sentence(net, level) {
  const row = rowOf(net, level.number), of = (name) => (net.levels[name] ? net.levels[name][row] : null);
  const kept = level.weight.reduce((sum, state) => sum + (state !== PRUNED), 0);
  const total = net.shape.slice(1).reduce((sum, size, layer) => sum + size * net.shape[layer], 0);
  const words = statusWords(net, level, of("status"), of("partition"));
  return `Level ${level.number} of ${net.levels.level.at(-1)}: ${whole(kept)} of ${whole(total)} weights kept; ${words} ${cutWords(level, of("cut"))}`;
}

// The table of counts, and the legend: what every mark of the picture means.
function countRows(net, level) {
  const hidden = level.neuron.subarray(net.first[1], net.first[net.last]);
  const count = (array, state) => array.reduce((sum, one) => sum + (one === state), 0);
  return [ACTIVE, ZOMBIE, INACTIVE, PRUNED].map((state) => [
    STATES[state],
    state === PRUNED ? prunedInAll(net, level) : count(level.weight, state),
    state === PRUNED ? null : count(hidden, state),
  ]);
}

// Also those that were gone before the first drawn level.
function prunedInAll(net, level) {
  const total = net.shape.slice(1).reduce((sum, size, layer) => sum + size * net.shape[layer], 0);
  return total - level.weight.reduce((sum, state) => sum + (state !== PRUNED), 0);
}

function fillCounts(table, net, level) {
  const cell = (name, text, scope) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (scope) made.scope = scope;
    return made;
  };
  const row = (...cells) => {
    const made = document.createElement("tr");
    made.append(...cells);
    return made;
  };
  const body = countRows(net, level).map(([name, weights, neurons]) =>
    row(cell("th", name, "row"), cell("td", whole(weights)), cell("td", neurons === null ? "–" : whole(neurons))));
  const at = rowOf(net, level.number), epochs = net.levels.epochs ? brief(net.levels.epochs[at]) : "–";
  table.replaceChildren(
    row(cell("td", ""), cell("th", "weights", "col"), cell("th", "hidden neurons", "col")), ...body,
    row(cell("th", "epochs trained", "row"), cell("td", epochs), cell("td", "")));
}

function fillLegend(list, { net, level, show }) {
  const items = net.tasks.map((task, k) => [sample(taskClass(k), "disc", ""), `active, for ${task.name} alone: on a way from an input to an output`]);
  if (net.tasks.length > 1) items.push([sample("shared", "disc", ""), "active, for several tasks"]);
  items.push([widths(), `width: size of the weight, |w|, up to ${brief(net.largest)}, this seed's largest`]);
  if (show.cut) items.push([cutSample(), "least cut: without these the tasks are apart"]);
  if (show.zombie) {
    items.push([sample("zombie", "diamond", "6 4"), "zombie, audible: no input reaches it; its bias is passed on"]);
    items.push([sample("zombie", "hollow", "6 4"), "zombie, silent: no input reaches it; its ReLU gives 0"]);
  }
  if (show.inactive) items.push([sample("inactive", "cross", "1.5 3"), "inactive: no output hears it"]);
  if (show.pruned) items.push([sample("pruned", "dot", ""), "pruned weights; a dot: a neuron without any weight, inactive too"]);
  if (lost(net, level, 0)) items.push([sample("task-0", "cross", null), "in a task's colour: an input that the task has lost"]);
  if (lost(net, level, net.last)) items.push([sample("task-0", "hollow", null), "in a task's colour, or × there: an output that the task has lost"]);
  list.replaceChildren(...items.map(([picture, text]) => {
    const item = document.createElement("li");
    item.append(picture, text);
    return item;
  }));
}

function lost(net, level, layer) {
  return level.neuron.subarray(net.first[layer], net.first[layer + 1]).some((state, i) => state !== ACTIVE && taskOfEnd(net, net.first[layer] + i) >= 0);
}

const SHAPES = {
  disc: () => svg("circle", { cx: 35, cy: 8, r: 4.5, fill: "currentColor" }),
  dot: () => svg("circle", { cx: 35, cy: 8, r: 1.5, fill: "currentColor" }),
  diamond: () => svg("path", { d: "M35 2L41 8L35 14L29 8Z", fill: "currentColor" }),
  hollow: () => svg("path", { d: "M35 2L41 8L35 14L29 8Z", class: "hollow", stroke: "currentColor", "stroke-width": 1.4 }),
  cross: () => svg("path", { d: "M31 4L39 12M31 12L39 4", stroke: "currentColor", "stroke-width": 1.6 }),
};

function frame(look, ...parts) {
  return svg("svg", { width: 44, height: 16, viewBox: "0 0 44 16", class: look, "aria-hidden": "true" }, ...parts);
}

function sample(look, shape, dash) {
  const line = dash === null ? [] : [svg("line", { class: "curve", x1: 0, x2: 30, y1: 8, y2: 8, "stroke-dasharray": dash })];
  return frame(look, ...line, SHAPES[shape]());
}

function widths() {
  const parts = [0.6, 1.6, 4].map((width, i) => svg("line", { x1: 0, x2: 44, y1: 3 + 5 * i, y2: 3 + 5 * i, stroke: "currentColor", "stroke-width": width }));
  return frame("ink", ...parts);
}

function cutSample() {
  return frame("cut", svg("line", { x1: 0, x2: 44, y1: 8, y2: 8, stroke: "currentColor", "stroke-width": 7 }), svg("path", { d: "M22 1V15", class: "curve ink" }));
}

// The legend: what every mark of the picture means.
function fillLegend(list, scene) {
  const { net } = scene;
  const items = net.tasks.map((task, k) => [sample(taskClass(k), "disc", ""), `active, for ${task.name} alone: on a way from an input to an output`]);
  if (net.tasks.length > 1) items.push([sample("shared", "disc", ""), "active, for several tasks"]);
  items.push(...(inGroups(scene) ? groupItems(scene) : singleItems(scene)));
  list.replaceChildren(...items.map(([picture, text]) => {
    const item = document.createElement("li");
    item.append(picture, text);
    return item;
  }));
}

function singleItems({ net, level, show }) {
  const items = [[widths(), `width: size of the weight, |w|, up to ${brief(net.largest)}, this seed's largest`]];
  if (show.cut) items.push([cutSample(), "least cut: without these the tasks are apart"]);
  if (show.zombie) {
    items.push([sample("zombie", "diamond", "6 4"), "zombie, audible: no input reaches it; its bias is passed on"]);
    items.push([sample("zombie", "hollow", "6 4"), "zombie, silent: no input reaches it; its ReLU gives 0"]);
  }
  if (show.inactive) items.push([sample("inactive", "cross", "1.5 3"), "inactive: no output hears it"]);
  if (show.pruned) items.push([sample("pruned", "dot", ""), "pruned weights; a dot: a neuron without any weight, inactive too"]);
  if (lost(net, level, 0)) items.push([sample("task-0", "cross", null), "in a task's colour: an input that the task has lost"]);
  if (lost(net, level, net.last)) items.push([sample("task-0", "hollow", null), "in a task's colour, or × there: an output that the task has lost"]);
  return items;
}

function groupItems({ net, level, show }) {
  const items = [
    [boxSample(), "box: so many neurons alike; left half: what reaches them, right half: what they reach"],
    [bandSample("shared", null), "band: so many weights, as wide as their share of those between two layers"],
  ];
  if (show.zombie) items.push([bandSample("zombie", "6 4"), "hollow, dashed: zombies, which no input reaches"]);
  if (show.inactive) items.push([bandSample("inactive", "1.5 3"), "hollow, dotted: inactive, which no output hears"]);
  if (lost(net, level, 0) || lost(net, level, net.last)) items.push([bandSample("task-0", ""), "hollow box in a task's colour: inputs or outputs that the task has lost"]);
  return items;
}

function lost(net, level, layer) {
  return level.box.some((one) => one.layer === layer && one.state !== ACTIVE && (layer === 0 ? one.source : one.target) >= 0);
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

function boxSample() {
  const half = (x, look) => svg("rect", { x, y: 1, width: 8, height: 14, fill: "currentColor", class: look });
  return frame("ink", half(14, taskClass(0)), half(22, taskClass(1)));
}

function bandSample(look, dash) {
  const band = { d: "M0 4C20 4 24 1 44 1V9C24 9 20 12 0 12Z" };
  return frame(look, svg("path", dash === null ? { ...band, fill: "currentColor", opacity: 0.55 } : { ...band, class: "curve", "stroke-dasharray": dash }));
}

// Curves over all levels, with the slider's place marked; a click goes to the nearest level that has a ticket.
const WIDE = 340, HIGH = 130, LEFT = 46, RIGHT = 8, ABOVE = 8, BELOW = 20;

function svg(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function chartsOf(net) {
  const column = (name) => net.levels[name];
  const curve = (name, label, look, dash) => ({ values: column(name), label, look, dash });
  const measure = column("test_accuracy") ? "test" : "val";
  const kinds = new Set(net.tasks.map((task) => task.kind)), values = kinds.has("values");
  const share = values ? (kinds.size > 1 ? "accuracy or R²" : "R²") : "accuracy";
  const charts = [
    { title: "Weights", log: true, curves: [curve("active_weights", "active", "ink", ""), curve("zombie_weights", "zombie", "zombie", "6 4"), curve("inactive_weights", "inactive", "inactive", "2 3")] },
    { title: "Loss", curves: [curve("test_loss", "test", "ink", ""), curve("val_loss", "validation", "task-0", "6 4"), curve("train_loss", "training", "task-1", "2 3")] },
    { title: `${measure === "test" ? "Test" : "Validation"} ${share} of each task`, curves: net.tasks.map((task, k) => curve(`${measure}_accuracy_${task.name}`, task.name, taskClass(k), ["", "6 4", "2 3", "9 3 2 3"][k % 4])) },
  ];
  for (const chart of charts) chart.curves = chart.curves.filter((one) => one.values);
  return charts.filter((chart) => chart.curves.length);
}

function drawChart(net, number, chart, go) {
  const levels = net.levels.level, scale = scales(levels, chart);
  const picture = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": `${chart.title} over the levels` });
  const until = scale.x(net.shown[0]);
  if (net.shown[0] > levels[0]) picture.append(svg("rect", { class: "undrawn", x: LEFT, y: ABOVE, width: until - LEFT, height: HIGH - ABOVE - BELOW }));
  picture.append(...axes(levels, scale));
  picture.append(svg("line", { class: "mark", x1: scale.x(number), x2: scale.x(number), y1: ABOVE, y2: HIGH - BELOW }));
  for (const one of chart.curves) picture.append(...drawCurve(levels, one, scale, number));
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect(), x = ((event.clientX - box.left) / box.width) * WIDE;
    go(net.shown.reduce((best, one) => (Math.abs(scale.x(one) - x) < Math.abs(scale.x(best) - x) ? one : best)));
  });
  const figure = document.createElement("div"), title = document.createElement("h3");
  figure.className = "chart";
  title.textContent = chart.title;
  figure.append(title, picture, keysOf(chart, levels.indexOf(number)));
  return figure;
}

function scales(levels, { curves, log }) {
  const known = curves.flatMap((one) => one.values).filter((value) => value !== null);
  const bend = log ? (value) => Math.log10(1 + value) : (value) => value;
  const low = log ? 0 : Math.min(...known), high = Math.max(...known), span = bend(high) - bend(low) || 1;
  const x = (level) => LEFT + ((WIDE - LEFT - RIGHT) * (level - levels[0])) / (levels.at(-1) - levels[0] || 1);
  const y = (value) => HIGH - BELOW - (HIGH - ABOVE - BELOW) * ((bend(value) - bend(low)) / span);
  const powers = [0, 10, 100, 1000, 10000, 100000, 1000000].filter((value) => value <= high);
  return { x, y, log, ticks: log ? powers : [...new Set([low, (low + high) / 2, high])] };
}

function axes(levels, { x, y, ticks, log }) {
  const digits = Math.min(8, Math.max(0, Math.ceil(1 - Math.log10(ticks.at(-1) - ticks[0] || 1))));
  const parts = ticks.flatMap((value) => [
    svg("line", { class: "grid", x1: LEFT, x2: WIDE - RIGHT, y1: y(value), y2: y(value) }),
    svg("text", { x: LEFT - 4, y: y(value) + 4, "text-anchor": "end" }, log ? brief(value) : value.toFixed(digits)),
  ]);
  const step = Math.ceil(levels.length / 12);
  const shown = levels.filter((_, i) => i % step === 0);
  return [...parts, ...shown.map((level) => svg("text", { x: x(level), y: HIGH - 5, "text-anchor": "middle" }, String(level)))];
}

function drawCurve(levels, { values, look, dash }, { x, y }, number) {
  let path = "", on = false;
  levels.forEach((level, i) => {
    if (values[i] !== null) path += `${on ? "L" : "M"}${x(level).toFixed(1)} ${y(values[i]).toFixed(1)}`;
    on = values[i] !== null;
  });
  const here = values[levels.indexOf(number)];
  const dot = here === null || here === undefined ? [] : [svg("circle", { class: `dot ${look}`, cx: x(number), cy: y(here), r: 3.5 })];
  return [svg("path", { class: `curve ${look}`, d: path, "stroke-dasharray": dash }), ...dot];
}

function keysOf({ curves }, at) {
  const list = document.createElement("ul");
  list.className = "keys";
  for (const { label, look, dash, values } of curves) {
    const item = document.createElement("li");
    const sample = svg("svg", { viewBox: "0 0 26 8", "aria-hidden": "true" }, svg("line", { class: `curve ${look}`, x1: 0, x2: 26, y1: 4, y2: 4, "stroke-dasharray": dash }));
    item.append(sample, `${label} ${brief(values[at])}`);
    list.append(item);
  }
  return list;
}

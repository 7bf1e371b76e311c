// The viewer: what is chosen, and what follows when it changes.
const byId = (id) => document.getElementById(id);
const SHOWN = ["zombie", "inactive", "pruned", "cut", "groups"];

function viewer(configurations) {
  const state = { configuration: 0, seed: 0, row: 0, picked: -1, pinned: false, turn: 0, net: null, level: null, show: { cut: true } };
  const known = new Map();
  const parts = { state, configurations, canvas: byId("picture"), box: byId("neuron") };
  parts.seeds = () => configurations[state.configuration].seeds;
  parts.open = async (text) => {
    if (!known.has(text)) known.set(text, network(await unpack(text)));
    return known.get(text);
  };
  parts.scene = () => ({ ...state, place: state.place, colours: parts.colours });
  return parts;
}

// Take another seed; the level stays where it has one, else the nearest, at first the one that tells most.
async function choose(parts, configuration, seed, wanted) {
  const { state } = parts, turn = ++state.turn;
  const before = wanted ?? state.level?.number;
  state.configuration = Math.max(0, Math.min(parts.configurations.length - 1, configuration));
  state.seed = Math.max(0, Math.min(parts.seeds().length - 1, seed));
  fillChoices(parts);
  const net = await parts.open(parts.seeds()[state.seed].data);
  if (turn !== state.turn) return;
  state.net = net;
  letGo(state);
  byId("level").max = net.shown.length - 1;
  goTo(parts, before === undefined ? telling(net) : nearestRow(net, before));
}

function telling(net) {
  const statuses = net.shown.map((number) => net.levels.status?.[rowOf(net, number)]);
  const separated = statuses.indexOf("separated");
  if (separated >= 0) return separated;
  const whole = statuses.findLastIndex((one) => one !== "degraded");
  return whole < 0 ? net.shown.length - 1 : whole;
}

function nearestRow(net, number) {
  return net.shown.reduce((best, one, row) => (Math.abs(one - number) < Math.abs(net.shown[best] - number) ? row : best), 0);
}

function leftOut(scene) {
  const { net, level } = scene, groups = inGroups(scene), parts = [];
  const hidden = groups ? level.bareNeurons : net.height.reduce((sum, y) => sum + isNaN(y), 0);
  if (!level.single) parts.push("This level has more than 5 000 weights, too many to be seen apart: it is drawn in groups only.");
  if (hidden) parts.push(`${whole(hidden)} hidden neurons that have no weights at ${groups ? "this" : "any drawn"} level are left out.`);
  if (net.tasks.length > TASK_COLOURS) parts.push(`There are more tasks than colours: every ${TASK_COLOURS} tasks the colours begin anew.`);
  return parts.join(" ");
}

function goTo(parts, row) {
  const { state } = parts;
  const groups = state.level && inGroups(state);
  state.row = Math.max(0, Math.min(state.net.shown.length - 1, row));
  state.level = levelOf(state.net, state.row);
  if (groups || inGroups(state)) letGo(state);
  const { net, level } = state, slider = byId("level");
  slider.value = state.row;
  slider.setAttribute("aria-valuetext", `level ${level.number}`);
  byId("level-name").textContent = String(level.number);
  byId("status").textContent = sentence(net, level);
  fillCounts(byId("counts"), net, level);
  const go = (number) => goTo(parts, net.shown.indexOf(number));
  byId("charts").replaceChildren(...chartsOf(net).map((chart) => drawChart(net, level.number, chart, go)));
  redraw(parts);
  remember(parts);
}

function redraw(parts) {
  const { state, canvas, box } = parts;
  if (!state.net) return;
  state.place = spots(state, canvas.clientWidth, canvas.clientHeight);
  if (!inGroups(state) && state.picked >= 0 && !visible(state.net, state.level, state.show, state.picked)) state.picked = -1;
  if (inGroups(state) && state.picked >= 0 && !shownBox(state, state.level.box[state.picked])) letGo(state);
  fillLegend(byId("legend"), state);
  byId("left-out-here").textContent = leftOut(state);
  switches(state);
  repaint(parts);
}

// Boxes are others at every level.
function letGo(state) {
  state.picked = -1;
  state.pinned = false;
}

// What cannot be chosen here: single weights of a large network, and what groups do not show.
function switches(state) {
  const groups = inGroups(state), off = { groups: !state.level.single, pruned: groups, cut: groups };
  for (const name of SHOWN) byId(`show-${name}`).disabled = Boolean(off[name]);
  byId("show-groups").checked = groups;
}

function repaint(parts) {
  paint(parts.canvas, parts.scene());
  showNeuron(parts.box, parts.scene());
}

function fillChoices(parts) {
  const { state, configurations } = parts;
  const fill = (select, names, at) => {
    select.replaceChildren(...names.map((name, i) => new Option(name, String(i), false, i === at)));
    select.disabled = names.length < 2;
  };
  fill(byId("configuration"), configurations.map((one) => one.label), state.configuration);
  fill(byId("seed"), parts.seeds().map((one) => `${one.seed} (${one.outcome})`), state.seed);
}

// The address says what is shown, so that it can be sent on or come back to.
function remember({ state }) {
  const show = SHOWN.filter((name) => state.show[name]).map((name) => name[0]).join("");
  history.replaceState(null, "", `#c=${state.configuration}&s=${state.seed}&l=${state.level.number}&show=${show}`);
}

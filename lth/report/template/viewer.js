// The viewer: what is chosen, and what follows when it changes.
const byId = (id) => document.getElementById(id);
const SHOWN = ["zombie", "inactive", "pruned", "cut"];

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
  state.picked = -1;
  state.pinned = false;
  byId("level").max = net.drawn.length - 1;
  byId("left-out-here").textContent = leftOut(net);
  goTo(parts, before === undefined ? telling(net) : nearestRow(net, before));
}

function telling(net) {
  const statuses = net.drawn.map((number) => net.levels.status?.[rowOf(net, number)]);
  const separated = statuses.indexOf("separated");
  if (separated >= 0) return separated;
  const whole = statuses.findLastIndex((one) => one !== "degraded");
  return whole < 0 ? net.drawn.length - 1 : whole;
}

function nearestRow(net, number) {
  return net.drawn.reduce((best, one, row) => (Math.abs(one - number) < Math.abs(net.drawn[best] - number) ? row : best), 0);
}

function leftOut(net) {
  const hidden = net.height.reduce((sum, y) => sum + isNaN(y), 0);
  const parts = [];
  const [low, high] = [net.tooLarge[0], net.tooLarge.at(-1)];
  if (net.tooLarge.length) parts.push(`Not drawn, for more than 5 000 weights: level ${low === high ? low : `${low} to ${high}`}; the curves have ${low === high ? "it" : "them"}.`);
  if (hidden) parts.push(`${hidden} hidden neurons that have no weights at any drawn level are left out.`);
  if (net.tasks.length > TASK_COLOURS) parts.push(`There are more tasks than colours: every ${TASK_COLOURS} tasks the colours begin anew.`);
  return parts.join(" ");
}

function goTo(parts, row) {
  const { state } = parts;
  state.row = Math.max(0, Math.min(state.net.drawn.length - 1, row));
  state.level = levelOf(state.net, state.row);
  const { net, level } = state, slider = byId("level");
  slider.value = state.row;
  slider.setAttribute("aria-valuetext", `level ${level.number}`);
  byId("level-name").textContent = String(level.number);
  byId("status").textContent = sentence(net, level);
  fillCounts(byId("counts"), net, level);
  const go = (number) => goTo(parts, net.drawn.indexOf(number));
  byId("charts").replaceChildren(...chartsOf(net).map((chart) => drawChart(net, level.number, chart, go)));
  redraw(parts);
  remember(parts);
}

function redraw(parts) {
  const { state, canvas, box } = parts;
  if (!state.net) return;
  state.place = spots(state, canvas.clientWidth, canvas.clientHeight);
  if (state.picked >= 0 && !visible(state.net, state.level, state.show, state.picked)) state.picked = -1;
  fillLegend(byId("legend"), state);
  repaint(parts);
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

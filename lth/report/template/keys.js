// What the user does: pointer, keys, choices.
function listen(parts) {
  const { state } = parts;
  byId("configuration").addEventListener("change", (event) => attempt(() => choose(parts, Number(event.target.value), state.seed)));
  byId("seed").addEventListener("change", (event) => attempt(() => choose(parts, state.configuration, Number(event.target.value))));
  byId("level").addEventListener("input", (event) => goTo(parts, Number(event.target.value)));
  for (const name of SHOWN) byId(`show-${name}`).addEventListener("change", (event) => toggle(parts, name, event.target.checked));
  document.addEventListener("keydown", (event) => key(parts, event));
  listenToCanvas(parts);
  new ResizeObserver(() => redraw(parts)).observe(parts.canvas);
}

function listenToCanvas(parts) {
  const { state, canvas } = parts;
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return inGroups(state) ? boxAt(state, x, y) : nearest(state.net, state.level, state.show, state.place, x, y);
  };
  canvas.addEventListener("pointermove", (event) => {
    if (!state.pinned && state.net) pick(parts, under(event), false);
  });
  canvas.addEventListener("pointerleave", () => {
    if (!state.pinned) pick(parts, -1, false);
  });
  canvas.addEventListener("click", (event) => {
    const found = under(event);
    pick(parts, found, found >= 0);
  });
}

function pick(parts, neuron, pinned) {
  const { state } = parts;
  state.pinned = pinned;
  if (neuron === state.picked) return;
  state.picked = neuron;
  repaint(parts);
}

function toggle(parts, name, on) {
  if (byId(`show-${name}`).disabled) return;
  parts.state.show[name] = on;
  if (name === "groups") letGo(parts.state);
  byId(`show-${name}`).checked = on;
  redraw(parts);
  remember(parts);
}

function key(parts, event) {
  const { state, canvas } = parts, target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || !state.net) return;
  if (target.tagName === "SELECT" || (target.type === "range" && event.key.startsWith("Arrow"))) return;
  const done = event.key === "Escape" ? pick(parts, -1, false) ?? true
    : event.key.startsWith("Arrow") ? arrow(parts, event.key, target === canvas)
    : letter(parts, event.key);
  if (done) event.preventDefault();
}

function arrow(parts, name, onCanvas) {
  const { state } = parts;
  if (onCanvas) {
    pick(parts, (inGroups(state) ? boxBeside : neighbour)(parts.scene(), state.picked, name), true);
    return true;
  }
  if (name !== "ArrowLeft" && name !== "ArrowRight") return false;
  goTo(parts, state.row + (name === "ArrowLeft" ? -1 : 1));
  return true;
}

function letter(parts, name) {
  const { state } = parts, shown = SHOWN.find((one) => one[0] === name.toLowerCase() && name.length === 1);
  if (shown) toggle(parts, shown, !state.show[shown]);
  else if (name === "[" || name === "]") attempt(() => choose(parts, state.configuration, state.seed + (name === "[" ? -1 : 1)));
  else return false;
  return true;
}

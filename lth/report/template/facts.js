// The table of counts.
function countRows(level) {
  return [ACTIVE, ZOMBIE, INACTIVE, PRUNED].map((state) => [STATES[state], level.weights[state], state === PRUNED ? null : level.neurons[state]]);
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
  const body = countRows(level).map(([name, weights, neurons]) =>
    row(cell("th", name, "row"), cell("td", whole(weights)), cell("td", neurons === null ? "–" : whole(neurons))));
  const at = rowOf(net, level.number), epochs = net.levels.epochs ? brief(net.levels.epochs[at]) : "–";
  table.replaceChildren(
    row(cell("td", ""), cell("th", "weights", "col"), cell("th", "hidden neurons", "col")), ...body,
    row(cell("th", "epochs trained", "row"), cell("td", epochs), cell("td", "")));
}

// Start: colours, then the viewer where there is something to view.
const THEMES = [["", "as the system"], ["light", "light"], ["dark", "dark"]];

async function attempt(what) {
  try {
    await what();
  } catch (fault) {
    byId("trouble").textContent = `The viewer has failed: ${fault.message}`;
    byId("trouble").hidden = false;
  }
}

function followTheme(changed) {
  let at = 0;
  byId("theme").addEventListener("click", () => {
    at = (at + 1) % THEMES.length;
    document.documentElement.dataset.theme = THEMES[at][0];
    byId("theme").textContent = `colours: ${THEMES[at][1]}`;
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

function fromAddress() {
  const asked = new URLSearchParams(location.hash.slice(1)), show = asked.get("show");
  const number = (name) => (/^\d+$/.test(asked.get(name) ?? "") ? Number(asked.get(name)) : undefined);
  return { configuration: number("c") ?? 0, seed: number("s") ?? 0, level: number("l"), show };
}

async function start() {
  const configurations = JSON.parse(byId("data").textContent);
  if (!configurations.length) {
    byId("trouble").textContent = "There is no ticket to show here.";
    byId("trouble").hidden = false;
    followTheme(() => {});
    return;
  }
  byId("stage").hidden = false;
  const parts = viewer(configurations), asked = fromAddress();
  parts.colours = palette();
  for (const name of SHOWN) {
    if (asked.show !== null) parts.state.show[name] = asked.show.includes(name[0]);
    byId(`show-${name}`).checked = Boolean(parts.state.show[name]);
  }
  followTheme(() => {
    parts.colours = palette();
    redraw(parts);
  });
  await choose(parts, asked.configuration, asked.seed, asked.level);
  listen(parts);
}

attempt(start);

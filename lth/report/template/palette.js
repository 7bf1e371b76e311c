// The page's colours as the canvas needs them: resolved for the theme that is on.
const NAMES = ["paper", "ink", "soft", "line", "shared", "zombie", "inactive", "pruned", "cut"];
const TASK_COLOURS = 6;

function palette() {
  const probe = document.createElement("span");
  document.body.append(probe);
  const resolve = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(NAMES.map((name) => [name, resolve(name)]));
  found.tasks = Array.from({ length: TASK_COLOURS }, (_, k) => resolve(`task-${k}`));
  probe.remove();
  return found;
}

function taskClass(k) {
  return `task-${k % TASK_COLOURS}`;
}

// The colour of what serves these tasks: the task's own, one for several, the zombies' grey for none.
function colourOf(colours, bits) {
  if (bits === 0) return colours.zombie;
  const task = 31 - Math.clz32(bits);
  return bits === 2 ** task ? colours.tasks[task % TASK_COLOURS] : colours.shared;
}

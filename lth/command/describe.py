"""`lth run --help`: how it is called, what to choose from, every key with its value, what it allows and what for."""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from omegaconf import OmegaConf

from lth.command.compose import compose, pack_seeds
from lth.settings.conf import CONF, groups, presets, values
from lth.settings.errors import written
from lth.settings.keys import keys

WIDTH = 80
_HEAD = """lth run [KEY=VALUE …] [FLAG …]

Trains one stack: the seeds of one configuration, through all their levels.
With -m, or for an experiment, a sweep of stacks: KEY=A,B goes through both,
and model.hidden=8,..,57 through the ladder of sizes.

  -m, --multirun     sweep
  --dry-run          check all of it, print the grid and an estimate, no more
  --resume DIR       go on with the run or sweep in DIR; further overrides may
                     follow, seed=0..19 say
  --config-dir DIR   a folder of YAML files of your own, searched too
  --cfg job          print the configuration that these overrides give
  --version          versions, and what trains on CPUs here
  --hydra-help       what Hydra can do besides

  hydra.run.dir=DIR  where a run is recorded; of a sweep hydra.sweep.dir=DIR
  hydra.sweeper.max_rung=N
                     leave out the sizes above that rung of their ladder
  hydra.sweeper.together=[KEY,KEY]
                     these keys go through their values in step
  hydra/launcher=NAME
                     where the stacks of a sweep train: pool (here), slurm,
                     ray_cluster, joblib"""
_COMMENT = re.compile(r"^(\w+):.*?\s#\s+(.*)$", re.MULTILINE)


def describe(overrides: Sequence[str]) -> str:
    """The help, with the values that these overrides give. Raises ConfigurationError."""
    config = compose(pack_seeds(overrides))
    choices = {str(group): choice for group, choice in config.hydra.runtime.choices.items()}
    own = OmegaConf.to_container(OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"]))
    assert isinstance(own, dict)
    given = dict(_leaves("", {str(key): value for key, value in own.items()}))
    parts = [_HEAD, "", "To choose from (lth list GROUP has a line for each):", *_choices(choices)]
    parts += ["", "Keys, with their values here, what is allowed, and what they are for:", *_known(given, choices)]
    parts += [*_others(given, choices)]
    return "\n".join(parts)


def _choices(choices: Mapping[str, Any]) -> Iterator[str]:
    for group in groups():
        if not group.startswith("hydra"):
            chosen = f"{group}={choices.get(group) or 'NAME'}"
            yield from _entry(chosen, ", ".join(presets(group)))


def _known(given: Mapping[str, Any], choices: Mapping[str, Any]) -> Iterator[str]:
    for key in keys():
        group, _, name = key.name.rpartition(".")
        chosen = "" if key.schedule in ("", choices.get("pruning/schedule")) else f"pruning/schedule={key.schedule}"
        if key.name in given and not chosen:
            yield from _entry(f"{key.name}={written(given[key.name])}", f"{key.means} ({key.allowed})")
            continue
        place = group.replace(".", "/")
        having = [one for one in presets(place) if name in values(place, one)]
        where = chosen or f"{place}={', '.join(having)}"
        yield from _entry(f"{key.name}=…", f"with {where}: {key.means} ({key.allowed})")


def _others(given: Mapping[str, Any], choices: Mapping[str, Any]) -> Iterator[str]:
    """Keys of what is chosen that the schema does not know: arguments of what is built."""
    known = {key.name for key in keys()}
    for name in given:
        group, _, key = name.rpartition(".")
        if name not in known and not key.startswith("_") and group and name.replace(".", "/") not in groups():
            place = group.replace(".", "/")
            said = dict(_COMMENT.findall(_text(place, str(choices.get(place))))).get(key, "")
            yield from _entry(f"{name}={written(given[name])}", f"of {place}={choices.get(place)}: {said}".rstrip(": "))


def _text(group: str, name: str) -> str:
    path = CONF / group / f"{name}.yaml"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _leaves(before: str, value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        name = f"{before}.{key}".lstrip(".")
        if isinstance(inner, Mapping):
            yield from _leaves(name, {str(part): one for part, one in inner.items()})
        else:
            yield name, inner


def _entry(key: str, said: str) -> list[str]:
    return [f"  {key}", *textwrap.wrap(said, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)]

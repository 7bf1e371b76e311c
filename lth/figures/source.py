"""What figures read: the collected tables without failed, unfinished and repeated seeds, and how many those are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from lth.collect import CollectError, Missing, Tables, whole

_FRONT = ("run", "state", "outcome", "seed", "level")
_WORDS = {
    "model.hidden": "h = {}",
    "model.depth": "{} hidden layers",
    "model.bias_init": {"zeros": "bias zero", "normal": "bias normal"},
    "pruning.biases": {False: "bias kept", True: "bias pruned"},
    "pruning.schedule.levels": "{} levels",
    "dataset.noise": "noise {}",
    "dataset.noise_inputs": "q = {}",
    "dataset.n": "{} tasks",
    "optimizer.weight_decay": "decay {}",
}


@dataclass
class Source:
    """The tables of one experiment as a figure reads them.

    `notes` gathers what a figure had to leave out, `remarks` what its caption says beside the rest, `seen` is what it
    shows in a sentence.
    """

    tables: Tables
    notes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    seen: str = ""

    @cached_property
    def _levels(self) -> pd.DataFrame:
        try:
            return self.tables.get("levels", pd.DataFrame())
        except CollectError:  # said where the table is asked for
            return pd.DataFrame()

    @cached_property
    def keys(self) -> list[str]:
        """The configuration keys that vary, as columns of every table."""
        table = self._levels
        named = table.attrs.get("keys")
        if named is not None:
            return [key for key in named if key in table]
        front = list(table.columns[: list(table.columns).index("seed")]) if "seed" in table else []
        return [name for name in front if name not in _FRONT]

    @cached_property
    def seeds(self) -> pd.DataFrame:
        """One row per run and seed that counts: run, seed, outcome and the keys. Of repeated seeds the first counts.

        Only finished ones, unless none is: then what there is, with a note. Raises Missing for no row at all.
        """
        table = _plain(whole(self.tables, "levels", ("run", "seed")))
        known = [name for name in ("run", "seed", "state", "outcome", *self.keys) if name in table]
        every = table[known].drop_duplicates(["run", "seed"])
        counting = every[every["state"] == "finished"] if "state" in every else every
        if counting.empty:
            self.note("no finished seed: drawn from what there is")
            counting = every
        return counting.drop_duplicates([*self.keys, "seed"]).reset_index(drop=True)

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """The rows of the seeds that count. Raises Missing without the table, a row, or one of `columns`."""
        table = _plain(whole(self.tables, name, ("run", "seed", *columns)))
        if len(self._levels):
            table = table.merge(self.seeds[["run", "seed"]], on=["run", "seed"])
        if table.empty:
            raise Missing(f"table {name} has no row of a seed that counts")
        empty = [column for column in columns if table[column].isna().all()]
        if empty:
            raise Missing(f"column {', '.join(empty)} of table {name} is empty")
        return table

    def levels(self, *columns: str) -> pd.DataFrame:
        """The rows of table levels, by run, seed and level. Raises Missing as `table` does."""
        return self.table("levels", "level", *columns).sort_values(["run", "seed", "level"], ignore_index=True)

    def optional(self, name: str, *columns: str) -> pd.DataFrame | None:
        """As `table`, but None and a note where that raises."""
        try:
            return self.table(name, *columns)
        except Missing as fault:
            self.note(str(fault))
            return None

    def facets(self, table: pd.DataFrame, *without: str) -> Iterator[tuple[str, pd.DataFrame]]:
        """The parts of a table that share all varying keys but `without`, each with its label, in order."""
        yield from facets(table, [key for key in self.keys if key not in without])

    def counts(self) -> str:
        """How many runs are drawn, and how many are not and why."""
        table = self._levels
        if not {"run", "seed"} <= set(table.columns) or table.empty:
            return "n = 0 runs"
        seeds, faults = self.seeds, list(table.attrs.get("faults") or ())
        every = table.drop_duplicates(["run", "seed"])
        states = every["state"] if "state" in every else pd.Series("finished", index=every.index)
        failed, unfinished = int((states == "failed").sum()), int((~states.isin(["finished", "failed"])).sum())
        excluded = list(table.attrs.get("excluded") or ())
        failed, unfinished = _at_least(failed, "failed", excluded), _at_least(unfinished, "unfinished", excluded)
        repeated = max(int((states == "finished").sum()) - len(seeds), 0)
        configurations = len(seeds[self.keys].drop_duplicates()) if self.keys else 1
        least, most = (seeds.groupby(self.keys, dropna=False).size() if self.keys else pd.Series([len(seeds)])).agg(
            ["min", "max"]
        )
        each = f"{least}" if least == most else f"{least} to {most}"
        parts = [f"n = {len(seeds)} runs: {_plural(configurations, 'configuration')} × {_plural(each, 'seed')}"]
        parts += [f"failed {failed}", f"unfinished {unfinished}"]
        parts += [f"repeated {repeated}"] if repeated else []
        parts += [f"not read {len(faults)}"] if faults else []
        return "; ".join(parts)

    def note(self, text: str) -> None:
        """Say once that something is missing."""
        if text not in self.notes:
            self.notes.append(text)

    def headline(self, text: str) -> None:
        """Say what is seen; the first of two sentences, where both are said."""
        self.seen = self.seen or text

    def remark(self, text: str) -> None:
        """Say something once in the caption."""
        if text not in self.remarks:
            self.remarks.append(text)


def facets(table: pd.DataFrame, keys: Sequence[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """The parts of a table by the values of `keys`, each with its label; keys that follow from others are not named."""
    known = [key for key in keys if key in table and len(table)]
    keys = [key for key in known if table[key].nunique(dropna=False) > 1]
    if not keys:
        yield ", ".join(label(key, table[key].iloc[0]) for key in known), table
        return
    named: list[str] = []
    for key in sorted(keys, key=lambda key: key not in _WORDS):
        if not named or table.groupby(named, dropna=False)[key].nunique(dropna=False).max() > 1:
            named.append(key)
    named.sort(key=keys.index)
    for values, part in table.groupby(named, sort=True, dropna=False):
        yield ", ".join(label(key, value) for key, value in zip(named, values, strict=True)), part


def label(key: str, value: Any) -> str:
    """A key and its value in a few letters: "h = 57", "decay 0.1", "polynomial"."""
    words = _WORDS.get(key)
    if isinstance(words, dict):
        return words.get(value, f"{key} {value}")
    if words:
        text = words.format(f"{value:g}" if isinstance(value, float) else value)
        return text.removesuffix("s") if value == 1 and words.startswith("{}") else text
    if key.endswith("_target_"):
        return str(value).rpartition(".")[2].removeprefix("build_").lower()
    return str(value) if isinstance(value, str) else f"{key.rpartition('.')[2]} {value}"


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """The table with numpy's numbers instead of nullable ones: null is not a number."""
    nullable = [name for name in table if str(table[name].dtype) in ("Int64", "Float64", "boolean")]
    whole = {name: str(table[name].dtype) == "Int64" and not table[name].isna().any() for name in nullable}
    return table.astype({name: "int64" if whole[name] else "float64" for name in nullable})


def _at_least(counted: int, word: str, excluded: Sequence[str]) -> int:
    return max(
        counted, sum(word in one.replace("unfinished", "") if word == "failed" else word in one for one in excluded)
    )


def _plural(number: Any, word: str) -> str:
    return f"{number} {word}" if str(number) == "1" else f"{number} {word}s"

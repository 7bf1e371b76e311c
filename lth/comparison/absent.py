"""What a table of a comparison has not, so that its page can say it."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

NONE = "has no finished run here"


def absent(rows: pd.DataFrame, names: Sequence[str], refused: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """For each problem what did not run, and why; and what ran in part, against the densities and seeds of the others.

    `refused` are the methods that a problem does not take, with the reason.
    """
    return {
        str(problem): [*_not_run(group, names, refused.get(str(problem), {})), *_in_part(group)]
        for problem, group in rows.groupby("problem", sort=False)
    }


def _not_run(group: pd.DataFrame, names: Sequence[str], refused: Mapping[str, str]) -> list[str]:
    why = {name: refused.get(name, NONE) for name in names if name not in {*group["method"]}}
    reasons = [f"{_listed(name for name in why if why[name] == said)} ({said})" for said in dict.fromkeys(why.values())]
    return [f"Not run: {'; '.join(reasons)}."] if reasons else []


def _in_part(group: pd.DataFrame) -> list[str]:
    """Methods that lack runs at some densities, in one line."""
    densities = sorted(group["asked"].unique(), reverse=True)
    runs = group.groupby(["method", "asked"]).size().unstack(fill_value=0).reindex(columns=densities)
    whole = int(runs.to_numpy().max())
    alike: dict[str, list[str]] = {}
    for name, counts in runs.iterrows():
        if counts.min() < whole:
            alike.setdefault(_lacking(counts, whole), []).append(str(name))
    said = "; ".join(f"{what} of {_listed(names)}" for what, names in alike.items())
    return [f"In part, of {whole} runs at each density: {said}."] if said else []


def _lacking(counts: pd.Series, whole: int) -> str:
    by_count = {int(count): counts.index[counts == count] for count in counts[counts < whole].unique()}
    return _listed(
        f"{count or 'none'} at {_listed(f'{100 * density:g} %' for density in at)}" for count, at in by_count.items()
    )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)

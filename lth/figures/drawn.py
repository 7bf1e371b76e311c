"""What the null models say of a run: how likely masks of its layer counts are separated without any training."""

import pandas as pd


def at_some_level(null: pd.DataFrame, column: str) -> pd.DataFrame:
    """Per run and seed the `rate`: the chance to be separated at some level if every level were drawn anew.

    The masks of a real run are nested, so this is more than nested masks of the same kind would give: the comparison
    favours chance. Also `draws`, those of one level.
    """
    known = null.dropna(subset=[column])
    missed = (1 - known[column].astype(float)).groupby([known["run"], known["seed"]]).prod()
    draws = known.groupby(["run", "seed"])["draws"].max()
    return pd.DataFrame({"rate": 1 - missed, "draws": draws}).reset_index()

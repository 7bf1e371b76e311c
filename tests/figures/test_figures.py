"""Every figure of every experiment: on whole tables, on half-empty ones, and on none."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from drawn_once import DRAWINGS, MADE, drawn
from made_tables import GRIDS
from matplotlib.figure import Figure

from lth import collect
from lth.figures.catalogue import EXPERIMENTS, Drawing, figures
from lth.figures.page import lacks

# One experiment for each figure is enough where only the robustness is asked for.
ONE_EACH = [next(drawing for drawing in DRAWINGS if drawing.figure == figure) for figure in figures()]


def texts(figure: Figure) -> str:
    inside = [text.get_text() for axes in figure.axes for text in (axes.title, axes._left_title, *axes.texts)]  # type: ignore[attr-defined]
    return "\n".join([text.get_text() for text in figure.texts] + inside)


def test_the_experiments_are_those_of_the_configuration() -> None:
    assert sorted(EXPERIMENTS) == collect.known() == sorted(GRIDS)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.name)
def test_every_figure_draws_whole_tables_and_lacks_nothing(drawing: Drawing) -> None:
    figure = drawn(drawing)
    two_inputs = drawing.experiment in ("mnist", "fashion", "mnist-fashion", "lenet")  # a task, here
    if not two_inputs or drawing.figure != "pixels":
        assert lacks(figure) == []
    for axes in figure.axes:
        assert not axes.axison or axes.has_data(), f"an empty panel: {axes.get_title('left')}"
    runs = len(MADE[drawing.experiment]["levels"].drop_duplicates(["run", "seed"]))
    assert f"n = {runs} runs" in texts(figure)
    assert "failed 0; unfinished 0" in texts(figure).replace("\n", " ")


@pytest.mark.parametrize("drawing", ONE_EACH, ids=lambda drawing: drawing.name)
def test_a_figure_without_any_table_says_so(drawing: Drawing) -> None:
    assert any("no table" in text for text in lacks(drawing.draw({})))


@pytest.mark.parametrize("drawing", ONE_EACH, ids=lambda drawing: drawing.name)
def test_a_figure_of_levels_alone_is_drawn_or_names_the_table_it_lacks(drawing: Drawing) -> None:
    figure = drawing.draw({"levels": MADE[drawing.experiment]["levels"]})
    drawn = any(axes.has_data() for axes in figure.axes)
    assert drawn or lacks(figure)
    if drawing.figure in ("lottery", "outcomes", "null"):
        assert drawn
        assert any("no table" in text for text in lacks(figure))


@pytest.mark.parametrize("drawing", ONE_EACH, ids=lambda drawing: drawing.name)
def test_a_figure_without_the_columns_it_needs_names_one(drawing: Drawing) -> None:
    front = ["run", "state", "seed", "level", *GRIDS[drawing.experiment]]
    bare = {name: table[[c for c in front if c in table]] for name, table in MADE[drawing.experiment].items()}
    for name, table in bare.items():
        table.attrs |= MADE[drawing.experiment][name].attrs
    assert re.search("no column|no outcome|neither", " ".join(lacks(drawing.draw(bare))))


@pytest.mark.parametrize("drawing", ONE_EACH, ids=lambda drawing: drawing.name)
def test_a_single_seed_is_drawn(drawing: Drawing) -> None:
    first = {name: of_seeds(table, [0]) for name, table in MADE[drawing.experiment].items()}
    figure = drawing.draw(first)
    assert any(axes.has_data() or axes.texts for axes in figure.axes)
    assert "× 1 seed;" in texts(figure).replace("\n", " ")


@pytest.mark.parametrize("drawing", ONE_EACH, ids=lambda drawing: drawing.name)
def test_no_separated_run_and_empty_numbers_are_drawn_or_named(drawing: Drawing) -> None:
    tables = {name: table.copy() for name, table in MADE[drawing.experiment].items()}
    tables["levels"] = tables["levels"].assign(status="interconnected", outcome="interconnected", winning=None)
    tables["neurons"] = tables["neurons"].assign(died=np.nan, bias=np.nan)
    tables["null"] = tables["null"].assign(random_separated=np.nan)
    figure = drawing.draw(tables)
    assert any(axes.has_data() for axes in figure.axes) or lacks(figure)
    if drawing.figure == "separation":
        assert "no run separated" in lacks(figure)


@pytest.mark.parametrize("drawing", ONE_EACH, ids=lambda drawing: drawing.name)
def test_nothing_in_a_column_is_no_crash(drawing: Drawing) -> None:
    tables = {name: blank(table) for name, table in MADE[drawing.experiment].items()}
    assert lacks(drawing.draw(tables))


@pytest.mark.parametrize("drawing", ONE_EACH, ids=lambda drawing: drawing.name)
def test_failed_and_unfinished_seeds_are_counted_and_not_drawn(drawing: Drawing) -> None:
    tables = {name: table.copy() for name, table in MADE[drawing.experiment].items()}
    levels = tables["levels"]
    first = levels["run"] == levels["run"].iloc[0]
    levels.loc[first & (levels["seed"] == 0), ["state", "outcome"]] = ["failed", None]
    levels.loc[first & (levels["seed"] == 1), ["state", "outcome"]] = ["running", None]
    text = texts(drawing.draw(tables)).replace("\n", " ")
    runs = len(levels.drop_duplicates(["run", "seed"]))
    assert f"n = {runs - 2} runs" in text
    assert "failed 1; unfinished 1" in text


def of_seeds(table: pd.DataFrame, seeds: list[int]) -> pd.DataFrame:
    return table[table["seed"].isin(seeds)]


def blank(table: pd.DataFrame) -> pd.DataFrame:
    """The table with nothing but its front: what it measures is null."""
    kept = [name for name in ("run", "seed", "level", "state", *table.attrs["keys"]) if name in table]
    made = table[kept].reindex(columns=table.columns)
    made.attrs |= table.attrs
    return made

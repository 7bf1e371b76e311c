"""lth.record.tables and lth.ticket.columns: order, types and nulls of the tables."""

import io
import math

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from lth.files.numbers import finite
from lth.record.parquet import pack
from lth.record.tables import epoch_table, level_table
from lth.ticket.columns import level_columns
from tests.synthetic_run import row

TASKS = ["moons", "circles"]


def test_types_and_order_do_not_depend_on_what_is_null() -> None:
    whole = level_table([row(0, 1)], TASKS)
    empty = level_table([dict.fromkeys(row(0, 1)) | {"seed": 0, "level": 1}], TASKS)
    pd.testing.assert_series_equal(whole.dtypes, empty.dtypes)
    assert list(whole.columns[:6]) == ["seed", "level", "keep", "rate", "density", "epochs"]
    assert list(whole.columns[6:11]) == ["train_loss", "val_loss", "val_accuracy", "test_loss", "test_accuracy"]
    assert list(whole.columns[11:13]) == ["train_loss_moons", "val_loss_moons"]
    assert list(whole.columns[-12:-7]) == [
        "cut_magnitude",
        *(name for name in whole if str(name).startswith("decided_")),
    ]
    assert list(whole.columns[-7:-4]) == ["winning", "min_kept_magnitude", "anchor_step"]
    assert list(whole.columns[-4:]) == ["spent_epochs", "spent_macs", "inference_macs", "best_step"]


def test_a_table_without_rows_has_every_column_already() -> None:
    names = set(level_table([row(0, 0)], TASKS).columns)
    assert {name for name in names if not name.startswith("decided_")} == set(level_table([], TASKS).columns)


def test_not_computed_is_null_in_the_file_and_a_nullable_integer_when_read() -> None:
    data = pack(level_table([row(0, 0), row(0, 1)], TASKS))
    arrow = pq.read_table(io.BytesIO(data))
    assert arrow.column("cut").to_pylist() == [None, 3]
    assert arrow.column("zombie_bias_mean").to_pylist() == [None, None]
    assert arrow.column("winning").to_pylist() == [None, True]
    read = pd.read_parquet(io.BytesIO(data))
    assert read["cut"].dtype == "Int64"
    assert read["zombie_bias_mean"].dtype == "float64"


def test_unknown_columns_come_last_with_the_type_of_their_first_value() -> None:
    rows = [{"mine": None, "flag": True, "word": "x"}, {"mine": np.int32(2), "flag": None, "word": None}]
    columns = level_columns(TASKS, rows)
    assert list(columns.items())[-3:] == [("mine", "Int64"), ("flag", "boolean"), ("word", "string")]
    rows = [{"share": 0.5, "nothing": None, "val_loss_others": 3, "word": None}, {"word": "x"}]
    last = [("share", "float64"), ("nothing", "float64"), ("val_loss_others", "float64"), ("word", "string")]
    assert list(level_columns(TASKS, rows).items())[-4:] == last


def test_epochs_are_sorted_and_count_from_one() -> None:
    table = epoch_table({(1, 0): np.ones((2, 3)), (0, 1): np.zeros((1, 3)), (0, 0): np.zeros((0, 3))})
    assert table[["seed", "level", "epoch"]].to_numpy().tolist() == [[0, 1, 1], [1, 0, 1], [1, 0, 2]]
    assert list(epoch_table({}).columns) == ["seed", "level", "epoch", "train_loss", "val_loss", "val_accuracy"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan"), np.float64("inf")])
def test_json_numbers_are_finite_or_null(value: float) -> None:
    assert finite({"a": [value, (np.int64(3), True, "x", None)]}) == {"a": [None, [3, True, "x", None]]}

"""Truncated, changed and empty files: named, set aside, made again, never trusted."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lth.results import table as results
from lth.ticket import TicketError, load
from tests.faults.program import Starter, command, results_of

FILES = ("levels.parquet", "epochs.parquet", "summary.json", "tickets/seed=1/level=00.safetensors",
         "tickets/seed=0/level=02.safetensors")  # fmt: skip


def flip(data: bytes) -> bytes:
    """One bit changed, in the middle where the numbers are."""
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "truncated": lambda data: data[:-9],
    "flipped": flip,
    "zeros": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_file_of_a_finished_sweep(damage: str, undisturbed: Path, starter: Starter, tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    shutil.copytree(undisturbed, sweep)
    broken = {}
    for name in FILES:  # in the largest stack, all at once
        path = sweep / "2" / name
        broken[name] = DAMAGES[damage](path.read_bytes())
        path.write_bytes(broken[name])
    faults = "\n".join(results.load(sweep).attrs["faults"])
    assert "2/levels.parquet" in faults
    assert "2/summary.json" in faults
    program = starter.run(tmp_path, *command())
    assert program.ended() == 0, program.err
    for name, data in broken.items():
        assert Path(name).name in program.out
        assert (sweep / "2" / f"{name}.broken").read_bytes() == data
    assert results_of(sweep) == results_of(undisturbed)
    assert results.load(sweep).attrs["faults"] == []
    assert set(results.runs(sweep)["state"]) == {"finished"}


@pytest.mark.parametrize("name", ["summary.json", "tickets/seed=0/level=00.safetensors"])
def test_a_change_of_any_byte_is_seen(name: str, undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "0"
    shutil.copytree(undisturbed / "0", folder)
    whole, draw = (folder / name).read_bytes(), random.Random(3)
    before = results.runs(folder).drop(columns="configuration")
    for _ in range(150):
        at = draw.randrange(len(whole))
        changed = whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1 :]
        (folder / name).write_bytes(changed)
        if name != "summary.json":
            with pytest.raises(TicketError):
                load(folder / name)
            continue
        found = results.runs(folder)
        if not found.attrs["faults"]:  # the name of the checksum itself
            assert found.drop(columns="configuration").equals(before)
            assert b'"checksum"' not in changed


def test_a_changed_hash_in_the_summary_does_not_lock_the_folder(
    undisturbed: Path, starter: Starter, tmp_path: Path
) -> None:
    sweep = tmp_path / "sweep"
    shutil.copytree(undisturbed, sweep)
    path = sweep / "1" / "summary.json"
    text = path.read_text()
    at = text.index('"config_hash": "') + len('"config_hash": "')
    path.write_text(text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :])
    program = starter.run(tmp_path, *command())
    assert program.ended() == 0, program.err
    assert "summary.json" in program.out
    assert results.load(sweep).attrs["faults"] == []

"""The ticket file: round trip, damage of every kind, and the chain that a run resumes from."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from plain_reading import TWO, wires
from safetensors import safe_open
from safetensors.numpy import save_file
from tickets import at_level, ticket_of

from lth.ticket import Ticket, TicketError, chain, last_finished, load, path_of, save

MASKS = wires((4, 3, 2), (0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 2, 1), (0, 3, 1), (1, 1, 1))


def _same(first: Ticket, second: Ticket) -> None:
    for field in ("masks", "weights", "biases", "anchors", "anchor_biases"):
        for one, other in zip(getattr(first, field), getattr(second, field), strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(first.epochs, second.epochs)
    for field in ("seed", "level", "tasks", "config_hash", "row", "shape"):
        assert getattr(first, field) == getattr(second, field)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("prunable_biases", [False, True])
def test_what_was_saved_is_loaded(tmp_path: Path, dtype: str, prunable_biases: bool) -> None:
    ticket = ticket_of(MASKS, dtype=dtype, prunable_biases=prunable_biases)
    save(tmp_path / "a" / "ticket.safetensors", ticket)
    found = load(tmp_path / "a" / "ticket.safetensors")
    _same(ticket, found)
    assert (found.bias_masks is None) == (not prunable_biases)
    for one, other in zip(ticket.bias_masks or (), found.bias_masks or (), strict=True):
        np.testing.assert_array_equal(one, other)
    found.weights[0][0, 0] = 5  # writable


def test_numpy_values_nulls_and_no_epochs_survive(tmp_path: Path) -> None:
    row = {"a": np.float32(0.5), "b": np.int64(3), "c": None, "d": float("nan"), "e": "moons|circles", "f": np.True_}
    ticket = replace(
        ticket_of(MASKS),
        row=row,
        epochs=np.zeros((0, 3)),
        weights=tuple(np.asfortranarray(w) for w in ticket_of(MASKS).weights),
    )
    save(tmp_path / "t", ticket)
    found = load(tmp_path / "t")
    assert np.isnan(found.row.pop("d"))
    assert found.row == {"a": 0.5, "b": 3, "c": None, "e": "moons|circles", "f": True}
    assert found.epochs.shape == (0, 3)
    np.testing.assert_array_equal(found.weights[0], ticket.weights[0])


def test_names_in_the_file_are_the_contract(tmp_path: Path) -> None:
    save(tmp_path / "t", ticket_of(MASKS))
    with safe_open(tmp_path / "t", "np") as file:
        parts = ("mask", "weight", "bias", "anchor", "anchor_bias")
        assert set(file.keys()) == {f"layer{n}.{part}" for n in (0, 1) for part in parts} | {"epochs"}
        assert file.get_tensor("layer0.mask").dtype == bool
        assert {"shape", "seed", "level", "tasks", "config_hash", "row", "checksum"} == set(file.metadata())


def test_equal_tickets_are_equal_bytes_and_no_other_file_stays(tmp_path: Path) -> None:
    for name in ("one", "two"):
        save(tmp_path / name, ticket_of(MASKS))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_save_that_fails_leaves_the_old_ticket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "t", ticket_of(MASKS))

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(RuntimeError, match="No space left"):
        save(tmp_path / "t", at_level(ticket_of(MASKS), 9))
    assert load(tmp_path / "t").level == 0


def test_any_flipped_byte_is_found(tmp_path: Path) -> None:
    path = tmp_path / "t"
    save(path, ticket_of(MASKS))
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= int(rng.integers(1, 256))
        path.write_bytes(damaged)
        with pytest.raises(TicketError, match="t: "):
            load(path)
    path.write_bytes(whole)
    load(path)


def test_any_truncation_or_addition_is_found(tmp_path: Path) -> None:
    path = tmp_path / "t"
    save(path, ticket_of(MASKS))
    whole = path.read_bytes()
    for damaged in (*(whole[:length] for length in range(0, len(whole), 7)), whole + b"\0", b"\0" + whole, whole * 2):
        path.write_bytes(damaged)
        with pytest.raises(TicketError):
            load(path)


def test_files_that_are_no_tickets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TicketError, match="cannot be read"):
        load(tmp_path / "missing")
    with pytest.raises(TicketError, match="cannot be read"):
        load(tmp_path)
    (tmp_path / "text").write_text("not a ticket at all, whatever its name")
    save_file({"layer0.mask": np.ones((2, 2), bool)}, tmp_path / "foreign", {"seed": "1"})
    for name in ("text", "foreign"):
        with pytest.raises(TicketError, match=f"{name}: not a ticket"):
            load(tmp_path / name)


def test_arrays_that_do_not_fit_are_not_saved(tmp_path: Path) -> None:
    ticket = ticket_of(MASKS)
    wrong = [
        replace(ticket, masks=ticket.masks[:1]),
        replace(ticket, weights=ticket.weights[::-1]),
        replace(ticket, biases=(ticket.biases[0], ticket.biases[1][:1])),
        replace(ticket, masks=ticket.weights),
        replace(ticket, epochs=np.zeros((4, 2))),
        replace(ticket, masks=(), weights=(), biases=(), anchors=(), anchor_biases=()),
    ]
    for one in wrong:
        with pytest.raises(ValueError, match=r"layer|is .* not|every part"):
            save(tmp_path / "t", one)
    with pytest.raises(TypeError, match="cannot be stored"):
        save(tmp_path / "t", replace(ticket, row={"a": object()}))
    assert list(tmp_path.iterdir()) == []


def _fill(folder: Path, levels: int, seed: int = 3) -> None:
    for level in range(levels):
        save(path_of(folder, seed, level), at_level(ticket_of(MASKS, seed=seed), level))


def test_names_of_tickets(tmp_path: Path) -> None:
    assert path_of(tmp_path, 12, 7) == tmp_path / "tickets" / "seed=12" / "level=07.safetensors"


def test_the_chain_ends_at_its_last_level(tmp_path: Path) -> None:
    assert last_finished(tmp_path, 3, "a1b2") is None
    _fill(tmp_path, 12)
    found = chain(tmp_path, 3, "a1b2")
    assert (found.last and found.last.level, len(found.rows), len(found.epochs)) == (11, 12, 12)
    assert (found.set_aside, found.reason) == ((), None)
    last = last_finished(tmp_path, 3, "a1b2")
    assert last is not None
    _same(last, load(path_of(tmp_path, 3, 11)))
    assert last_finished(tmp_path, 4, "a1b2") is None


def test_what_follows_a_damaged_ticket_is_set_aside(tmp_path: Path) -> None:
    _fill(tmp_path, 5)
    path = path_of(tmp_path, 3, 2)
    path.write_bytes(path.read_bytes()[:-1])
    found = chain(tmp_path, 3, "a1b2")
    assert found.last is not None
    assert (found.last.level, len(found.rows)) == (1, 2)
    assert found.set_aside == ("level=02.safetensors", "level=03.safetensors", "level=04.safetensors")
    assert found.reason is not None
    assert str(path) in found.reason
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == ["level=00.safetensors", "level=01.safetensors"] + [
        f"level=0{n}.safetensors.broken" for n in (2, 3, 4)
    ]
    again = chain(tmp_path, 3, "a1b2")
    assert (len(again.rows), again.set_aside, again.reason) == (2, (), None)


def test_setting_aside_twice_overwrites_nothing(tmp_path: Path) -> None:
    for content in (b"first", b"second", b"third"):
        path_of(tmp_path, 3, 0).parent.mkdir(parents=True, exist_ok=True)
        path_of(tmp_path, 3, 0).write_bytes(content)
        assert last_finished(tmp_path, 3, "a1b2") is None
    assert sorted(path.read_bytes() for path in path_of(tmp_path, 3, 0).parent.iterdir()) == [
        b"first",
        b"second",
        b"third",
    ]


def test_a_gap_a_foreign_ticket_and_another_configuration_break_the_chain(tmp_path: Path) -> None:
    _fill(tmp_path, 3)
    path_of(tmp_path, 3, 1).unlink()
    found = chain(tmp_path, 3, "a1b2")
    assert (len(found.rows), found.set_aside) == (1, ("level=02.safetensors",))
    save(path_of(tmp_path, 3, 1), ticket_of(MASKS))  # level 0 under the name of level 1
    assert "level 0" in (chain(tmp_path, 3, "a1b2").reason or "")
    other = chain(tmp_path, 3, "ffff")
    assert (other.last, other.set_aside) == (None, ("level=00.safetensors",))
    assert "another configuration" in (other.reason or "")


def test_tasks_come_back_as_tasks(tmp_path: Path) -> None:
    save(tmp_path / "t", ticket_of(MASKS))
    assert load(tmp_path / "t").tasks == TWO

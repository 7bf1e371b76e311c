"""The configuration of a run in words: of any dataset in conf, and of whatever else a file says."""

from pathlib import Path

import pytest
import yaml

from lth.ticket.configured import configuration_words, words_beside

CONF = Path(__file__).parents[2] / "conf"
PRUNING = {
    "criterion": {"_target_": "lth.method.criterion.magnitude.Magnitude"},
    "schedule": {"rate": 0.32, "base": 8, "target": None},
    "rewind": {"_target_": "lth.method.restart.reset.Reset"},
}


def test_a_configuration_is_one_line() -> None:
    data = {"_target_": "lth.data.moons_circles.build", "noise": 0.1, "noise_inputs": 0, "seed": 0}
    config = {"dataset": data, "model": {"hidden": 57, "depth": 2}, "pruning": PRUNING}
    assert configuration_words(config) == (
        "dataset moons_circles (noise 0.1); hidden 57, 57; pruned by magnitude (rate 0.32, rewind reset)"
    )
    assert "hidden 300, 100" in configuration_words({"model": {"hidden": [300, 100], "depth": 2}})


def test_no_two_datasets_of_the_program_read_the_same() -> None:
    files = sorted((CONF / "dataset").glob("*.yaml"))
    words = [configuration_words({"dataset": yaml.safe_load(path.read_text())}) for path in files]
    assert len(set(words)) == len(files) > 5


@pytest.mark.parametrize("config", [{}, {"dataset": 3, "model": None, "pruning": [1]}, {"pruning": {"criterion": {}}}])
def test_what_is_not_known_is_left_out(config: dict) -> None:
    assert configuration_words(config) == ""


def test_it_is_read_from_the_run_folder_of_the_ticket(tmp_path: Path) -> None:
    ticket = tmp_path / "tickets" / "seed=0" / "level=00.safetensors"
    assert words_beside(ticket) == ""
    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra" / "config.yaml").write_text("model: {hidden: 8, depth: 2}\n")
    assert words_beside(ticket) == "hidden 8, 8"
    (tmp_path / ".hydra" / "config.yaml").write_text("{")
    assert words_beside(ticket) == ""
    assert words_beside(Path("/level=00.safetensors")) == ""

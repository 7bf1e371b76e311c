"""The learning check: what a control and a verdict are, and that a method which does not hold what it claims fails."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.comparison import learning
from lth.comparison.claims import claim
from lth.comparison.learning import BEATS, BELOW, UNCLEAR, Line
from lth.comparison.random_masks import accuracies
from lth.method.effective.gaussian import Gaussian
from lth.method.method import Method
from lth.method.penalty.kl_gaussian import KLGaussian
from lth.settings.conf import CONF, presets
from lth.training.module import StackModule
from tests.small_jobs import run, small_job, tickets

SMALL = ("dataset.n_train=120", "dataset.n_val=80", "dataset.n_test=100", "trainer.max_epochs=3", "trainer.workers=1")
FAST = partial(torch.optim.Adam, lr=0.01, fused=True)


def line(ours: tuple[float, ...], control: tuple[float, ...], claims: str = "trained") -> Line:
    return Line("some", claims, 0.1, ours, control)  # type: ignore[arg-type]


def test_a_verdict_is_of_the_differences_seed_by_seed() -> None:
    spread = (0.5, 0.7, 0.9, 0.95)
    above, below = (tuple(np.add(spread, by)) for by in ((0.02, 0.03, 0.01, 0.02), (-0.01, -0.02, -0.02, -0.03)))
    assert line(above, spread).verdict == BEATS
    assert line(below, spread).verdict == BELOW
    assert line((0.6, 0.6, 1.0, 0.9), spread).verdict == UNCLEAR
    assert line((0.9,), (0.1,)).verdict == UNCLEAR, "one seed tells nothing"
    assert line(above, spread).difference.value == pytest.approx(0.02)


def test_only_what_is_claimed_must_hold() -> None:
    same = (0.5, 0.7)
    assert [line(same, same, claims).holds for claims in ("trained", "untrained", "nothing")] == [False, False, True]


def test_every_preset_says_what_it_claims(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = {name: claim(name) for name in presets("pruning")}
    assert {name for name, what in found.items() if what == "untrained"} == {"supermask", "edge_popup", "gem_miner"}
    assert found["magnitude"] == "trained"
    assert found["random"] == "nothing"
    for name, what in found.items():
        said = (CONF / f"pruning/{name}.yaml").read_text().splitlines()[1]
        assert (what == "nothing") == said.startswith("# Claim: beats nothing: "), "a reason is given, or needless"
    for module in ("comparison.claims", "settings.conf"):
        monkeypatch.setattr(f"lth.{module}.CONF", tmp_path)
    (tmp_path / "pruning").mkdir()
    for text in ("# A method.\n", "# Claim: beats everything\n"):
        (tmp_path / "pruning/new.yaml").write_text(text)
        with pytest.raises(ValueError, match="new: its file must say `# Claim: beats ` and one of random masks, "):
            claim("new")


def test_a_control_has_a_tickets_counts_and_initialisation_and_none_of_its_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = small_job(tmp_path, effective=Gaussian(), penalty=KLGaussian(strength=1.0, deviation=1.0), optimizer=FAST)
    run(job)
    chosen = [tickets(job, seed)[3] for seed in (0, 2)]
    seen: list[StackModule] = []
    original = StackModule.start_segment

    def start_segment(self: StackModule, segments: dict) -> None:
        seen.append(self)
        layout, weight, mask = self.model.layout, self.model.weight, self.model.mask
        assert torch.equal(weight, self.model.anchor * mask)
        for place, ticket in enumerate(chosen):
            for layer, kept in enumerate(ticket.masks):
                ours = layout.weight(mask, layer)[place]
                assert int(ours.sum()) == int(kept.sum())
                assert np.array_equal(layout.weight(self.model.anchor, layer)[place].numpy(), ticket.anchors[layer])
            assert not np.array_equal(layout.weight(mask, 0)[place].numpy(), ticket.masks[0])
        original(self, segments)

    monkeypatch.setattr(StackModule, "start_segment", start_segment)
    both = accuracies(job, chosen)
    assert seen[0].recipe.plain
    monkeypatch.undo()
    assert accuracies(job, chosen[1:]) == both[1:], "a seed's control is its own"


def test_a_control_is_a_plain_training(tmp_path: Path) -> None:
    """Under a ticket that keeps everything it is the dense level of iterative pruning."""
    job = small_job(tmp_path, optimizer=FAST)
    run(job)
    dense = [tickets(job, seed)[0] for seed in job.seeds]
    other = replace(job, method=replace(job.method, effective=Gaussian()))
    assert isinstance(other.method, Method)
    found = accuracies(other, dense)
    assert found == pytest.approx([ticket.row["test_accuracy"] for ticket in dense], abs=0.15)


def check(folder: Path, *methods: str) -> int:
    return learning.main([str(folder), "--seeds", "0..2", "--methods", ",".join(methods), *SMALL])


@pytest.mark.slow
def test_the_check_fails_where_a_claim_does_not_hold(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(tmp_path, "random", "gem_miner") == 0
    told = capfd.readouterr().out.splitlines()[-3:]
    assert told[0].split() == ["method", "claims", "kept", "accuracy", "control", "difference", "n", "verdict"]
    assert told[1].startswith("random     nothing   10.0%")
    assert "CLAIMS" not in told[1]
    assert told[2].startswith("gem_miner  untrained 10.0%")
    assert told[2].endswith("beats it")
    monkeypatch.setattr(learning, "claim", lambda _: "trained")
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}
    assert check(tmp_path, "random") == 1
    assert "IT CLAIMS TO BEAT IT" in capfd.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")} == files


def test_a_method_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert learning.main([str(tmp_path), "--methods", "nonsense"]) == 2
    assert capsys.readouterr().err.count("\n") == 1

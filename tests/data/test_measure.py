"""Loss and accuracy against PyTorch's own losses and scikit-learn's scores."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, r2_score
from torch import Tensor
from torch.nn import functional

from lth.data import Task
from lth.data.measure import accuracy, losses

TASKS = {
    "binary": (Task("a", (0,), (0,), "binary"),),
    "classes": (Task("a", (0,), (0, 1, 2, 3), "classes"),),
    "values": (Task("a", (0,), (0, 1), "values"),),
    "alike": (Task("a", (0,), (0,), "binary"), Task("b", (1,), (1,), "binary")),
    "unlike": (
        Task("a", (0,), (0,), "binary"),
        Task("b", (1,), (1, 2, 3), "classes"),
        Task("c", (2,), (4, 5, 6), "classes"),
        Task("d", (3,), (7, 8), "values"),
        Task("e", (4,), (9,), "binary"),
    ),
}
every_kind = pytest.mark.parametrize("tasks", TASKS.values(), ids=TASKS)


def block(task: Task) -> slice:
    return slice(task.outputs[0], task.outputs[-1] + 1)


def drawn(
    tasks: tuple[Task, ...], seeds: int, samples: int, dtype: torch.dtype = torch.float64
) -> tuple[Tensor, Tensor]:
    """Logits and targets (seeds, outputs, samples), each seed with its own samples."""
    random = torch.Generator().manual_seed(samples)
    y = torch.randn(seeds, sum(len(task.outputs) for task in tasks), samples, generator=random, dtype=dtype)
    logits = 3 * torch.randn(y.shape, generator=random, dtype=dtype)
    for task in tasks:
        if task.kind == "binary":
            y[:, block(task)] = (y[:, block(task)] > 0).to(dtype)
        if task.kind == "classes":
            classes = y[:, block(task)].argmax(1)
            y[:, block(task)] = functional.one_hot(classes, len(task.outputs)).transpose(1, 2).to(dtype)
    return logits, y


def loss_of_one(logits: Tensor, y: Tensor, task: Task) -> Tensor:
    """PyTorch's own mean loss of one seed in one task; logits and y (width, N)."""
    if task.kind == "binary":
        return functional.binary_cross_entropy_with_logits(logits, y)
    if task.kind == "classes":
        return functional.cross_entropy(logits.T, y.argmax(0))
    return functional.mse_loss(logits, y)


def accuracy_of_one(logits: np.ndarray, y: np.ndarray, task: Task) -> float:
    if task.kind == "binary":
        return float(accuracy_score(y[0], logits[0] > 0))
    if task.kind == "classes":
        return float(accuracy_score(y.argmax(0), logits.argmax(0)))
    return float(r2_score(y.T, logits.T))


@every_kind
@pytest.mark.parametrize("samples", [2, 40, 64, 333])
def test_against_torch_and_sklearn(tasks: tuple[Task, ...], samples: int) -> None:
    logits, y = drawn(tasks, 3, samples)
    found, right = losses(logits, y, tasks), accuracy(logits, y, tasks)
    assert found.shape == right.shape == (3, len(tasks))
    for seed in range(3):
        for number, task in enumerate(tasks):
            one, target = logits[seed, block(task)], y[seed, block(task)]
            torch.testing.assert_close(found[seed, number], loss_of_one(one, target, task), rtol=1e-12, atol=0)
            assert right[seed, number].item() == pytest.approx(accuracy_of_one(one.numpy(), target.numpy(), task))


@every_kind
def test_samples_shared_by_all_seeds(tasks: tuple[Task, ...]) -> None:
    logits, y = drawn(tasks, 3, 50)
    for measure in (losses, accuracy):
        torch.testing.assert_close(
            measure(logits, y[0], tasks), measure(logits, y[:1].expand_as(y), tasks), rtol=0, atol=0
        )


@every_kind
def test_the_gradient_is_that_of_torch(tasks: tuple[Task, ...]) -> None:
    logits, y = drawn(tasks, 2, 40)
    mine, theirs = logits.clone().requires_grad_(), logits.clone().requires_grad_()
    losses(mine, y, tasks).sum().backward()
    sum(loss_of_one(theirs[s, block(t)], y[s, block(t)], t) for s in range(2) for t in tasks).backward()  # pyright: ignore
    torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-12, atol=1e-15)


@every_kind
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_seed_gets_the_same_bits_in_every_company(tasks: tuple[Task, ...], dtype: torch.dtype) -> None:
    def measured(seeds: list[int]) -> tuple[Tensor, ...]:
        mine = logits[seeds].requires_grad_()
        found = losses(mine, y[seeds], tasks)
        found.sum().backward()
        assert mine.grad is not None
        return found.detach(), mine.grad, accuracy(logits[seeds], y[seeds], tasks)

    for samples in (1, 7, 40, 64, 333):
        logits, y = drawn(tasks, 19, samples, dtype)
        together = measured(list(range(19)))
        for seeds in ([0], [18], [3, 4], [18, 1, 2], list(range(1, 9)), list(range(2, 19))):
            for whole, part in zip(together, measured(seeds), strict=True):
                assert torch.equal(whole[seeds], part)


def test_extreme_logits_stay_finite_and_right() -> None:
    tasks = TASKS["unlike"][:2]
    logits = torch.tensor([[[1e4, -1e4], [1e4, -1e4], [0.0, 0.0], [-1e4, 1e4]]])
    y = torch.tensor([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    torch.testing.assert_close(losses(logits, y, tasks), torch.tensor([[5e3, 1e4]]))
    torch.testing.assert_close(accuracy(logits, y, tasks), torch.tensor([[0.5, 0.5]], dtype=torch.float64))


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_a_logit_of_exactly_0_answers_no(zero: float) -> None:
    """As a dead output without a bias gives it, to every sample."""
    logits = torch.tensor([[[zero, zero, zero, 1e-30, -1e-30]]])
    y = torch.tensor([[0.0, 1.0, 1.0, 1.0, 0.0]])
    assert accuracy(logits, y, TASKS["binary"]).tolist() == [[3 / 5]]


def test_targets_that_do_not_vary() -> None:
    y = torch.ones(1, 4)
    answers = torch.stack([torch.ones(1, 4), torch.zeros(1, 4)])
    assert accuracy(answers, y, (Task("a", (0,), (0,), "values"),)).tolist() == [[1.0], [0.0]]


def test_shapes_that_do_not_fit() -> None:
    tasks = TASKS["alike"]
    with pytest.raises(ValueError, match=r"\(seeds, 2 outputs, samples\), not \(3, 4, 5\)"):
        losses(torch.zeros(3, 4, 5), torch.zeros(4, 5), tasks)
    with pytest.raises(ValueError, match=r"y is \(2, 5\) or \(3, 2, 5\), not \(5, 2\)"):
        accuracy(torch.zeros(3, 2, 5), torch.zeros(5, 2), tasks)
    with pytest.raises(ValueError, match="samples"):
        losses(torch.zeros(3, 2, 0), torch.zeros(2, 0), tasks)

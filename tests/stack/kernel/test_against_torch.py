"""The kernel against nn.Linear and torch.optim in float64, over random networks, tasks, batches and optimisers."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, r2_score

from lth.data.dataset import Split
from lth.stack.kernel.binding import BEST, CAPTURED, Run, Samples
from tests.stack.kernel.problems import Plain, Problem, course_of, library, samples_of, trained


def assert_close(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Equal to rounding in float64."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


adams = st.builds(
    lambda cls, **options: partial(cls, **options),
    cls=st.sampled_from([torch.optim.Adam, torch.optim.AdamW]),
    lr=st.sampled_from([1e-3, 1e-2]),
    betas=st.tuples(st.floats(0, 0.95), st.floats(0.5, 0.999)),
    eps=st.sampled_from([1e-8, 1e-4]),
    weight_decay=st.sampled_from([0.0, 0.1]),
    amsgrad=st.booleans(),
    maximize=st.booleans(),
)
momenta = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"momentum": st.floats(0.1, 0.95), "dampening": st.floats(0, 0.9)}),
    st.fixed_dictionaries({"momentum": st.floats(0.1, 0.95), "nesterov": st.just(True)}),
)
sgds = st.builds(
    lambda momentum, **options: partial(torch.optim.SGD, **momentum, **options),
    momentum=momenta,
    lr=st.sampled_from([1e-2, 0.1]),
    weight_decay=st.sampled_from([0.0, 0.1]),
    maximize=st.booleans(),
)
problems = st.builds(
    Problem,
    kinds=st.lists(st.sampled_from(["binary", "classes", "values"]), min_size=1, max_size=3).map(tuple),
    hidden=st.lists(st.integers(1, 37), min_size=1, max_size=4).map(tuple),
    density=st.sampled_from([1.0, 0.8, 0.3, 0.05]),
    samples=st.integers(5, 70),
    batch_size=st.sampled_from([1, 7, 16, 64, 100]),
    epochs=st.integers(1, 3),
    seed=st.integers(0, 5),
    make=st.one_of(adams, sgds),
)


@given(problems, st.sampled_from([0, 0.6, 2]))
@settings(max_examples=60, deadline=None)
def test_weights_and_losses_are_those_of_plain_torch(problem: Problem, sparse_below: float) -> None:
    plain = Plain(problem).train()
    row, run = trained(problem, sparse_below=sparse_below)
    assert_close(row, plain.row)
    assert_close(run.measured()[:, :2], np.array(plain.measured))


@given(problems, st.integers(1, 40), st.integers(0, 20))
@settings(max_examples=25, deadline=None)
def test_captured_and_skipped_steps(problem: Problem, captured: int, skipped: int) -> None:
    plain = Plain(problem).train(skipped)
    row, run = trained(problem, captured_step=captured, skipped_steps=skipped)
    run.write(CAPTURED, row)
    taken = min(captured, len(plain.steps))
    assert (run.captured_at, run.steps) == (taken, len(plain.steps))
    assert_close(row, plain.steps[taken - 1])


@given(problems)
@settings(max_examples=15, deadline=None)
def test_the_best_epoch_is_kept_apart(problem: Problem) -> None:
    plain = Plain(problem).train()
    row, _ = problem.start()
    _, run = trained(problem, restore_best=True)
    run.write(BEST, row)
    best = int(run.measured()[:, 1].mean(axis=1).argmin())
    assert_close(row, plain.rows[best])


@given(problems)
@settings(max_examples=15, deadline=None)
def test_accuracies_are_those_of_scikit_learn(problem: Problem) -> None:
    plain = Plain(problem).train()
    _, run = trained(problem)
    part = problem.split(1)
    logits = plain.forward(torch.from_numpy(part.x).double()).detach().numpy()
    for task, found in zip(problem.tasks, run.measured()[-1, 2], strict=True):
        block = slice(task.outputs[0], task.outputs[-1] + 1)
        z, wanted = logits[:, block], part.y[:, block].astype(float)
        if task.kind == "binary":
            assert found == accuracy_score(wanted > 0.5, z > 0)
        elif task.kind == "classes":
            assert found == accuracy_score(wanted.argmax(1), z.argmax(1))
        else:
            assert found == pytest.approx(r2_score(wanted, z), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("kinds", [("binary", "classes"), ("values",)])
@pytest.mark.parametrize("sparse_below", [0, 2])
def test_the_gradient_is_that_of_finite_differences(kinds: tuple[str, ...], sparse_below: float) -> None:
    problem = Problem(kinds, hidden=(5, 4), density=0.7, samples=12, batch_size=12)
    row, mask = problem.start()
    samples, course = samples_of(problem), course_of(problem, sparse_below=sparse_below)
    found = np.zeros_like(row)
    Run(samples, problem.widths, mask, row, course).gradient(row, found)

    def loss(values: np.ndarray) -> float:
        run = Run(samples, problem.widths, mask, values, course)
        run.gradient(values, np.zeros_like(values))
        run.step_done(values)
        return float(run.measured()[0, 0].mean())

    for place in range(len(row)):
        moved = np.where(np.arange(len(row)) == place, 1e-6, 0) * mask
        slope = (loss(row + moved) - loss(row - moved)) / 2e-6
        assert found[place] == pytest.approx(slope, abs=1e-8)


def test_steps_taken_one_at_a_time_are_the_same_bits() -> None:
    problem = Problem(density=0.5)
    whole, _ = trained(problem, np.float32)
    row, mask = problem.start()
    row = row.astype(np.float32)
    run = Run(samples_of(problem, np.float32), problem.widths, mask, row, course_of(problem))
    gradient = np.zeros_like(row)
    while not run.over:
        run.gradient(row, gradient)
        run.apply(gradient, row)
        run.step_done(row)
    assert row.tobytes() == whole.tobytes()


@pytest.mark.parametrize("sparse_below", [0, 2])
def test_silent_neurons_may_rest(sparse_below: float) -> None:
    problem = Problem(hidden=(20, 20), density=0.1, epochs=5, make=lambda p: torch.optim.Adam(p, lr=1e-2))
    every, _ = trained(problem, np.float32, sparse_below=sparse_below)
    rested, _ = trained(problem, np.float32, sparse_below=sparse_below, leave_silent_out=True)
    assert rested.tobytes() == every.tobytes()


@given(st.integers(0, 2**40), st.integers(1, 300))
@settings(max_examples=20, deadline=None)
def test_permutations_are_torchs(seed: int, count: int) -> None:
    stream = torch.Generator().manual_seed(seed)
    wanted = [torch.randperm(count, generator=stream).numpy() for _ in range(3)]
    np.testing.assert_array_equal(library().permutations(seed, count, 3), wanted)


@pytest.mark.parametrize("logit", [-90.0, -30.0, -1e-3, 0.0, 1e-6, 5.0, 88.0, 300.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_of_extreme_logits(logit: float, dtype: type) -> None:
    problem = Problem(("binary",), hidden=(1,), samples=3, batch_size=3)
    row = np.array([0, 0, 0, 0, logit], dtype=dtype)  # the last bias alone speaks
    run = Run(samples_of(problem, dtype), problem.widths, np.ones(5, dtype=bool), row, course_of(problem))
    y = torch.from_numpy(problem.split(1).y).double()
    wanted = torch.nn.functional.binary_cross_entropy_with_logits(torch.full_like(y, float(dtype(logit))), y)
    assert run.measure(0)[0, 0] == pytest.approx(wanted.item(), rel=1e-6 if dtype == np.float32 else 1e-13, abs=1e-37)


@pytest.mark.parametrize("columns", [16, 32, 128])
def test_parts_of_any_size_are_measured(columns: int) -> None:
    """Whatever the number of samples that go through at once, and although the parts differ in it."""
    problem = Problem(("classes",), hidden=(6,), samples=90)
    row, mask = problem.start()
    samples = Samples(
        library(), problem.tasks, problem.split(0), [problem.split(1), _first(problem.split(2), 37)], 16,
        np.dtype(np.float64), columns,
    )  # fmt: skip
    run = Run(samples, problem.widths, mask, row, course_of(problem))
    for part, split in enumerate((problem.split(1), _first(problem.split(2), 37))):
        x, y = (torch.from_numpy(array).double() for array in (split.x, split.y))
        with torch.no_grad():
            assert run.measure(part)[0, 0] == pytest.approx(Plain(problem).losses(x, y)[0].item(), rel=1e-12)


def _first(split: Split, count: int) -> Split:
    return Split(split.x[:count], split.y[:count])

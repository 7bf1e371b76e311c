"""One seed's bits are its own: whatever processor the kernel is built for, and golden ones of whole small runs."""

import hashlib
import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from lth.stack.kernel import building
from lth.stack.kernel.binding import Library
from tests.stack.kernel.problems import Problem, library, trained

PROBLEMS = {
    "binary": Problem(hidden=(21, 13), samples=200, batch_size=64, epochs=8),
    "classes": Problem(("classes", "binary"), hidden=(30,), samples=90, batch_size=32, epochs=8),
    "values": Problem(("values",), hidden=(9, 8, 7, 6), samples=70, batch_size=20, epochs=8),
    "sparse": Problem(hidden=(40, 40), density=0.2, samples=150, batch_size=64, epochs=8),
}
# Printed by: python -m tests.stack.kernel.test_targets
GOLDEN = {
    "binary float32": "dea820c68acc6bcc",
    "binary float64": "01b9f15c24abb05a",
    "classes float32": "ceae8c821ebde9e7",
    "classes float64": "5a88aef41172cdb3",
    "values float32": "8940f19819cb92cd",
    "values float64": "74907852a5f47be0",
    "sparse float32": "46b779f9d0b32cb9",
    "sparse float64": "a818964ac65fbe83",
}


def digest(problem: Problem, dtype: type, using: Library) -> str:
    """A hash of the trained row and of all that was measured."""
    row, run = trained(problem, dtype, using)
    return hashlib.sha256(row.tobytes() + run.measured().tobytes()).hexdigest()[:16]


def digests(using: Library) -> dict[str, str]:
    """The hashes of all problems in both precisions."""
    types = {"float32": np.float32, "float64": np.float64}
    return {
        f"{name} {kind}": digest(problem, dtype, using)
        for name, problem in PROBLEMS.items()
        for kind, dtype in types.items()
    }


def test_golden_bits() -> None:
    assert digests(library()) == GOLDEN


@pytest.mark.skipif(platform.machine() != "x86_64", reason="levels of x86-64")
@pytest.mark.parametrize("level", ["native", pytest.param("x86-64-v4", marks=pytest.mark.slow)])
def test_the_same_bits_for_every_target(level: str, tmp_path: Path) -> None:
    if level == "x86-64-v4" and "avx512vl" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this processor has no AVX-512")
    assert digests(Library(building.build(tmp_path, level=level))) == GOLDEN


@pytest.mark.skipif(not shutil.which("clang++"), reason="no clang++")
@pytest.mark.slow
def test_the_same_bits_from_another_compiler(tmp_path: Path) -> None:
    assert digests(Library(building.build(tmp_path, compiler="clang++"))) == GOLDEN


DRIVER = Path(__file__).parent / "driver.cpp"


@pytest.mark.slow
def test_the_same_bits_on_aarch64(tmp_path: Path) -> None:
    cross, emulator = (
        shutil.which("aarch64-linux-gnu-g++"),
        shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64"),
    )
    if not cross or not emulator:
        pytest.skip("no cross compiler or no emulator (make test-targets installs both)")
    flags = [*building.FLAGS, "-I", str(building.SOURCE), str(DRIVER)]
    here, there = tmp_path / "here", tmp_path / "there"
    subprocess.run(["g++", "-march=x86-64-v3", *flags, "-o", str(here)], check=True)
    subprocess.run([cross, "-march=armv8-a", "-static", *flags, "-o", str(there)], check=True)
    said = [subprocess.run(command, check=True, capture_output=True, text=True).stdout
            for command in ([str(here)], [emulator, str(there)])]  # fmt: skip
    assert said[0] == said[1]
    assert len(said[0].splitlines()) == 4


if __name__ == "__main__":
    print(digests(library()))

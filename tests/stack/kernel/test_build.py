"""Building and loading: what a machine without a compiler, with a failing one, or with a broken library is told."""

from pathlib import Path

import pytest

from lth.stack import kernel
from lth.stack.kernel import building

BUILT = kernel.FOLDER


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A kernel folder of its own, nothing loaded yet."""
    monkeypatch.setattr(kernel, "FOLDER", tmp_path)
    monkeypatch.delenv("LTH_KERNEL", raising=False)
    kernel._found.cache_clear()
    kernel.library.cache_clear()
    yield tmp_path
    kernel._found.cache_clear()
    kernel.library.cache_clear()


def test_a_missing_or_broken_library_is_built(fresh: Path) -> None:
    (fresh / building.name()).write_bytes(b"broken")
    assert kernel.library() is not None
    assert building.whole(fresh / building.name())
    assert not list(fresh.glob(".build-*"))


@pytest.mark.parametrize("damage", ["truncated", "flipped", "unsealed", "foreign"])
def test_a_broken_library_is_never_loaded(fresh: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fresh / building.name()
    whole = (BUILT / building.name()).read_bytes()
    wrong = {
        "truncated": whole[:5000],
        "flipped": whole[:-1] + b"?",
        "unsealed": whole,
        "foreign": b"\x7fELF of another",
    }
    path.write_bytes(wrong[damage])
    if damage != "unsealed":
        building.seal_of(path).write_bytes(building.seal_of(BUILT / building.name()).read_bytes())
    monkeypatch.setenv("CXX", "/bin/false")
    assert kernel.library() is None
    assert kernel.why_not() == "false says: exit code 1"


def test_without_a_compiler_there_is_a_reason(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(fresh))
    monkeypatch.delenv("CXX", raising=False)
    assert kernel.library() is None
    assert kernel.why_not() == "no C++ compiler (c++, g++ or clang++) is on the PATH"


def test_a_failing_compiler_is_quoted_in_one_line(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = fresh / "compiler"
    script.write_text(
        "#!/bin/sh\necho 'kernel.cpp: some note' >&2\necho 'kernel.cpp:1: fatal error: no such thing' >&2\nexit 1\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("CXX", str(script))
    assert kernel.library() is None
    assert kernel.why_not() == "compiler says: kernel.cpp:1: fatal error: no such thing"


def test_it_can_be_switched_off(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTH_KERNEL", "off")
    assert kernel.library() is None
    assert kernel.why_not() == "LTH_KERNEL=off"
    assert not list(fresh.iterdir())

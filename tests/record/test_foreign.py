"""lth.files.foreign: what somebody else wrote never hangs, never fills the memory, and is refused in one line."""

import errno
import os
from pathlib import Path

import pytest

from lth.files.foreign import content, json_of, line, yaml_of
from lth.ticket import TicketError, load


def test_a_pipe_a_device_and_a_file_that_is_too_large_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(2**40)
    for path, code in ((tmp_path / "pipe", errno.EINVAL), (Path("/dev/zero"), errno.EINVAL), (tmp_path, errno.EISDIR),
                       (tmp_path / "sparse", errno.EFBIG), (tmp_path / "missing", errno.ENOENT)):  # fmt: skip
        with pytest.raises(OSError, match=path.name) as fault:
            content(path)
        assert fault.value.errno == code
        with pytest.raises(TicketError, match=f"{path.name}: cannot be read"):
            load(path)


@pytest.mark.parametrize("text", ["[" * 10**5, "[" * 40 + "]" * 40, "9" * 30, "9" * 5000, "NaN", '"\\ud800"', "", "{"])
def test_json_that_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(nested too deeply|truncated, or not JSON|has an integer of .*)$"):
        json_of(text.encode())


def test_json_that_is_read() -> None:
    assert json_of(b'{"a": [1, -9223372036854775808, 0.5, "\\u00e9", null]}') == {"a": [1, -(2**63), 0.5, "é", None]}
    assert json_of("[Infinity]", infinite=True) == [float("inf")]


LAUGHS = b"a: &a [x, x, x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (n, n, n - 1, n - 1) for n in b"bcdefghijkl")
YAML = (LAUGHS, b"[" * 10**5, b"a: 2001-99-99", b"!!python/name:os.system", b"\x00", b"a: b: c")


@pytest.mark.parametrize("text", YAML)
def test_yaml_that_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        yaml_of(text)


def test_a_line_is_one_line() -> None:
    assert line("a\n\tb \x1b[2J") == "a b ?[2J"
    assert len(line("x" * 10**5)) == 200

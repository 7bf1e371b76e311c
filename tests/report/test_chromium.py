"""The script that makes sure of a browser: where none can be had it says so and nothing fails."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "report" / "browser" / "chromium.sh"


def stub(folder: Path, name: str, line: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{line}\n")
    (folder / name).chmod(0o755)


def run(folder: Path, user: int) -> subprocess.CompletedProcess[str]:
    """Run the script where only these programs are."""
    stub(folder, "id", f"echo {user}")
    return subprocess.run(["/bin/sh", str(SCRIPT)], env={"PATH": str(folder)}, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("user", "installs", "why"),
    [(1000, "exit 0", "only root"), (0, "echo no network >&2; exit 100", "apt-get"), (0, "exit 0", "apt-get")],
)
def test_where_no_browser_can_be_had_one_line_says_so(tmp_path: Path, user: int, installs: str, why: str) -> None:
    stub(tmp_path, "apt-get", installs)
    done = run(tmp_path, user)
    assert (done.returncode, done.stdout) == (75, "")
    assert done.stderr.startswith("not tried in a browser: ")
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_one_that_is_there_or_can_be_installed_is_used(tmp_path: Path) -> None:
    made = " && ".join(
        f"echo > {tmp_path}/{name} && {os.path.realpath('/bin/chmod')} 755 {tmp_path}/{name}"
        for name in ("chromium", "chromedriver")
    )
    stub(tmp_path, "apt-get", made)
    assert run(tmp_path, 0).returncode == 0
    stub(tmp_path, "apt-get", "exit 100")
    assert run(tmp_path, 1000).returncode == 0


def test_the_target_skips_where_there_is_none_and_the_integration_calls_it(tmp_path: Path) -> None:
    asked = ["make", "--no-print-directory", "-o", ".venv/.lth-installed", "-n", "test-page"]
    recipe = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for code, expected in ((75, 0), (1, 1), (0, 0)):
        stub(tmp_path, "chromium", f"exit {code}")
        line = recipe.replace("tests/report/browser/chromium.sh", str(tmp_path / "chromium"))
        line = line.replace(".venv/bin/python", "true")
        assert subprocess.run(["/bin/sh", "-c", line], check=False).returncode == expected
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("make test-page")

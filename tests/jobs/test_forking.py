"""lth.jobs.forking: the process that workers are forked from hears no Ctrl-C, and the one that starts it does."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from multiprocessing import forkserver
from pathlib import Path
from lth.jobs.forking import warm_up
warm_up()
for process in ("self", forkserver._forkserver._forkserver_pid):
    (line,) = [line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("SigBlk")]
    print(line.split()[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_ctrl_c_does_not_reach_what_workers_are_forked_from() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    ours, theirs = (int(mask, 16) >> (signal.SIGINT - 1) & 1 for mask in done.stdout.split())
    assert (ours, theirs) == (0, 1)

"""A run folder's plan, from what it recorded."""

from pathlib import Path

from lth.plan import Plan, prepare
from lth.record import summary_file


def planned(folder: Path) -> Plan:
    """The plan of a run folder, from what it recorded. Raises ValueError with one line."""
    path = folder / "summary.json"
    try:
        summary = summary_file.read(path)
    except OSError as fault:
        raise ValueError(f"{path}: {fault.strerror}") from None
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from None
    plan = prepare(summary["config"] | {"seed": [int(seed) for seed in summary["seeds"]]}, folder)
    if plan.config_hash != summary["config_hash"]:
        raise ValueError(f"{path}: its configuration is {plan.config_hash}, not {summary['config_hash']} as it says")
    return plan

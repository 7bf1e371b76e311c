"""A run folder's plan, from what it recorded."""

from pathlib import Path

from lth.plan import Plan, prepare
from lth.record import checked_json


def planned(folder: Path) -> Plan:
    """The plan of a run folder, from what it recorded. Raises ValueError with one line."""
    path = folder / "summary.json"
    try:
        summary = checked_json.unpack(path.read_bytes())
        config = summary["config"] | {"seed": [int(seed) for seed in summary["seeds"]]}
        recorded = summary["config_hash"]
    except OSError as fault:
        raise ValueError(f"{path}: {fault.strerror}") from None
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from None
    except (LookupError, TypeError):
        raise ValueError(f"{path}: not the summary of a run folder") from None
    plan = prepare(config, folder)
    if plan.config_hash != recorded:
        raise ValueError(f"{path}: its configuration is {plan.config_hash}, not {recorded} as it says")
    return plan

"""A run folder's plan, from what it recorded."""

from pathlib import Path

from lth.jobs.plan import Plan, prepare
from lth.record import summary_file
from lth.settings import ConfigurationError
from lth.settings.foreign import Named, fault, leaves


def planned(folder: Path, own: Named) -> Plan:
    """The plan of a run folder, from what it recorded. Raises ValueError with one line, before anything is built.

    What a folder may not say is built where the command line names it too.
    """
    path = folder / "summary.json"
    try:
        summary = summary_file.read(path)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    config = summary["config"] | {"seed": [int(seed) for seed in summary["seeds"]]}
    for key, value in leaves("", config):
        why = fault(key, value, own)
        if why is not None:
            allowed = f"{why}, which is not taken from {path}; if you want it, name it after the folder"
            raise ConfigurationError(key, value, allowed)
    plan = prepare(config, folder)
    if plan.config_hash != summary["config_hash"]:
        raise ValueError(f"{path}: its configuration is {plan.config_hash}, not {summary['config_hash']} as it says")
    return plan

"""`python -m lth.dashboard` saves a workspace in W&B: outcomes, counts per level, zombies, accuracy per task.

Every panel groups the runs by configuration and shows the mean and the spread over seeds. Exit codes: 0 saved, 1 W&B
refused it, 2 bad usage, wandb-workspaces not installed, or nobody logged in.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args

from lth.terminal import called
from lth.ticket.outcome import Word

if TYPE_CHECKING:
    from wandb_workspaces.workspaces import Section, Workspace

DONE, FAILED, REFUSED = 0, 1, 2
MAX_CONFIGURATIONS = 30  # lines in one panel; W&B shows 10 unless told
COUNTS = ("keep", "active_weights", "inactive_weights", "pruned_weights", "active_neurons", "inactive_neurons")
STRUCTURE = ("components", "splits_remaining", "cut", "epochs")
ZOMBIES = ("zombie_weights", "zombie_neurons", "zombie_biases", "audible_zombies", "zombie_bias_mean")
SEPARATION = ("first_separation", "first_degradation", "active_weights_at_separation")


def workspace(entity: str, project: str, name: str, by: str, tasks: Sequence[str], group: str | None) -> Workspace:
    """The workspace as an object that nothing has sent yet; `by` is the configuration key that makes the lines."""
    import wandb_workspaces.expr as expr
    import wandb_workspaces.workspaces as ws

    parts = ["", *(f"_{task}" for task in tasks)]
    first, *inner = by.split(".")
    column = ".".join(("config:" + first, "value", *inner))
    accuracies = [f"{metric}{part}" for metric in ("val_accuracy", "test_accuracy") for part in parts]
    return ws.Workspace(
        entity=entity,
        project=project,
        name=name,
        sections=[
            _outcomes(by),
            _per_level("Counts per level", COUNTS, by),
            _per_level("Zombies", ZOMBIES, by),
            _per_level("Accuracy per task", accuracies, by),
            _per_level("Structure", STRUCTURE, by),
        ],
        settings=ws.WorkspaceSettings(x_axis="level", max_runs=MAX_CONFIGURATIONS),
        runset_settings=ws.RunsetSettings(
            filters=expr.And(expr.Metric("Group") == group) if group else "",
            groupby=[expr.Config(by)],
            pinned_columns=["summary:outcome", "summary:first_separation", column],
        ),
    )


def _outcomes(by: str) -> Section:
    import wandb_workspaces.reports.v2 as wr
    import wandb_workspaces.workspaces as ws

    words: list[Any] = [f"outcome/{word}" for word in get_args(Word)]
    grouped: dict[str, Any] = {"groupby": wr.Config(by), "max_bars_to_show": MAX_CONFIGURATIONS}
    return ws.Section(
        name="Outcomes",
        is_open=True,
        panels=[
            wr.BarPlot(title="seeds per outcome", metrics=words, groupby_aggfunc="sum", **grouped),
            wr.BarPlot(
                title="share of seeds per outcome", metrics=words, groupby_aggfunc="mean",
                groupby_rangefunc="stderr", range_x=(0, 1), **grouped
            ),
            *(
                wr.BarPlot(title=name, metrics=[name], groupby_aggfunc="mean", groupby_rangefunc="stddev", **grouped)
                for name in SEPARATION
            ),
        ],
    )  # fmt: skip


def _per_level(name: str, columns: Sequence[str], by: str) -> Section:
    """One panel per column of levels.parquet: over the levels, mean and standard deviation over the seeds."""
    import wandb_workspaces.reports.v2 as wr
    import wandb_workspaces.workspaces as ws

    panels: list[Any] = [
        wr.LinePlot(
            title=column, x="level", y=[column], title_x="level", groupby=wr.Config(by), groupby_aggfunc="mean",
            groupby_rangefunc="stddev", max_runs_to_show=MAX_CONFIGURATIONS
        )
        for column in columns
    ]  # fmt: skip
    axis = ws.SectionPanelSettings(x_axis="level")
    return ws.Section(name=name, panels=panels, is_open=True, panel_settings=axis)


def save(made: Workspace, url: str | None) -> str:
    """Save as a new view, or over the view at `url`; returns the view's address. Raises whatever W&B raises."""
    import wandb_workspaces.workspaces as ws

    if url is not None:
        known = ws.Workspace.from_url(url)
        known.sections, known.settings, known.runset_settings = made.sections, made.settings, made.runset_settings
        made = known
    made.save()
    return made.url


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        import wandb_workspaces  # noqa: F401 - an extra
    except ImportError:
        return _say("the dashboard needs wandb-workspaces: pip install 'wandb-workspaces>=0.4'", REFUSED)
    import wandb
    from wandb.errors import UsageError

    try:
        if given.entity is None and not given.json:
            given.entity = wandb.Api().default_entity
        made = workspace(given.entity or "", given.project, given.name, given.by, given.tasks, given.group)
        if given.json:
            print(json.dumps(made._spec, indent=1))
            return DONE
        print(save(made, given.url))
    except UsageError as error:
        return _say(f"nobody is logged in to W&B: {_line(error)}", REFUSED)
    except Exception as error:  # noqa: BLE001 - a network has many ways to fail, and none is worth a traceback
        return _say(f"W&B did not take the dashboard: {_line(error)}", FAILED)
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=called("dashboard"), description=__doc__)
    parser.add_argument("--entity", help="user or team (default: that of the key)")
    parser.add_argument("--project", default="lth")
    parser.add_argument("--name", default="lottery tickets", help="what the workspace is called")
    parser.add_argument("--group", help="only the runs of this group")
    parser.add_argument("--by", default="config_hash", help="configuration key that makes the lines: model.hidden, …")
    parser.add_argument("--tasks", nargs="+", default=["moons", "circles"], help="tasks of the dataset")
    parser.add_argument("--url", help="replace the workspace at this address instead of making a new one")
    parser.add_argument("--json", action="store_true", help="print what would be sent; needs no account")
    return parser


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code


def _line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]

"""`python -m lth.ticket show PATH [--png FILE]` and `export PATH --to graphml|state_dict [--out FILE]`."""

import argparse
import sys
from pathlib import Path

from lth.files.atomic import RecordError, write_atomic
from lth.files.foreign import line
from lth.terminal import called, run
from lth.ticket.contents import Ticket
from lth.ticket.file import TicketError, load
from lth.ticket.stored import differing, structure_of


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; gives 0, or 2 after one line on stderr about what was wrong."""
    options = _parser().parse_args(arguments)
    try:
        ticket = load(options.path)
        if options.command == "show":
            _show(ticket, options.path, options.png)
        else:
            _export(ticket, options.to, options.out, options.path)
    except (TicketError, RecordError) as fault:
        return _fail(str(fault))
    except OSError as fault:
        return _fail(f"{fault.filename}: cannot be written ({fault.strerror})")
    except ValueError as fault:
        return _fail(str(fault))
    return 0


_SUFFIX = {"graphml": ".graphml", "state_dict": ".pt"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=called("ticket"), description="look at a ticket, or take it elsewhere")
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("show", help="print what the ticket is; with --png draw it")
    show.add_argument("--png", type=Path, metavar="FILE", help="draw the ticket into this file")
    export = commands.add_parser("export", help="write the ticket as GraphML or as a plain PyTorch state dict")
    export.add_argument("--to", choices=tuple(_SUFFIX), required=True)
    export.add_argument("--out", type=Path, metavar="FILE", help="where to (default: beside the ticket)")
    for command in (show, export):
        command.add_argument("path", type=Path, metavar="PATH", help="a ticket file, level=LL.safetensors")
    return parser


def _show(ticket: Ticket, path: Path, png: Path | None) -> None:
    """Print shape, tasks and every structure column as the masks have it, and what the stored row says otherwise."""
    structure = structure_of(ticket)
    columns, others = structure.columns(), differing(structure, ticket.row)
    print(f"seed {ticket.seed}, level {ticket.level}, shape {ticket.shape}, configuration {ticket.config_hash}")
    for task in ticket.tasks:
        print(f"task {task.name} ({task.kind}): inputs {_span(task.inputs)}, outputs {_span(task.outputs)}")
    width = max(map(len, columns))
    for name, value in columns.items():
        stored = ticket.row.get(name)
        aside = f" (its row says {_plain(stored)})" if name in others or (value is None and stored is not None) else ""
        print(f"{name:<{width}}  {_plain(value)}{aside}")
    if others:
        print(f"warning: what is stored with it is not what its masks say: {', '.join(others)}", file=sys.stderr)
    if png is not None:
        from lth.ticket.configured import words_beside
        from lth.ticket.draw import draw

        draw(ticket, words_beside(path)).savefig(png, dpi=150, format=png.suffix.removeprefix(".") or "png")
        print(f"drawn into {png}")


def _export(ticket: Ticket, to: str, out: Path | None, path: Path) -> None:
    if to == "graphml":
        from lth.ticket.graph import to_graphml

        content = to_graphml(ticket).encode()
    else:
        from lth.ticket.state_dict import packed

        content = packed(ticket)
    if out is None:  # in the ticket's own folder, where something else of that name, a link say, is not written through
        out = path.with_suffix(_SUFFIX[to])
        write_atomic(out, content)
    else:
        out.write_bytes(content)
    print(out)


def _span(indices: tuple[int, ...]) -> str:
    if len(indices) > 1 and indices == tuple(range(indices[0], indices[-1] + 1)):
        return f"{indices[0]}..{indices[-1]}"
    return ", ".join(map(str, indices))


def _plain(value: object) -> str:
    if value is None:
        return "not computed"
    return f"{value:.6g}" if isinstance(value, float) else line(value)


def _fail(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(run(main))

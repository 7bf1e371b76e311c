"""What is broken is set aside under another name: nothing of it is trusted, and nothing of it is lost."""

from pathlib import Path

from lth.files.atomic import RecordError, set_aside
from lth.files.foreign import content
from lth.record import parquet, summary_file
from lth.record.columns import check_epochs, check_levels

_READERS = {
    "levels.parquet": lambda path: check_levels(parquet.unpack(content(path))),
    "epochs.parquet": lambda path: check_epochs(parquet.unpack(content(path))),
    "summary.json": summary_file.read,
}


def set_broken_aside(folder: Path) -> list[str]:
    """Set aside the tables and the summary of a run folder that are not as they were written; one text for each."""
    texts = []
    for name, read in _READERS.items():
        path = folder / name
        try:
            read(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RecordError(path, error) from error
        except ValueError as fault:
            texts.append(f"set aside and written again: {set_aside(path)} ({fault})")
    return texts

"""What is broken is set aside under another name: nothing of it is trusted, and nothing of it is lost."""

from pathlib import Path

from lth.record import checked_json, parquet
from lth.record.atomic import RecordError, set_aside

_READERS = {"levels.parquet": parquet.unpack, "epochs.parquet": parquet.unpack, "summary.json": checked_json.unpack}


def set_broken_aside(folder: Path) -> list[str]:
    """Set aside the tables and the summary of a run folder that are not as they were written; one text for each."""
    texts = []
    for name, read in _READERS.items():
        path = folder / name
        try:
            read(path.read_bytes())
        except FileNotFoundError:
            continue
        except OSError as error:
            raise RecordError(path, error) from error
        except ValueError as fault:
            texts.append(f"set aside and written again: {set_aside(path)} ({fault})")
    return texts

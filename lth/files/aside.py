"""What is broken is set aside under another name: nothing of it is trusted, and nothing of it is lost."""

from collections.abc import Callable, Mapping
from pathlib import Path

from lth.files.atomic import RecordError, set_aside


def set_broken_aside(folder: Path, readers: Mapping[str, Callable[[Path], object]]) -> list[str]:
    """Set aside the files of a folder, by name, whose reader raises ValueError; one text for each."""
    texts = []
    for name, read in readers.items():
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

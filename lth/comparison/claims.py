"""What each preset claims to beat, as its file says: random masks of its counts, trained or untrained, or nothing."""

from collections.abc import Mapping
from typing import Literal

from lth.settings.conf import CONF, presets

Claim = Literal["trained", "untrained", "nothing"]
SIGN = "# Claim: beats "
_WORDS: Mapping[str, Claim] = {
    "random masks": "trained", "untrained random masks": "untrained", "nothing": "nothing",
}  # fmt: skip


def claim(preset: str) -> Claim:
    """What a preset of conf/pruning claims; of its file a line says `# Claim: beats …`, with the reason where nothing.

    Raises ValueError where no line does, and for what is no preset.
    """
    if preset not in presets("pruning"):
        raise ValueError(f"{preset}: must be one of {', '.join(presets('pruning'))}")
    for line in (CONF / "pruning" / f"{preset}.yaml").read_text(encoding="utf-8").splitlines():
        if line.startswith(SIGN):
            words = line.removeprefix(SIGN).partition(":")[0].strip()
            if words in _WORDS:
                return _WORDS[words]
    raise ValueError(f"{preset}: its file must say `{SIGN}` and one of {', '.join(_WORDS)}")

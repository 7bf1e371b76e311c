"""`python -m lth.tracking.login`: exit code 0 where W&B knows who would send to it, else 2 and a line about it."""

import sys

from lth.settings.tracking import NO_LOGIN, has_wandb_key

DONE, REFUSED = 0, 2


def main() -> int:
    """Returns the exit code."""
    if has_wandb_key():
        return DONE
    print(f"nobody is logged in to W&B: {NO_LOGIN}; nothing was sent", file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())

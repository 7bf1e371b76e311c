"""Keys of earlier versions, and what to say to who types them."""

RENAMED = {
    "regulariser": "is called penalty now",
    "trainer.compact": "is no key any more: neurons that reach no output rest wherever that is exact",
}


def now(key: str) -> str | None:
    """What became of a key, None for one that never was."""
    return next((said for old, said in RENAMED.items() if key == old or key.startswith(f"{old}.")), None)

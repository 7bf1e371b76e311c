"""HTML from plain values: whatever is not markup already is escaped."""

import html


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, *children: object, **attributes: object) -> Markup:
    """An element with these children; text is escaped, None left out; class_ stands for class, a_b for a-b."""
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    opening = "".join(f' {key}="{html.escape(str(value))}"' for key, value in pairs)
    return Markup(f"<{name}{opening}>{together(children)}</{name}>")


def together(parts: object) -> Markup:
    """Parts, and lists of parts, one after the other; text is escaped, None left out."""
    if parts is None or isinstance(parts, Markup):
        return parts or Markup()
    if isinstance(parts, (list, tuple)):
        return Markup("".join(map(together, parts)))
    return Markup(html.escape(str(parts)))

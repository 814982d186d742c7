"""Marking what people read."""


def N_(text: str) -> str:  # noqa: N802 - the name that translators' tools look for
    """Mark `text` for translation where it is written; it is translated where it is shown."""
    return text

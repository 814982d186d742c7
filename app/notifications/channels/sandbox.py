"""Where texts are filled in that the office may have written: they see what they are given only."""

from functools import lru_cache

from jinja2.sandbox import ImmutableSandboxedEnvironment

KNOWN = 500  # texts


class Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox that reads each text once: the same few are filled in for thousands of letters."""

    def __init__(self) -> None:
        super().__init__(autoescape=False)
        read = lru_cache(KNOWN)(super().from_string)
        self.from_string = read  # type: ignore[assignment] # given a text, and no more

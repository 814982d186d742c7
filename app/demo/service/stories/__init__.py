"""What happened to each problem of the year, step by step, each by whom it belongs to."""

from collections.abc import Callable, Sequence

from app.demo.service.cast import Cast
from app.demo.service.files import TicketRow
from app.demo.service.pace import Pace
from app.demo.service.stories import ended, running, way
from app.demo.service.stories.acts import Act, Case
from app.demo.service.stories.story import Story
from app.demo.service.stories.way import Heard

__all__ = ["Act", "Case", "Heard", "tell"]

#: The ways that a problem may go, by the word in the data.
PATHS: dict[str, Callable[[Story, Sequence[Story]], None]] = {
    "solved": ended.solved,
    "explained": ended.explained,
    "unreachable": ended.unreachable,
    "finding": ended.finding,
    "rejected": ended.rejected,
    "merged": ended.merged,
    "cancelled": ended.cancelled,
    "suspended": running.suspended,
    "rework": running.rework,
    "review": running.in_review,
    "revisit": running.in_revisit,
    "gate": running.gate,
    "yellow": running.yellow,
    "red": running.red,
    "green": running.green,
    "sign": running.at_sign,
    "dispatch": running.at_dispatch,
}


def tell(rows: Sequence[TicketRow], cast: Cast, pace: Pace) -> tuple[list[Act], list[Heard]]:
    """Return all that happens to the problems of the year, and those that visits bring."""
    stories = [Story(row, cast, pace, turn=turn) for turn, row in enumerate(rows)]
    heard = [way.hear(story, _same_day(story, stories)) for story in stories]
    for story in stories:
        PATHS[story.row.path](story, stories)
    acts = [act for story in stories for act in story.acts]
    return acts, [found for found in heard if found]


def _same_day(story: Story, stories: Sequence[Story]) -> list[Story]:
    return [other for other in stories if other.row.day == story.row.day]

"""Verbs: founding the invented township, telling its year, and moving its clock."""

from app.demo.service import beside, files, reading, shelves, stories, township, visiting
from app.demo.service.cast import Cast
from app.demo.service.clocks import beat, move, set_going
from app.demo.service.pace import Pace
from app.demo.service.stories import Act

__all__ = [
    "Act",
    "Cast",
    "Pace",
    "beat",
    "beside",
    "files",
    "move",
    "reading",
    "set_going",
    "shelves",
    "stories",
    "township",
    "visiting",
]

"""What sets the demo's clock: each request and command that follows it, the load, the travel."""

from app.demo.jobs.following import follow_clock, leave_clock
from app.demo.jobs.loading import load
from app.demo.jobs.travelling import LIMIT, Trip, travel

__all__ = ["LIMIT", "Trip", "follow_clock", "leave_clock", "load", "travel"]

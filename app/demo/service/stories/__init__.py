"""What happened to each problem of the year, step by step, each by whom it belongs to."""

from app.demo.service.stories.acts import Act, Case
from app.demo.service.stories.paths import Heard, tell

__all__ = ["Act", "Case", "Heard", "tell"]

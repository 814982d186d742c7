from pathlib import Path

from app.tickets.workflow import printed
from app.tickets.workflow.table import TABLE

PAGE = Path(__file__).parents[3] / "docs" / "workflow.md"


def test_the_printed_workflow_is_the_one_that_is_followed() -> None:
    assert PAGE.read_text(encoding="utf-8") == printed.as_markdown()


def test_the_printed_workflow_names_every_step() -> None:
    for row in TABLE:
        assert f"| {row.id} |" in printed.as_markdown()

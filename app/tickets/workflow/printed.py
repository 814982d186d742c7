"""The table of steps as a page of the documentation.

python -m app.tickets.workflow.printed > docs/workflow.md
"""

from collections.abc import Iterable

from app.accounts.roles import Role
from app.tickets.workflow.states import RING, TERMINAL, Status
from app.tickets.workflow.table import TABLE, Step

HEAD = """# Workflow

Printed from `app/tickets/workflow/table.py` by `python -m app.tickets.workflow.printed`; a test says
when it is old. Guards, clock effects and records of each step stand in `app/tickets/service/guards`
and `app/tickets/service/effects`, under the same ids.
"""


def as_markdown() -> str:
    """Return states, steps and diagram as Markdown."""
    return "\n".join([HEAD, *_states(), *_steps(), *_diagram()]) + "\n"


def _states() -> Iterable[str]:
    yield "## States\n"
    yield "| state | 中文 | steps round the loop | over |\n|---|---|---|---|"
    for status in Status:
        over = "yes" if status in TERMINAL else ""
        yield f"| `{status.value}` | {status.label} | {RING[status]} of 7 | {over} |"
    yield ""


def _steps() -> Iterable[str]:
    yield "## Steps\n"
    yield "| id | event | from | to | proposes | passes on | takes or decides |"
    yield "|---|---|---|---|---|---|---|"
    for row in TABLE:
        cells = (
            row.id,
            f"{row.event.label} `{row.event.value}`",
            row.source.label,
            row.target.label,
            _names(row.asks),
            _names(row.checks),
            _names(row.who),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield from _lifted(row for row in TABLE if row.lifts)
    for row in TABLE:
        if row.own:
            yield f"{row.id} {row.event.label} also follows an answer by link from: {_names(row.own)}.\n"


def _lifted(rows: Iterable[Step]) -> Iterable[str]:
    for row in rows:
        if row.lifts:
            asks, decides = row.lifts
            yield (
                f"{row.id} {row.event.label} after the last round is 提级重办: {_names(asks)} proposes,"
                f" {_names(decides)} decides.\n"
            )


def _names(roles: Iterable[Role]) -> str:
    return "、".join(role.label for role in Role if role in set(roles))


def _diagram() -> Iterable[str]:
    yield "## Diagram\n\n```mermaid\nstateDiagram-v2"
    for status in Status:
        yield f"  {status.value}: {status.label}"
    seen: dict[tuple[Status, Status], list[str]] = {}
    for row in TABLE:
        seen.setdefault((row.source, row.target), []).append(row.id)
    yield f"  [*] --> {Status.DRAFT.value}"
    for (source, target), ids in seen.items():
        yield f"  {source.value} --> {target.value}: {' '.join(ids)}"
    for status in Status:
        if status in TERMINAL:
            yield f"  {status.value} --> [*]"
    yield "```"


if __name__ == "__main__":
    print(as_markdown(), end="")  # noqa: T201 - printing is what it is for

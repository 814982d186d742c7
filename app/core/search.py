"""Finding words in Chinese text on both databases.

Our own bigrams: text is folded (NFKC, lower case), runs of Chinese become overlapping pairs,
Latin words and numbers stay whole. They lie in an FTS5 table on SQLite and in a `tsvector`
with a GIN index on PostgreSQL. A trigram index would find nothing for two characters.
"""

import re
import unicodedata
from typing import TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    any_,
    bindparam,
    column,
    false,
    func,
    select,
    table,
    text,
)
from sqlalchemy.types import String

from app.core.db import db
from app.core.prepared import Writing

Columns = TypeVarTuple("Columns")
LONGEST = 40  # characters of a question that are looked at
_RUNS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[0-9a-z]+")
_LATIN = re.compile(r"[0-9a-z]+")
_PUT_FTS5 = text("REPLACE INTO search_index (rowid, grams) VALUES (:id, :grams)")
_PUT_VECTOR = text(
    "INSERT INTO search_index (subject_id, grams) VALUES (:id, array_to_tsvector(:grams))"
    " ON CONFLICT (subject_id) DO UPDATE SET grams = excluded.grams"
)
_PUT = Writing(lambda: _PUT_VECTOR if _is_postgresql() else _PUT_FTS5)
_INDEX = table("search_index", column("subject_id", Integer), column("rowid", Integer))


def folded(words: str) -> str:
    """Return `words` as they are compared: NFKC, lower case."""
    return unicodedata.normalize("NFKC", words).lower()


def grams(words: str) -> list[str]:
    """Return what `words` is indexed under: pairs of Chinese characters, Latin words whole.

    Single characters are indexed too, so that a question of one character finds something.
    """
    found: list[str] = []
    for run in _RUNS.findall(folded(words)):
        if _LATIN.fullmatch(run):
            found.append(run)
        else:
            found += [run[i : i + 2] for i in range(len(run) - 1)]
            found += list(run)
    return found


def asked_grams(words: str) -> list[str]:
    """Return the grams that a text must all have to answer the question `words`."""
    found: list[str] = []
    for run in _RUNS.findall(folded(words[:LONGEST])):
        if _LATIN.fullmatch(run) or len(run) == 1:
            found.append(run)
        else:
            found += [run[i : i + 2] for i in range(len(run) - 1)]
    return list(dict.fromkeys(found))


def put(subject_id: int, words: str) -> None:
    """Index `words` under `subject_id`, in place of what was there."""
    found = grams(words)
    kept = sorted(set(found)) if _is_postgresql() else " ".join(found)
    _PUT.write({"id": subject_id, "grams": kept})


def matching(subject_id: SQLColumnExpression[int], words: str) -> ColumnElement[bool] | None:
    """Return the condition that the thing of `subject_id` answers `words`.

    None means that nothing in `words` can be looked up.
    """
    terms = _terms(words)
    if not terms:
        return None
    if not _is_postgresql():
        return subject_id.in_(_fts5(terms))
    found = select(_INDEX.c.subject_id).where(
        text("grams @@ CAST(:asked AS tsquery)").bindparams(bindparam("asked", terms, String))
    )
    # An array, looked up first and on its own: the planner knows nothing of rare words, and
    # would read everything from the newest down until it has met enough of them.
    return subject_id == any_(func.array(found.scalar_subquery()))


def newest_answering(
    found: Select[*Columns], subject_id: SQLColumnExpression[int], words: str
) -> Select[*Columns]:
    """Narrow `found` to what answers `words`, the newest first.

    On SQLite the text index is joined and read from its end, no further than asked. Where
    nothing in `words` can be looked up, nothing is found.
    """
    if _is_postgresql():
        condition = matching(subject_id, words)
        return found.where(false() if condition is None else condition).order_by(subject_id.desc())
    terms = _terms(words)
    if not terms:
        return found.where(false())
    answers = _fts5(terms).subquery("found")
    narrowed = found.join(answers, answers.c.subject_id == subject_id)
    return narrowed.order_by(answers.c.subject_id.desc())


def asking(words: str) -> dict[str, str]:
    """Return what a statement of `newest_answering` that is kept must be given to ask `words`.

    Empty where nothing in `words` can be looked up: another statement is made for these.
    """
    terms = _terms(words)
    return {"asked": terms} if terms else {}


def _terms(words: str) -> str:
    """Return the grams of a question as the database's index is asked for all of them."""
    asked = asked_grams(words)
    if _is_postgresql():
        return " & ".join("'" + gram + "'" for gram in asked)
    return " ".join('"' + gram + '"' for gram in asked)


def _fts5(terms: str) -> Select[int]:
    """Return the ids of what has all of the grams, on SQLite."""
    return select(_INDEX.c.rowid.label("subject_id")).where(
        text("search_index MATCH :asked").bindparams(bindparam("asked", terms, String))
    )


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"

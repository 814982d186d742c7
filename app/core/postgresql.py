"""Connections to PostgreSQL that keep what they prepared.

psycopg prepares a statement that comes back, so that the server plans it once; it forgets all
of them at a ROLLBACK, since what was rolled back may have made a table anew. SQLAlchemy ends by
ROLLBACK whatever only read, which is every page; and to plan our longer statements takes the
server several times as long as to answer them. So what only read ends by COMMIT here.
"""

from typing import Any, Self

import psycopg
from psycopg.abc import Params

PARAMSTYLE = "numeric_dollar"  # the server's own: nothing is to be rewritten at each execution
PREPARED = 200  # statements that a connection keeps; a long one takes a MB of the server's memory
#: Of the first few open tickets with a note it would read all tickets in their order instead.
UNMERGED = "SET enable_mergejoin = off"
_NOT_ASKED = (None,) * 5  # display size, internal size, precision, scale, whether it may be NULL
ONLY_READ = ("SELECT", "SHOW")  # how the server's word begins about what changed nothing


class _Cursor(psycopg.RawCursor[Any]):
    """A cursor that tells its connection when the server did more than read."""

    @property
    def description(self) -> list[Any] | None:
        """Name and type of each column of the result, and nothing of the rest that DB-API allows.

        psycopg makes an object of each column for it, at every statement anew.
        """
        found = self.pgresult
        if not found or not found.nfields:
            return super().description
        names = [found.fname(place) or b"" for place in range(found.nfields)]
        return [
            (name.decode(), found.ftype(place), *_NOT_ASKED) for place, name in enumerate(names)
        ]

    def execute(self, query: Any, params: Params | None = None, **how: Any) -> Self:  # noqa: ANN401 - psycopg's
        super().execute(query, params, **how)
        done = self.statusmessage  # None of the empty statement by which a pool asks for life
        if done and not done.startswith(ONLY_READ):
            self._noticed()
        return self

    def executemany(self, query: Any, params_seq: Any, **how: Any) -> None:  # noqa: ANN401 - psycopg's
        self._noticed()
        super().executemany(query, params_seq, **how)

    def _noticed(self) -> None:
        connection = self.connection
        if isinstance(connection, _Connection):
            connection.only_read = False


class _Connection(psycopg.Connection[Any]):
    """A connection that, asked to roll back what only read, ends it by COMMIT."""

    only_read = True

    def rollback(self) -> None:
        reading = psycopg.pq.TransactionStatus.INTRANS
        if self.only_read and self.info.transaction_status is reading:
            super().commit()
        else:
            super().rollback()
        self.only_read = True

    def commit(self) -> None:
        super().commit()
        self.only_read = True


def connect(*arguments: Any, **given: Any) -> psycopg.Connection[Any]:  # noqa: ANN401 - psycopg's
    """Open a connection as `psycopg.connect` does, which keeps what it prepared."""
    opened = _Connection.connect(*arguments, cursor_factory=_Cursor, **given)
    opened.server_cursor_factory = psycopg.RawServerCursor
    opened.prepared_max = PREPARED
    opened.execute(UNMERGED)
    opened.commit()
    return opened

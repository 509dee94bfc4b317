"""Triggers that refuse to change the ledger's rows: a guard against accidents; against intent the signed heads are.

Entries and heads are never updated, deleted or truncated. A salt is never updated; deleting it is how a learner is
forgotten.
"""

from sqlalchemy import Connection

_REFUSED = {"entries": ("UPDATE", "DELETE"), "heads": ("UPDATE", "DELETE"), "salts": ("UPDATE",)}
_MESSAGE = "the ledger is append-only"


def put_up(connection: Connection) -> None:
    """Make the triggers that are not there yet, in a transaction that writes."""
    statements = _sqlite() if connection.dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        connection.exec_driver_sql(statement)


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change.lower()} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
        for table, changes in _REFUSED.items()
        for change in changes
    ]


def _postgresql() -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$"
    )
    triggers = [
        f"CREATE OR REPLACE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()"
        for table, changes in _REFUSED.items()
        for change in (*changes, "TRUNCATE")
    ]
    return [function, *triggers]

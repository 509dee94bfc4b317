"""Which items an exam may ask, and of which kind they are: all that the solver and the checker have in common."""

from exam_bank.forms.blueprint import Row
from exam_bank.item import Item, Status, Use
from exam_bank.item_file import Bank
from exam_bank.item_sets import ItemSet

LABELS = "abcdefghijklmnopqrstuvwxyz"  # of fixed forms


def eligible(bank: Bank) -> list[Item]:
    """The items that an exam may ask and that count, in the order of their references."""
    return _with_status(bank, Status.OPERATIONAL)


def on_trial(bank: Bank) -> list[Item]:
    """The items that an exam may ask to learn how they do, in the order of their references."""
    return _with_status(bank, Status.PILOT)


def _with_status(bank: Bank, status: Status) -> list[Item]:
    items = (bank.items[ref] for ref in sorted(bank.items))
    return [item for item in items if item.status is status and item.use is Use.EXAM]


def counts(item: Item) -> bool:
    """Whether what the item earns counts; pilot items are asked beside those that do."""
    return item.status is not Status.PILOT


def fits(item: Item, row: Row) -> bool:
    """Whether an item is of the kind that a row speaks of."""
    return (
        (row.topic is None or row.topic in item.every_topic)
        and (row.skill is None or row.skill in item.every_skill)
        and (not row.types or item.type in row.types)
    )


def described(row: Row) -> str:
    """The kind of item that a row speaks of, in words."""
    parts = [
        f"topic {row.topic}" if row.topic else "",
        " or ".join(row.types),
        f"skill {row.skill}" if row.skill else "",
    ]
    return ", ".join(part for part in parts if part) or "any item"


def set_rule(bank: Bank, name: str) -> ItemSet:
    """What a form may have of a set's items; they stand side by side in any case.

    Of a set that is to be together a form has all items that count, in one section, or none; a pilot item of the set
    only beside them.
    """
    return bank.sets.get(name) or ItemSet(id=name)

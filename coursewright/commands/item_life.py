"""The life of items: reviews, statuses, and the versions that were used."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from authoring.errors import CoursewrightError
from coursewright.commands.items import CourseArgument, item_path, reviews_asked
from coursewright.output import counted, print_json, print_table, say
from coursewright.who import current_user

ReferenceArgument = Annotated[str, typer.Argument(metavar="TOPIC/ID", help="Which item.")]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it; it is kept.")]


def review(
    course: CourseArgument,
    reference: ReferenceArgument,
    by: ByOption = "",
    note: Annotated[str, typer.Option("--note", help="What there is to say about it; it is kept.")] = "",
) -> None:
    """Say that you have reviewed an item as it is now."""
    from exam_bank.item import Review
    from exam_bank.item_edit import add_review
    from exam_bank.item_file import read_item
    from exam_bank.life_cycle import reviewers, short

    path = item_path(course, reference)
    version, by = read_item(path, course).version, by or current_user()
    signed = Review(by=by, date=datetime.now(UTC).date(), version=version, note=note)
    item = add_review(path, course, signed)
    others = len(reviewers(item))
    say(f"{reference}: version {short(version)} reviewed by {by}; {counted(others, 'reviewer')} besides its author.")


def status(
    course: CourseArgument,
    reference: ReferenceArgument,
    to: Annotated[
        str, typer.Argument(metavar="STATUS", help="draft, review, pilot, operational or retired.", show_default=False)
    ],
    by: ByOption = "",
) -> None:
    """Move an item on in its life: to pilot, say, or to retired."""
    import msgspec

    from exam_bank.item import Status
    from exam_bank.item_edit import set_status
    from exam_bank.item_file import read_item
    from exam_bank.life_cycle import lacking_reviews, next_statuses
    from exam_bank.register import note

    path = item_path(course, reference)
    item = read_item(path, course)
    wanted = next((each for each in Status if each.value == to), None)
    allowed = next_statuses(item, item.status)
    if wanted not in allowed:
        known = ", ".join(each.value for each in Status if each in allowed)
        raise CoursewrightError(f"{path}: it is {item.status.value}, after which comes {known}, and not {to}.")
    if problem := lacking_reviews(msgspec.structs.replace(item, status=wanted), reviews_asked(course)):
        raise CoursewrightError(f"{path}: {problem}; have a colleague run `coursewright items review`.")
    moment, by = datetime.now(UTC), by or current_user()
    note(course, [item], at=moment, by=by)
    note(course, [set_status(path, course, wanted)], at=moment, by=by)
    say(f"{reference}: {item.status.value}, now {to}.")


def register(course: CourseArgument, by: ByOption = "") -> None:
    """Note which versions of a course's items are in use."""
    from exam_bank.item_file import read_bank
    from exam_bank.life_cycle import IN_USE
    from exam_bank.register import FOLDER, note

    items = [item for item in read_bank(course).items.values() if item.status in IN_USE]
    grown = note(course, items, at=datetime.now(UTC), by=by or current_user())
    for ref in grown:
        say(ref)
    say(f"{counted(len(grown), 'item')} of {len(items)} in use noted in {course / FOLDER}." if grown else "All noted.")


def versions(
    course: CourseArgument,
    reference: ReferenceArgument,
    show: Annotated[
        str, typer.Option("--show", metavar="VERSION", help="Print the file of this version; its first digits will do.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the versions of an item that were used, or print one."""
    from exam_bank.life_cycle import short
    from exam_bank.register import earlier, read_register

    path = Path(course) / "items" / f"{reference}.md"
    noted = read_register(course, reference)
    if not noted and not path.is_file():
        raise CoursewrightError(f"{path}: there is no such item; name one by its topic, a slash and its id.")
    if show:
        text, item = earlier(course, reference, show)
        if as_json:
            print_json({"item": reference, "version": item.version, "text": text, "stimulus": item.stimulus})
        else:
            say(text.rstrip("\n"))
    elif as_json:
        print_json({"item": reference, "versions": noted})
    elif noted:
        rows = [(f"{each.at:%Y-%m-%d %H:%M}", short(each.version), each.status, each.exam, each.by) for each in noted]
        print_table(["when (UTC)", "version", "status", "exam", "by"], rows)
    else:
        say("No version was used yet.")

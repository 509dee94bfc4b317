"""What a learner sees of a QTI item's body, as Markdown."""

import copy

from lxml import etree

from exam_bank.interchange.from_html import from_html
from exam_bank.interchange.safe_xml import Element, below

_LATER = ("feedbackInline", "feedbackBlock", "templateInline", "templateBlock")  # seen after an answer, if at all


def content(element: Element) -> str:
    """What stands in an element before anything is answered."""
    copied = copy.deepcopy(element)
    copied.tail = None
    drop_unseen(copied)
    return from_html(etree.tostring(copied, encoding="unicode", method="html"))


def drop_unseen(element: Element) -> None:
    """Takes out what learners do not see, or do not see at first."""
    for each in (*below(element, *_LATER), *unseen_rubrics(element)):
        remove(each)


def unseen_rubrics(element: Element) -> list[Element]:
    """The rubric blocks that are for others than learners."""
    return [each for each in below(element, "rubricBlock") if "candidate" not in each.get("view", "").split()]


def remove(element: Element) -> None:
    """Takes an element out of its parent and leaves the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)

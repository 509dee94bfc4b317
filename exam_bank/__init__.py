"""Items become variants, forms, scores and honest statistics.

The names below are loaded when they are first used, so that importing this package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exam_bank.assembly import assemble, assemble_forms
    from exam_bank.blueprint import read_blueprint
    from exam_bank.check import check_items
    from exam_bank.exam_notebook import form_notebook, read_responses
    from exam_bank.form_check import check_form, check_forms
    from exam_bank.grade import grade_sitting
    from exam_bank.item_file import read_bank, read_item
    from exam_bank.preview import preview_html, preview_notebook
    from exam_bank.scoring import score
    from exam_bank.sitting_store import SittingStore
    from exam_bank.statistics import item_statistics
    from exam_bank.variant_maker import make_variant, make_variants

_HOMES = {
    "SittingStore": "sitting_store",
    "assemble": "assembly",
    "assemble_forms": "assembly",
    "check_form": "form_check",
    "check_forms": "form_check",
    "check_items": "check",
    "form_notebook": "exam_notebook",
    "grade_sitting": "grade",
    "item_statistics": "statistics",
    "make_variant": "variant_maker",
    "make_variants": "variant_maker",
    "preview_html": "preview",
    "preview_notebook": "preview",
    "read_bank": "item_file",
    "read_blueprint": "blueprint",
    "read_item": "item_file",
    "read_responses": "exam_notebook",
    "score": "scoring",
}

__all__ = [
    "SittingStore",
    "assemble",
    "assemble_forms",
    "check_form",
    "check_forms",
    "check_items",
    "form_notebook",
    "grade_sitting",
    "item_statistics",
    "make_variant",
    "make_variants",
    "preview_html",
    "preview_notebook",
    "read_bank",
    "read_blueprint",
    "read_item",
    "read_responses",
    "score",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

"""Items become variants, forms, scores and honest statistics.

The names below are loaded when they are first used, so that importing this package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exam_bank.check import check_items
    from exam_bank.forms.assembly import assemble, assemble_forms, parallel_forms
    from exam_bank.forms.blueprint import read_blueprint
    from exam_bank.forms.class_check import check_class
    from exam_bank.forms.exam_notebook import form_notebook, read_responses
    from exam_bank.forms.form_check import check_form, check_forms
    from exam_bank.forms.paper import key_html, paper_html
    from exam_bank.forms.parameters import read_parameters
    from exam_bank.irt.calibrate import calibrate
    from exam_bank.item_file import read_bank, read_item
    from exam_bank.preview import preview_html, preview_notebook
    from exam_bank.scoring import score
    from exam_bank.sittings.grade import grade_sitting
    from exam_bank.sittings.store import SittingStore
    from exam_bank.statistics.classical import item_statistics
    from exam_bank.variant_maker import make_variant, make_variants

_HOMES = {
    "SittingStore": "sittings.store",
    "assemble": "forms.assembly",
    "assemble_forms": "forms.assembly",
    "calibrate": "irt.calibrate",
    "check_class": "forms.class_check",
    "check_form": "forms.form_check",
    "check_forms": "forms.form_check",
    "check_items": "check",
    "form_notebook": "forms.exam_notebook",
    "grade_sitting": "sittings.grade",
    "item_statistics": "statistics.classical",
    "key_html": "forms.paper",
    "make_variant": "variant_maker",
    "make_variants": "variant_maker",
    "paper_html": "forms.paper",
    "parallel_forms": "forms.assembly",
    "preview_html": "preview",
    "preview_notebook": "preview",
    "read_bank": "item_file",
    "read_blueprint": "forms.blueprint",
    "read_item": "item_file",
    "read_parameters": "forms.parameters",
    "read_responses": "forms.exam_notebook",
    "score": "scoring",
}

__all__ = [
    "SittingStore",
    "assemble",
    "assemble_forms",
    "calibrate",
    "check_class",
    "check_form",
    "check_forms",
    "check_items",
    "form_notebook",
    "grade_sitting",
    "item_statistics",
    "key_html",
    "make_variant",
    "make_variants",
    "paper_html",
    "parallel_forms",
    "preview_html",
    "preview_notebook",
    "read_bank",
    "read_blueprint",
    "read_item",
    "read_parameters",
    "read_responses",
    "score",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

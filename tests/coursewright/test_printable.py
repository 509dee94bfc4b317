"""Text that is safe to show."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from coursewright.printable import one_line, printable


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_nothing_that_a_terminal_obeys_or_hides_is_left(text):
    shown = printable(text)
    kinds = {unicodedata.category(character) for character in shown if character not in "\n\t"}
    assert kinds.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    shown.encode("utf-8")


@given(st.text())
def test_one_line_is_one_line(text):
    assert len(one_line(text).splitlines()) <= 1


def test_ordinary_text_of_any_script_stays():
    for text in ("Δ = 0.5 μm", "Øyvind Ångström", "李雷", "naïve café"):
        assert printable(text) == text


def test_text_that_is_written_backwards_is_shown_as_it_is():
    assert printable("grade\u202efdp.exe") == "grade\\u202efdp.exe"

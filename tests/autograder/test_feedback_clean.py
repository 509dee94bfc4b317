"""Text that anybody may have written, as HTML: what stays of it, and what it may cost."""

import base64

import pytest
from nbformat.v4 import new_markdown_cell

from autograder.feedback import clean, code, outputs
from autograder.feedback.tests_shown import Secrets

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
NONE = Secrets(())


def shown(**data: object) -> list[str]:
    return list(outputs.to_html([{"output_type": "display_data", "data": data, "metadata": {}}], NONE))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("# Title", "<h3>Title</h3>\n"),
        ("###### Deep", "<h6>Deep</h6>\n"),
        ("a <b class='x' id='y' style='z'>bold</b>", "<p>a <b>bold</b></p>\n"),
        ("~~gone~~ <u>u</u>", "<p><s>gone</s> <u>u</u></p>\n"),
        ("<details><summary>More</summary>text</details>", "<details><summary>More</summary>text</details>"),
        ("[a](https://example.org)", '<p><a href="https://example.org" rel="noopener noreferrer nofollow">a</a></p>\n'),
        ("[a](other.html)", '<p><a rel="noopener noreferrer nofollow">a</a></p>\n'),
        (f"![pic](data:image/png;base64,{PNG})", f'<p><img src="data:image/png;base64,{PNG}" alt="pic"></p>\n'),
        ("![pic](data:image/svg+xml;base64,PHN2Zz4=)", '<p><img alt="pic"></p>\n'),
        (f"![pic](data:image/jpeg;base64,{PNG})", '<p><img alt="pic"></p>\n'),
        ("<h1>Mine</h1>", "Mine"),
        ("$\\nonsense$", "<p><code>\\nonsense</code></p>\n"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>\n"),
    ],
)
def test_markdown_keeps_what_can_be_read(written: str, kept: str) -> None:
    assert clean.from_markdown(written) == kept


def test_pictures_that_were_pasted_in_are_shown() -> None:
    cell = new_markdown_cell("![x](<attachment:a b.png>) ![y](attachment:c.png)")
    cell["attachments"] = {"a b.png": {"image/png": PNG}, "c.png": {"image/png": "bm90IGE="}}
    address = f"data:image/png;base64,{PNG}"
    assert clean.from_markdown(cell.source, clean.attachments(cell)) == (
        f'<p><img src="{address}" alt="x"> <img alt="y"></p>\n'
    )


def test_maths_is_a_picture_with_its_latex_as_alternative() -> None:
    html = clean.from_markdown("$a<b$ and\n\n$$\\frac{1}{2}$$")
    assert 'alt="a<b"' in html or 'alt="a&lt;b"' in html
    assert html.count('src="data:image/svg+xml;base64,') == 2


def test_long_texts_and_many_formulas_have_an_end() -> None:
    assert clean.from_markdown("*a " * clean.LONGEST).startswith("<pre>*a *a")
    assert clean.from_html("<b>" * clean.LONGEST).startswith("<pre>&lt;b&gt;")
    assert clean.from_markdown("$a$ " * 500).count("<img") == 100


def test_the_richest_output_that_is_safe_is_shown() -> None:
    (picture,) = shown(**{"image/png": PNG, "text/html": "<b>x</b>", "text/plain": "<Figure>"})
    assert picture.startswith('<img class="plot" alt="Picture made by the code above: &lt;Figure&gt;"')
    (html,) = shown(**{"image/png": "bm90IGE=", "text/html": "<b>x</b><script>y</script>", "text/plain": "z"})
    assert html == '<div class="scroll" tabindex="0"><b>x</b></div>'
    (latex,) = shown(**{"text/latex": "$\\displaystyle x$", "text/plain": "x"})
    assert 'class="maths' in latex
    (plain,) = shown(**{"application/javascript": "alert(1)", "text/plain": "<x>"})
    assert plain == '<div class="text"><pre>&lt;x&gt;</pre></div>'
    (widget,) = shown(**{"application/vnd.jupyter.widget-view+json": {"model_id": "1"}})
    assert "application/vnd.jupyter.widget-view+json is not shown" in widget


def test_a_drawing_is_a_picture_without_what_its_document_declares() -> None:
    (html,) = shown(**{"image/svg+xml": '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>'})
    assert base64.b64encode(b"<svg>&a;</svg>").decode() in html
    assert shown(**{"image/svg+xml": "no drawing"}) == [
        '<p class="note">An output of the kind image/svg+xml is not shown: it would need a script.</p>'
    ]


def test_long_outputs_lose_their_middle_and_too_many_their_end() -> None:
    (text,) = outputs.to_html([{"output_type": "stream", "name": "stdout", "text": "x" * 30_000}], NONE)
    assert "… 10000 characters are left out …" in text
    many = [{"output_type": "stream", "name": "stdout", "text": "x"}] * 150
    assert list(outputs.to_html(many, NONE))[-1] == '<p class="note">50 more outputs are not shown.</p>'


def test_colours_of_a_terminal_are_taken_out() -> None:
    (text,) = outputs.to_html([{"output_type": "error", "traceback": ["-----", "\x1b[31mNo\x1b[0m", "<x>"]}], NONE)
    assert text == '<div class="errors"><pre>No\n&lt;x&gt;</pre></div>'


def test_code_is_coloured_in_languages_that_are_known() -> None:
    html = code.to_html("x = '<b>'", "python")
    assert html == (
        '<pre><code><span class="n">x</span> <span class="o">=</span> '
        "<span class=\"s1\">'&lt;b&gt;'</span></code></pre>"
    )
    assert code.to_html("x <- 1", "no such language") == "<pre><code>x &lt;- 1</code></pre>"

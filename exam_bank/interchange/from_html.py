r"""HTML from another system as Markdown of ours.

Emphasis, code, lists, tables, line breaks and maths between ``\(…\)``, ``\[…\]`` or ``$$`` are kept; of every other tag
only its text. Scripts and styles are dropped with all that is in them. What would mean something in our Markdown is
escaped, so that imported text can neither be a template (``{{ name }}``) nor a blank (``[[id]]``) nor raw HTML.
"""

import re
from collections.abc import Callable

import lxml.html
from lxml import etree

from exam_bank.interchange.exchanged import MAX_TEXT, Refused
from exam_bank.interchange.safe_xml import Element

MAX_DEPTH = 60

# what opens a formula does not stand in it: the search stays linear however often somebody opens one
_MATHS = re.compile(
    r"\\\(((?:(?!\\[()]).){1,5000}?)\\\)|\\\[((?:(?!\\[\[\]]).){1,5000}?)\\\]|\$\$((?:(?!\$\$).){1,5000}?)\$\$",
    re.DOTALL,
)
_SPECIAL = re.compile(r"([\\`*_\[\]<>$~|])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_DROPPED = frozenset({"script", "style", "head", "title", "noscript", "template"})
_BLOCKS = frozenset({"p", "div", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol"})
_BLOCKS |= {"pre", "table", "body", "html", "dl", "dt", "dd", "figure", "figcaption", "center", "hr"}
_PICTURES = frozenset({"svg", "object", "embed", "iframe", "img", "picture", "audio", "video", "canvas", "map"})
_INLINE = (
    _DROPPED | _PICTURES | {"a", "b", "br", "code", "em", "i", "kbd", "math", "samp", "strong", "sub", "sup", "tt", "u"}
)


def from_html(html: str) -> str:
    """The HTML as Markdown.

    Raises:
        Refused: it holds a picture, a sound or MathML, or is too large or too deep.
    """
    if len(html) > MAX_TEXT:
        raise Refused(f"a text of it has more than {MAX_TEXT:,} characters", "shorten it, and leave out pictures")
    html = _CONTROL.sub("", html)
    if not html.strip():
        return ""
    if "<" not in html and "&" not in html:
        return from_text(html)
    return _tidy(_blocks(_parsed(html), 0))


def visible_text(html: str) -> str:
    """What a reader would see, without markup, in one line."""
    if not html.strip():
        return ""
    root = _parsed(html)
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    return " ".join("".join(root.itertext()).split())


def from_text(text: str) -> str:
    """Text that is no HTML, as Markdown that shows it as it is; maths between its delimiters is maths."""
    text = _CONTROL.sub("", text)
    parts, end = [], 0
    for match in _MATHS.finditer(text):
        parts += [_escaped(text[end : match.start()]), _maths(match)]
        end = match.end()
    return _tidy("".join([*parts, _escaped(text[end:])]))


def _parsed(html: str) -> Element:
    try:
        root = lxml.html.fragment_fromstring(html, create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Refused("a text of it is no HTML", "write it anew there") from error
    return root


def _tidy(text: str) -> str:
    lines = [line.rstrip(" \t") if not line.endswith("\\") else line for line in text.split("\n")]
    text = re.sub(r"\\\n[ \t]+", "\\\\\n", "\n".join(lines))  # after a line break
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _maths(match: re.Match[str]) -> str:
    inline, display, double = match.groups()
    latex = " ".join((inline or display or double).split())
    latex = latex.replace("{{", "{ {").replace("[[", "[ [").replace("$", r"\$")
    return f"${latex}$" if inline else f"$${latex}$$"


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(r"\\\1", text).replace("{{", r"{\{")
    text = re.sub(r"&(?=[A-Za-z#])", r"\\&", text)
    # what begins a heading, a list, a rule or a line of dashes only does so at the start of a line
    return re.sub(r"(?m)^([ \t]*)(#|[-+=](?=[-+=\s]|$)|\d+(?=[.)](?:\s|$)))", _start, text)


def _start(match: re.Match[str]) -> str:
    mark = match[2]
    return f"{match[1]}{mark}\\" if mark[0].isdigit() else f"{match[1]}\\{mark}"


# ---- elements


def _blocks(element: Element, depth: int) -> str:
    """Children of an element, blocks apart from each other."""
    _require_shallow(depth)
    out: list[str] = []
    run: list[Element | str] = [element.text or ""]
    for each in element:
        if _is_block(each):
            out += [_inline_run(run, depth), _block(each, depth + 1)]
            run = []
        else:
            run.append(each)
        run.append(each.tail or "")
    out.append(_inline_run(run, depth))
    return "\n\n".join(part for part in out if part.strip())


def _is_block(element: Element) -> bool:
    """By its name, or, of names that HTML does not know, by what is in it."""
    name = _name(element)
    return name in _BLOCKS or (name not in _INLINE and any(_name(each) in _BLOCKS for each in element.iter()))


def _block(element: Element, depth: int) -> str:
    name = _name(element)
    if name == "pre":
        return _fenced("".join(element.itertext()))
    if name in {"ul", "ol"}:
        return _list(element, ordered=name == "ol", depth=depth)
    if name == "table":
        return _table(element, depth)
    inner = _blocks(element, depth)
    if name == "blockquote":
        return "\n".join(f"> {line}".rstrip() for line in inner.split("\n"))
    if re.fullmatch(r"h[1-6]", name) and inner and "\n" not in inner:
        return f"**{inner}**"
    return inner


def _inline_run(parts: list[Element | str], depth: int) -> str:
    """Texts and inline elements in a row; maths may reach over the texts, so it is found after joining them."""
    pieces: list[str] = []  # plain text between markup
    out: list[str] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        markup = _inline(part, depth + 1)
        if markup is not None:
            out += [_text(pieces), markup]
            pieces = []
    out.append(_text(pieces))
    return "".join(out).strip()


def _text(pieces: list[str]) -> str:
    raw = re.sub(r"[ \t\r\n\f]+", " ", "".join(pieces))
    pieces.clear()
    parts, end = [], 0
    for match in _MATHS.finditer(raw):
        parts += [_escaped(raw[end : match.start()]), _maths(match)]
        end = match.end()
    return "".join([*parts, _escaped(raw[end:])])


def _inline(element: Element, depth: int) -> str | None:
    """Markup for an inline element; None if nothing of it is shown."""
    _require_shallow(depth)
    name = _name(element)
    if name == "img" and (latex := element.get("data-equation-content")):  # Canvas draws formulas so
        return _text([rf"\({latex}\)"])
    if name in _PICTURES:
        raise Refused(
            "there is a picture, a sound or a video in it, and those are not taken in", "describe it in words"
        )
    if name == "math":
        return _mathml(element)
    if name in _DROPPED or not name:
        return None
    if name == "br":
        return "\\\n"
    if name in {"code", "tt", "kbd", "samp"}:
        return _code("".join(element.itertext()))
    inner = _inline_children(element, depth)
    wrap: dict[str, Callable[[str], str]] = {
        "em": lambda text: _around("*", text),
        "i": lambda text: _around("*", text),
        "strong": lambda text: _around("**", text),
        "b": lambda text: _around("**", text),
        "sub": lambda text: _raised("_", text),
        "sup": lambda text: _raised("^", text),
    }
    return wrap[name](inner) if name in wrap else inner


def _inline_children(element: Element, depth: int) -> str:
    run: list[Element | str] = [element.text or ""]
    for each in element:
        run += [each, each.tail or ""]
    joined = _inline_run(run, depth)
    first, last = (element.text or ""), ((element[-1].tail or "") if len(element) else (element.text or ""))
    return (" " if first[:1].isspace() else "") + joined + (" " if last[-1:].isspace() and joined else "")


def _around(mark: str, text: str) -> str:
    inner = text.strip()
    if not inner:
        return text
    start, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{start}{mark}{inner}{mark}{end}"


def _raised(mark: str, text: str) -> str:
    inner = text.strip()
    return f"${mark}{{{inner}}}$" if re.fullmatch(r"[A-Za-z0-9+-]{1,20}", inner) else inner


def _code(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    return f"{fence}{_harmless(text)}{fence}" if not re.match(r"`|.*`$", text) else f"{fence} {_harmless(text)} {fence}"


def _fenced(text: str) -> str:
    text = text.strip("\n").expandtabs(4)
    fence = "`" * max(3, max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    return f"{fence}\n{_harmless(text)}\n{fence}"


def _harmless(code: str) -> str:
    """Code cannot be escaped, and must be neither template nor blank."""
    return code.replace("{{", "{ {").replace("[[", "[ [")


def _mathml(element: Element) -> str:
    for each in element.iter():
        if _name(each) == "annotation" and each.get("encoding") == "application/x-tex":
            return _text([rf"\({''.join(each.itertext())}\)"])
    raise Refused("there is MathML in it", r"write the formula as LaTeX between \( and \) there")


def _list(element: Element, *, ordered: bool, depth: int) -> str:
    lines = []
    for number, each in enumerate((each for each in element if _name(each) == "li"), 1):
        mark = f"{number}. " if ordered else "- "
        inner = _blocks(each, depth + 1)
        lines.append(mark + inner.replace("\n", "\n" + " " * len(mark)))
    return "\n".join(lines)


def _table(element: Element, depth: int) -> str:
    rows = [
        [" ".join(_blocks(cell, depth + 1).split()) for cell in row if _name(cell) in {"td", "th"}]
        for row in element.iter()
        if _name(row) == "tr"
    ]
    rows = [row for row in rows if row]
    if not rows:
        return ""
    width = max(map(len, rows))
    padded = [row + [""] * (width - len(row)) for row in rows]
    lines = [padded[0], ["---"] * width, *padded[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _name(element: Element) -> str:
    """As written, in lower case: HTML may have names that XML does not."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _require_shallow(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Refused(f"a text of it nests more than {MAX_DEPTH} tags", "paste it there as plain text")

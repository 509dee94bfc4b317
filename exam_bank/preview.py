"""One item as its author wants to see it: the question, its key, and ten variants, as a page or a notebook."""

from html import escape
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from exam_bank import maths
from exam_bank.check import check_item
from exam_bank.item import Item, Review, Role
from exam_bank.life_cycle import short
from exam_bank.render import markdown, points_text
from exam_bank.scoring import ItemScore, score
from exam_bank.variant import Variant
from exam_bank.variant_maker import Proof, VariantError, try_proofs

VARIANTS = 10
CHECKED_SEEDS = 100

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --quiet: #555; --line: #bbb; --paper: #fff; --code: #f4f4f4;
  --alarm: #b3261e; --alarm-paper: #fdecea; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --quiet: #b0b0b0; --line: #5a5a5a; --paper: #161616; --code: #262626;
    --alarm: #ff8a80; --alarm-paper: #3a1c1a; }
  img.maths { filter: invert(.9); }
}
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink);
  background: var(--paper); }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.15rem; margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: .2rem 1rem; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
summary { cursor: pointer; padding: .3rem 0; } details { margin: .3rem 0; }
summary:focus-visible { outline: 2px solid; }
.display { text-align: center; margin: 1rem 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border: 1px solid var(--line); padding: .2rem .6rem; text-align: left; }
.error { background: var(--alarm-paper); border-left: 4px solid var(--alarm); padding: .5rem 1rem; }
pre { background: var(--code); padding: .7rem; overflow-x: auto; } img { max-width: 100%; }
"""


def preview_html(item: Item, *, variants: int = VARIANTS) -> str:
    """A page that stands alone: the item as learners see it, answers folded, and sample answers with their scores."""
    proofs = try_proofs([(item, seed) for seed in range(variants if _varies(item) else 1)])
    parts = [f"<h1>{escape(item.title)}</h1>", _facts(item), _findings(item)]
    parts += [_variant_html(item, seed, proof) for seed, proof in enumerate(proofs)]
    title = escape(f"{item.ref}: {item.title}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body><main>\n{chr(10).join(parts)}\n</main></body></html>\n"
    )


def preview_notebook(item: Item, *, variants: int = VARIANTS) -> NotebookNode:
    """A notebook with the item as a concept check, one cell for each variant."""
    cells = [new_markdown_cell(f"# {item.title}\n\n`{item.ref}`, {item.type}, {points_text(item.points)}", id="title")]
    proofs = try_proofs([(item, seed) for seed in range(variants if _varies(item) else 1)])
    for seed, proof in enumerate(proofs):
        text = str(proof) if isinstance(proof, VariantError) else _as_check(proof.variant, seed)
        cells.append(new_markdown_cell(text, id=f"variant-{seed}"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook: NotebookNode = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return notebook


def write_preview(item: Item, path: Path) -> None:
    """Writes the page to ``path``, or the notebook if that ends in ``.ipynb``."""
    is_notebook = path.suffix == ".ipynb"
    text = nbformat.writes(preview_notebook(item)) + "\n" if is_notebook else preview_html(item)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def _varies(item: Item) -> bool:
    return bool(item.variant_code) or item.type in {"single-choice", "multiple-choice", "matching", "ordering"}


def _as_check(variant: Variant, seed: int) -> str:
    return markdown(variant, Role.CONCEPT_CHECK, heading=f"Variant {seed}")


def _facts(item: Item) -> str:
    facts = {
        "Item": item.ref,
        "Type": item.type,
        "Skill": ", ".join(item.every_skill),
        "Status": f"{item.status.value}, for use in {item.use.value}",
        "Worth": f"{points_text(item.points)}, {item.minutes:g} minutes",
        "Topics": ", ".join(item.every_topic),
        "Set": item.set,
        "Enemies": ", ".join(item.enemies) or "none",
        "Version": item.version,
        "Author": item.author,
        "Reviewed by": "; ".join(_review(each, item) for each in item.reviewed_by),
    }
    facts = {name: value for name, value in facts.items() if value}
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    return f"<dl>{rows}</dl>"


def _review(review: Review, item: Item) -> str:
    of = "" if review.version == item.version else f", an earlier version ({short(review.version)})"
    return f"{review.by}, {review.date.isoformat()}{of}"


def _findings(item: Item) -> str:
    found = list(check_item(item, seeds=CHECKED_SEEDS))
    if not found:
        return f"<p>No findings over {CHECKED_SEEDS} seeds.</p>" if item.variant_code else "<p>No findings.</p>"
    lines = "".join(f"<li>{escape(each.message)}: {escape(each.mend)}</li>" for each in found)
    return f'<div class="error"><strong>Findings</strong><ul>{lines}</ul></div>'


def _variant_html(item: Item, seed: int, proof: Proof | VariantError) -> str:
    heading = f"<h2>Variant {seed}</h2>"
    if isinstance(proof, VariantError):
        return f'{heading}<p class="error">{escape(str(proof))}</p>'
    return (
        heading
        + _folds_to_html(markdown(proof.variant, Role.CONCEPT_CHECK, heading="Question"))
        + _samples(item, proof)
    )


def _folds_to_html(text: str) -> str:
    """Our own ``<details>`` stay; what is inside and between them is rendered."""
    done = []
    for part in text.split("<details>\n<summary>"):
        if "</summary>" not in part:
            done.append(maths.to_html(part))
            continue
        summary, _, rest = part.partition("</summary>")
        body, _, after = rest.partition("</details>")
        done.append(f"<details><summary>{maths.draw_dollars(summary)}</summary>{maths.to_html(body)}</details>")
        done.append(maths.to_html(after))
    return "".join(done)


def _samples(item: Item, proof: Proof) -> str:
    if not proof.responses:
        return ""
    rows = "".join(
        f"<tr><td>{escape(_shown(response))}</td><td>{escape(_scored(score(proof.variant, response)))}</td>"
        f"<td>{escape(sample.note)}</td></tr>"
        for sample, response in zip(item.samples, proof.responses, strict=True)
    )
    head = "<tr><th>Sample answer</th><th>Score</th><th>Note</th></tr>"
    return f"<details><summary>Sample answers</summary><table>{head}{rows}</table></details>"


def _shown(response: object) -> str:
    return response if isinstance(response, str) else repr(response)


def _scored(result: ItemScore) -> str:
    return result.outcome.value if result.points is None else f"{result.points:f}"

"""The similar answers of an assignment: read from its submissions, with what the author gave taken out."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from authoring import cells, nbgrader_api
from autograder.preparing import prepare
from autograder.similar.fragments import Piece, Text, side_by_side
from autograder.similar.pairs import Likeness, Pair, similar_pairs
from autograder.similar.tokens import code_tokens, words
from autograder.similar.winnowing import CODE, PROSE, Grain, run_hashes, winnow
from autograder.source import Source, load_source
from autograder.submission import read_submission

_MAX_CHARACTERS = 100_000  # of an answer; learners write less
_MAX_TOKENS = 20_000


@dataclass(frozen=True)
class AlikeAnswer:
    """Two answers to one question, side by side."""

    question: str  # "notebook: grade id"
    likeness: Likeness
    first: tuple[Piece, ...]
    second: tuple[Piece, ...]


@dataclass(frozen=True)
class AlikePair:
    """Two learners, and their answers that are alike."""

    learners: tuple[str, str]
    strength: float
    answers: tuple[AlikeAnswer, ...]


@dataclass(frozen=True)
class Similar:
    """What was found among the submissions of an assignment."""

    assignment: str
    compared: int  # submissions
    unread: tuple[str, ...]  # learners whose submission could not be read
    found: int  # pairs in all
    pairs: tuple[AlikePair, ...]  # the strongest, in order


def find_similar(root: Path, assignment: str, *, limit: int, done: Callable[[str], None] = lambda _: None) -> Similar:
    """Compare the answers of everybody who handed something in.

    Args:
        root: a course folder; it need not have a ``course.toml``.
        assignment: the name of a folder below ``source/``.
        limit: how many pairs to give.
        done: called with each learner whose submission was read.

    Raises:
        CoursewrightError: there is no such assignment.
    """
    course = nbgrader_api.open_course(root)
    author = load_source(course, course.known_source(assignment))
    class_ = _Class(author)
    for learner in course.learners(assignment):
        class_.add(learner, course.submitted(learner, assignment))
        done(learner)
    pairs = similar_pairs(class_.fingerprints)
    return Similar(
        assignment, class_.compared, tuple(class_.unread), len(pairs), tuple(map(class_.show, pairs[:limit]))
    )


@dataclass(frozen=True)
class _Question:
    """How the answers to a question are compared."""

    language: str  # "" for prose
    grain: Grain
    known: frozenset[int]  # hashes of all runs in what the author gave or wrote

    def read(self, text: str) -> Text:
        text = text[:_MAX_CHARACTERS]
        tokens = code_tokens(text, self.language) if self.language else words(text)
        return Text(text, tokens[:_MAX_TOKENS])

    def fingerprints(self, text: Text) -> tuple[int, ...]:
        return winnow(
            [found for found in run_hashes(text.tokens, self.grain.k) if found not in self.known], self.grain.window
        )


@dataclass
class _Class:
    """The answers that were read so far."""

    author: Source
    compared: int = 0
    unread: list[str] = field(default_factory=list)
    texts: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))  # by question and learner
    fingerprints: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self._questions = dict(_questions(self.author))

    def add(self, learner: str, folder: Path) -> None:
        prepared = prepare(self.author, read_submission(folder, learner))
        self.compared += bool(prepared.notebooks)
        if prepared.broken:
            self.unread.append(learner)
        for stem, rebuilt in prepared.notebooks.items():
            for cell in rebuilt.notebook.cells:
                name = f"{stem}: {cells.grade_id(cell)}"
                if (question := self._questions.get(name)) and cell.source.strip():
                    self.texts[name][learner] = cell.source
                    self.fingerprints[name][learner] = question.fingerprints(question.read(cell.source))

    def show(self, pair: Pair) -> AlikePair:
        answers = sorted(pair.answers.items(), key=lambda item: -item[1].bits * item[1].share)
        return AlikePair(pair.learners, pair.strength, tuple(self._show(name, found, pair) for name, found in answers))

    def _show(self, name: str, likeness: Likeness, pair: Pair) -> AlikeAnswer:
        question = self._questions[name]
        first, second = (question.read(self.texts[name][learner]) for learner in pair.learners)
        return AlikeAnswer(name, likeness, *side_by_side(first, second, question.grain.k, question.known))


def _questions(author: Source) -> Iterator[tuple[str, _Question]]:
    for stem, template in author.notebooks.items():
        language = _language(template)
        known: Mapping[bool, frozenset[int]] = {
            is_code: frozenset(_known_runs(author, stem, language if is_code else "")) for is_code in (True, False)
        }
        for cell in template.cells:
            if cells.grade_id(cell) and not cells.is_locked(cell) and not cells.is_task(cell):
                is_code = cell.cell_type == "code"
                grain = CODE if is_code else PROSE
                yield f"{stem}: {cells.grade_id(cell)}", _Question(language if is_code else "", grain, known[is_code])


def _known_runs(author: Source, stem: str, language: str) -> Iterator[int]:
    """The runs of everything that the author gave to learners, and of the author's own answers."""
    grain = CODE if language else PROSE
    for notebook in (author.notebooks[stem], author.reference[stem]):
        for cell in notebook.cells:
            yield from run_hashes(code_tokens(cell.source, language) if language else words(cell.source), grain.k)


def _language(template: NotebookNode) -> str:
    metadata = template.metadata
    found = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name")
    return str(found or "python")

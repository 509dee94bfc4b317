"""The proctored exam: a form for each learner, a sitting on a simulated clock, marks, and the proctor's reviews."""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, Self

from coursewright.demo.chance import chance
from coursewright.demo.clock import Clock
from coursewright.demo.people import Person
from coursewright.demo.responses import half, is_good, respond
from coursewright.demo.setting import Setting
from coursewright.report.exam_files import read_forms, read_sittings, sittings_file, sittings_url, write_form
from exam_bank.forms.assembly import assemble_forms
from exam_bank.forms.blueprint import read_blueprint
from exam_bank.forms.form import Form, FormSection
from exam_bank.forms.form_check import check_forms
from exam_bank.item import Item
from exam_bank.item_file import Bank, read_bank
from exam_bank.sittings.events import Decision, sitting_id
from exam_bank.sittings.grade import grade_sitting
from exam_bank.sittings.result import SittingState
from exam_bank.sittings.sitting import Sitting
from exam_bank.sittings.store import SittingStore
from exam_bank.variant import Variant
from exam_bank.variant_maker import Proof, try_proofs

EXTRA_TIME = Decimal("1.5")
_NO_SHOW, _TIMED_OUT, _EXTRA_TIME, _REJECTED, _SECOND_REVIEW, _UNMARKED = (
    "no-show",
    "timed-out",
    "extra-time",
    "rejected",
    "second-review",
    "unmarked",
)
_ODD = (_NO_SHOW, _TIMED_OUT, _EXTRA_TIME, _REJECTED, _SECOND_REVIEW, _UNMARKED)
_REGISTRAR, _PROCTOR, _MARKER = "registrar", "proctor", "ta-1"


@dataclass(frozen=True)
class _Known:
    """The bank, and every question of the forms with its item's sample answers, by item and seed."""

    bank: Bank
    proofs: Mapping[tuple[str, int], Proof]

    @classmethod
    def of(cls, setting: Setting, forms: Iterable[Form]) -> Self:
        bank = read_bank(setting.root)
        variants = [question.variant for form in forms for question in form.questions]
        tried = try_proofs([(bank.items[each.ref], each.seed) for each in variants])
        proofs = [each for each in tried if isinstance(each, Proof)]  # a form's questions were all tried before
        return cls(bank, {(each.variant.ref, each.variant.seed): each for each in proofs})

    def __getitem__(self, variant: Variant) -> tuple[Item, Proof]:
        return self.bank.items[variant.ref], self.proofs[variant.ref, variant.seed]


@dataclass(frozen=True)
class _Room:
    """What one sitting needs."""

    setting: Setting
    store: SittingStore
    clock: Clock
    known: "_Known"

    def name(self, form: Form) -> str:
        return sitting_id(self.setting.course.id, self.setting.exam.id, form.learner, form.attempt)


def assemble(setting: Setting) -> int:
    """A form for each learner who may sit the exam, each counted again without the solver; their number."""
    bank, blueprint = read_bank(setting.root), read_blueprint(setting.root / str(setting.exam.blueprint))
    learners = [person.id for person in setting.sitters]
    # A real exam's seed is a secret of the house; this one follows from the demo's, so that a demo can be repeated.
    seed = hashlib.sha256(f"coursewright demo exam {setting.seed}".encode()).digest()
    forms = assemble_forms(bank, blueprint, seed=seed, learners=learners)
    found = check_forms(list(forms.values()), bank, blueprint)
    for form, problems in zip(forms.values(), found, strict=True):
        if problems:
            raise AssertionError(f"the form of {form.learner} is not sound: {problems[0]}")
        write_form(setting.root, setting.exam.id, form)
    return len(forms)


def sit(setting: Setting) -> None:
    """Everybody's sitting, from the authorisation to handing in, or not."""
    forms = sorted(read_forms(setting.root, setting.exam.id).values(), key=lambda form: form.learner)
    ways = _ways(setting)
    people = {person.id: person for person in setting.people}
    sittings_file(setting.root).parent.mkdir(parents=True, exist_ok=True)
    clock = Clock()
    with closing(SittingStore(sittings_url(setting.root), clock=clock)) as store:
        room = _Room(setting, store, clock, _Known.of(setting, forms))
        for form in forms:
            _sit(room, form, people[form.learner], ways.get(form.learner, ""))


def _ways(setting: Setting) -> Mapping[str, str]:
    """Whose sitting does not go as sittings should."""
    sitters = [person.id for person in setting.sitters]
    odd = _ODD[: len(sitters) // 2]
    return dict(zip(chance(setting.seed, "sittings").sample(sitters, len(odd)), odd, strict=True))


def _sit(room: _Room, form: Form, person: Person, way: str) -> None:
    setting, clock, name = room.setting, room.clock, room.name(form)
    drawn = chance(setting.seed, "sitting", person.id)
    opens = setting.course.released_at(setting.exam)
    closes = setting.course.due_at(setting.exam) or setting.end_of_run
    clock.set(opens - timedelta(days=3))
    multiplier = EXTRA_TIME if way == _EXTRA_TIME else Decimal(1)
    room.store.authorise(form, course=setting.course.id, exam=setting.exam.id, by=_REGISTRAR, multiplier=multiplier)
    if way == _NO_SHOW:
        clock.set(closes + timedelta(hours=1))
        room.store.no_show(name, by=_PROCTOR)
        return
    clock.set(opens + (closes - opens - timedelta(hours=5)) * drawn.random())
    room.store.ready(name)
    clock.wait(minutes=drawn.uniform(2, 6))
    room.store.identify(name, by=_PROCTOR)
    for section in form.sections:
        clock.wait(minutes=drawn.uniform(1, 3))
        _answer(room, name, section, person, way, drawn)
    if way == _TIMED_OUT:
        clock.wait(minutes=30)
        room.store.time_out()
    else:
        clock.wait(minutes=1)
        room.store.submit(name)


def _answer(room: _Room, name: str, section: FormSection, person: Person, way: str, drawn: Random) -> None:
    """One section: responses arrive as they are given, and count if they arrive in time."""
    room.store.open_section(name, section.id)
    pace = {_TIMED_OUT: 1.15, _EXTRA_TIME: 1.3}.get(way, drawn.uniform(0.55, 0.92))
    for question in section.questions:
        room.clock.wait(minutes=section.minutes / len(section.questions) * pace)
        given = respond(*room.known[question.variant], person.ability, drawn)
        if given.value is not None:
            room.store.respond(name, question.id, given.value)


def mark(setting: Setting) -> tuple[int, int]:
    """A simulated marker gives the points of short answers; how many were marked, and how many are left."""
    forms, ways, clock = read_forms(setting.root, setting.exam.id), _ways(setting), Clock()
    clock.set(setting.end_of_run + timedelta(days=2))
    marked = left = 0
    with closing(SittingStore(sittings_url(setting.root), clock=clock)) as store:
        known = _Known.of(setting, forms.values())
        for sitting in store.sittings():
            form = forms[sitting.authorised.form]
            waiting = _waiting(sitting, form)
            if ways.get(form.learner) == _UNMARKED:
                left += len(waiting)
                continue
            for question in waiting:
                store.mark(sitting.id, question, _points(known, sitting, form, question), by=_MARKER)
                marked += 1
    return marked, left


def _waiting(sitting: Sitting, form: Form) -> list[str]:
    """The questions that a person has to mark."""
    if not sitting.opened:
        return []
    return [each.question for each in grade_sitting(sitting, form).questions if each.points is None]


def _points(known: _Known, sitting: Sitting, form: Form, question: str) -> Decimal:
    """What the marker gives: all for a good sample answer, half for its first half, and nothing for a poor one."""
    variant = next(each.variant for each in form.questions if each.id == question)
    item, proof = known[variant]
    good = [value for sample, value in zip(item.samples, proof.responses, strict=True) if is_good(sample)]
    response: Any = sitting.responses.get(question)
    if response in good:
        return variant.points
    return (variant.points / 2).quantize(Decimal(1)) if response in [half(each) for each in good] else Decimal(0)


def review(setting: Setting) -> Mapping[str, int]:
    """The proctor's reviews of the recordings; how many sittings ended how."""
    ways, clock = _ways(setting), Clock()
    with closing(SittingStore(sittings_url(setting.root), clock=clock)) as store:
        for sitting in store.sittings():
            if sitting.submitted_at is not None:
                clock.set(setting.end_of_run + timedelta(days=4))
                _review(store, clock, sitting, ways.get(sitting.authorised.learner, ""))
    states = [sitting.state for sitting in read_sittings(setting.root)]
    return {state.value: states.count(state) for state in SittingState if state in states}


def _review(store: SittingStore, clock: Clock, sitting: Sitting, way: str) -> None:
    store.start_review(sitting.id)
    clock.wait(hours=30)
    if way == _REJECTED:
        note = "A second person spoke in the room."
        store.review(sitting.id, Decision.REJECTED, by=_PROCTOR, key="review-1", note=note)
    elif way == _SECOND_REVIEW:
        note = "The camera was covered for four minutes."
        store.review(sitting.id, Decision.SECOND_REVIEW, by=_PROCTOR, key="review-1", note=note)
    else:
        store.review(sitting.id, Decision.VERIFIED, by=_PROCTOR, key="review-1")

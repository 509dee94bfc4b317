"""The demo's learners: fictional, each with an ability, a diligence and an enrolment.

Every family name means "example" in some language, so that nobody takes a demo's credential for a real person's.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from random import Random

from msgspec import structs

from authoring.course import Course
from coursewright.demo.chance import chance
from release.enrolment import COLUMNS, Enrolment, Track

NAMES = (
    "Amina Mfano",
    "Jonas Beispiel",
    "Zofia Przykład",
    "João Exemplo",
    "Ayşe Örnek",
    "Pál Példa",
    "Linh Vídụ",
    "Siti Contoh",
    "Søren Eksempel",
    "Petra Příklad",
    "Eirini Parádeigma",
    "Hana Yesi",
    "Rūta Pavyzdys",
    "Tāne Tauira",
    "Gwen Enghraifft",
    "Aoife Sampla",
    "Sanna Esimerkki",
    "Gunnar Dæmi",
    "Kenji Rei",
    "Layla Mithāl",
    "Mirela Exemplu",
    "Anjali Udāharaṇ",
    "Kaimana Laana",
    "Nilufar Namuna",
    "Iker Adibide",
    "Mari Näide",
    "Dafina Shembull",
    "Olha Pryklad",
    "Chiara Esempio",
    "Noa Dugma",
    "Kofi Nhwɛsoɔ",
    "Mateo Ejemplo",
    "Élise Exemple",
    "Ebba Exempel",
    "Bo Shili",
    "Davit Magaliti",
)

# How a run's learners differ from a verified one; in this order, and again from the start in a large class.
_ODD = (
    "audit",
    "late",
    "audit",
    "refunded",
    "audit",
    "unchecked",
    "audit",
    "audit",
    "late",
    "audit",
    "audit",
    "second",
)
_SHARE_OF_ODD = 4  # one in four


@dataclass(frozen=True)
class Person:
    """One learner. ``ability`` is a standard normal score, ``diligence`` a fraction."""

    id: str
    name: str | None  # None: does not want it on a credential
    ability: float
    diligence: float
    enrolment: Enrolment


def people(course: Course, number: int, seed: int) -> tuple[Person, ...]:
    """The learners of a run, by id."""
    drawn = chance(seed, "people")
    ids = [f"learner-{each:03d}" for each in range(1, number + 1)]
    odd = [_ODD[each % len(_ODD)] for each in range(number // _SHARE_OF_ODD)]
    ways = dict(zip(drawn.sample(ids, len(odd)), odd, strict=True))
    names = dict(zip(drawn.sample(ids, min(len(NAMES), number)), NAMES, strict=False))
    people = [_person(course, each, ways.get(each, ""), names.get(each), drawn) for each in ids]
    return tuple(_with_tag(each, people) if ways.get(each.id) == "second" else each for each in people)


def _with_tag(person: Person, people: Sequence[Person]) -> Person:
    """The person with another's e-mail address and a tag behind it, as people make them who open a second account."""
    other = next(each for each in people if each.id != person.id)
    name, _, domain = other.enrolment.email.partition("@")
    return replace(person, enrolment=structs.replace(person.enrolment, email=f"{name}+again@{domain}"))


def _person(course: Course, learner: str, way: str, name: str | None, drawn: Random) -> Person:
    keen = 0.0 if way == "audit" else 0.45  # who pays, studies
    return Person(
        id=learner,
        name=name,
        ability=drawn.gauss(keen + 0.25, 0.85),
        diligence=min(1.0, max(0.3, drawn.gauss(0.82 + keen / 4, 0.12))),
        enrolment=_enrolment(course, learner, way, drawn),
    )


def _enrolment(course: Course, learner: str, way: str, drawn: Random) -> Enrolment:
    deadline = course.instant(course.verification_deadline).astimezone(UTC)
    begin = datetime.combine(course.starts, time(12), tzinfo=UTC) - timedelta(days=7)
    in_time = begin + (deadline - begin) * drawn.random() * 0.95
    verified_at = {"audit": None, "unchecked": None, "late": deadline + timedelta(hours=drawn.randrange(2, 70))}
    moment = verified_at.get(way, in_time)
    moment = moment.replace(second=0, microsecond=0) if moment else None
    refunded = moment + timedelta(days=drawn.randrange(3, 14)) if way == "refunded" and moment else None
    return Enrolment(
        learner=learner,
        track=Track.AUDIT if way == "audit" else Track.VERIFIED,
        verified_at=moment,
        verification=f"check-{drawn.randrange(16**8):08x}" if moment else "",
        email=f"{learner}@example.org",
        refunded_at=refunded,
    )


def enrolments_csv(enrolments: Iterable[Enrolment]) -> str:
    """The enrolments as the CSV that registrars keep."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in enrolments:
        times = {key: _shown(getattr(each, key)) for key in ("verified_at", "refunded_at")}
        row = {"learner": each.learner, "track": each.track.value, "verification": each.verification, **times}
        row["email"] = each.email
        writer.writerow([row[column] for column in COLUMNS])
    return text.getvalue()


def _shown(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""

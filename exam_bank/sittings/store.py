"""Attempts at exams, kept: what may be done with one, each on the server's clock and by append-only events.

An event is written only if :func:`exam_bank.sittings.sitting.apply` allows it after all events before it, in one
transaction in which nobody else writes to the attempt. A database is SQLite or PostgreSQL.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hmac import compare_digest
from typing import Any

from exam_bank.forms.form import Form
from exam_bank.sittings import limits
from exam_bank.sittings.database import Database
from exam_bank.sittings.events import (
    Appealed,
    Authorised,
    Decision,
    Event,
    Extended,
    Heard,
    Identified,
    Marked,
    Moved,
    NoShow,
    PlannedQuestion,
    PlannedSection,
    Ready,
    Responded,
    Reviewed,
    ReviewStarted,
    SectionOpened,
    SessionClosed,
    SessionOpened,
    SittingError,
    Submitted,
    TimedOut,
    Window,
    sitting_id,
)
from exam_bank.sittings.log import Known, Log
from exam_bank.sittings.rules import Rules, next_window
from exam_bank.sittings.sessions import Session
from exam_bank.sittings.sitting import (
    HANDED_IN,
    LONGEST_MULTIPLIER,
    Sitting,
    apply,
    check_review,
    is_known,
)
from exam_bank.sittings.view import Connection, Receipt, View, view_of

_LONGEST_NAME, _LONGEST_NOTE = 100, 4_000
_QUIET = timedelta(seconds=30)  # a client that saves nothing is written down so often
_NO_RULES = Rules()


class SittingStore:
    """The attempts at exams of one database.

    Args:
        url: a SQLAlchemy URL, such as ``sqlite:///sittings.db``.
        clock: the server's clock; aware datetimes.

    Raises:
        SittingStoreError: the database cannot be used, or is of another version.
    """

    def __init__(self, url: str, *, clock: Callable[[], datetime]) -> None:
        self._database = Database(url)
        self._log = Log(self._database)
        self._clock = clock

    @property
    def database(self) -> Database:
        """Where they are kept."""
        return self._database

    def close(self) -> None:
        """Closes every connection."""
        self._database.close()

    def now(self) -> datetime:
        """The server's time, in UTC.

        Raises:
            ValueError: the clock gives a time without a zone.
        """
        now = self._clock()
        if now.tzinfo is None:
            raise ValueError("the clock gives a time without a zone")
        return now.astimezone(UTC)

    # ---- reading

    def events(self, sitting: str) -> list[Event]:
        """What happened in an attempt, in order."""
        return self._log.events(sitting)

    def sitting(self, sitting: str) -> Sitting:
        """Where an attempt is.

        Raises:
            SittingError: there is no such attempt.
        """
        return self._log.read(sitting)

    def sittings(self, *, course: str = "", exam: str = "") -> list[Sitting]:
        """Every attempt, by id; of one course or one exam of it, if it is named."""
        prefix = "".join(f"{part}/" for part in (course, exam) if part)
        return [
            each
            for each in self._log.read_all(prefix)
            if course in {"", each.authorised.course} and exam in {"", each.authorised.exam}
        ]

    # ---- before

    def authorise(
        self,
        form: Form,
        *,
        course: str,
        exam: str,
        by: str,
        multiplier: Decimal = Decimal(1),
        rules: Rules = _NO_RULES,
    ) -> Sitting:
        """A new attempt of the form's learner.

        Args:
            form: what is asked.
            course: the course's id.
            exam: the exam's id.
            by: who authorises.
            multiplier: 1 to 10, lengthens every section.
            rules: when it may be taken, and how often.

        Raises:
            SittingError: the attempt exists, or the learner may not begin it.
        """
        for part in (course, exam, form.learner):
            if not part or "/" in part or len(part) > _LONGEST_NAME or not part.isprintable():
                raise SittingError("(none)", f"{part[:100]!r} cannot name a part of it: 1 to 100 characters without /")
        name = sitting_id(course, exam, form.learner, form.attempt)
        if not multiplier.is_finite() or not 1 <= multiplier <= LONGEST_MULTIPLIER:
            raise SittingError(name, f"the time multiplier is {multiplier}; give 1 or more, and at most 10")

        def make(_known: Known) -> Sequence[Event]:
            own = f"{course}/{exam}/{form.learner}/"
            earlier = [each for each in self._log.read_all(own) if each.id.startswith(own)]
            window = next_window(name, form.attempt, rules, sorted(earlier, key=lambda each: each.authorised.attempt))
            return [_authorised(form, course, exam, _who(name, by), multiplier, window, self.now())]

        # The learner is locked, not the attempt: two attempts at the same moment must not both be the first.
        return _there(self._log.append(name, make, scope=f"{course}/{exam}/{form.learner}"))

    def ready(self, sitting: str) -> Sitting:
        """The proctoring software runs."""
        return self._append(sitting, lambda at: Ready(at=at))

    def identify(self, sitting: str, *, by: str) -> Sitting:
        """The identity document was checked."""
        return self._append(sitting, lambda at: Identified(at=at, by=_who(sitting, by)))

    def move(self, sitting: str, window: Window, *, by: str, reason: str) -> Sitting:
        """Give the learner a window of their own, for the sections that are not opened yet."""
        given = _reason(sitting, reason)
        return self._append(sitting, lambda at: Moved(at=at, window=window, by=_who(sitting, by), reason=given))

    def no_show(self, sitting: str, *, by: str) -> Sitting:
        """The learner never opened a section; not before the window has closed."""
        return self._append(sitting, lambda at: NoShow(at=at, by=_who(sitting, by)))

    # ---- under way

    def connect(self, sitting: str, *, client: str = "") -> Connection:
        """A client comes, for the first time or after a crash: it gets a session, which takes over, and what is there.

        Raises:
            SittingError: there is nothing to connect to any more.
        """
        token = secrets.token_urlsafe(32)
        label = "".join(each if each.isprintable() else " " for each in client[:_LONGEST_NAME])

        def make(known: Known, at: datetime) -> Sequence[Event]:
            if known.sitting and len(known.sitting.sessions) >= limits.MAX_SESSIONS:
                raise SittingError(sitting, f"{limits.MAX_SESSIONS} clients have connected; a person has to look at it")
            return [SessionOpened(at=at, hash=_hash(token), client=label)]

        after = self._write(sitting, make)
        return Connection(token=token, session=len(after.sessions), view=view_of(after, self.now()))

    def view(self, sitting: str, token: str) -> View:
        """Where the attempt is, for the client of a session.

        Raises:
            SittingError: there is no such session.
        """
        found = self.sitting(sitting)
        _session(found, token)
        return view_of(found, self.now())

    def open_section(self, sitting: str, section: str) -> Sitting:
        """The learner opens a section; its time runs from now."""
        return self._append(sitting, lambda at: SectionOpened(at=at, section=section))

    def save(self, sitting: str, token: str, seq: int, responses: Mapping[str, Any]) -> Receipt:
        """Take in what a client saves, as often as it comes: what changed, or nothing to say that it is there.

        Args:
            sitting: the attempt.
            token: the session's.
            seq: the client's number of this save, from 1. The same save again does nothing, and of two saves of a
                question the higher number wins, in whatever order they come.
            responses: by question.

        Raises:
            TooOftenError: nothing was kept; send it again later.
            SittingError: there is no such session, a question's section was not opened, or something is too large.
        """
        receipt: dict[str, list[str]] = {"written": [], "repeated": []}
        late: list[int] = []

        def make(known: Known, at: datetime) -> Sequence[Event]:
            before = _there(known)
            mine = _session(before, token)
            given = limits.checked_save(sitting, seq, responses, known.bytes)
            made = [
                Responded(at=at, question=question, response=response, session=mine.number, seq=seq)
                for question, response in sorted(given.items())
            ]
            new = [each for each in made if not is_known(before, each)]
            receipt["written"] = [each.question for each in new]
            receipt["repeated"] = [each.question for each in made if each not in new]
            late.append(len(before.late))
            if new:
                limits.check_rate(sitting, known.saves, at)
                return new
            return [Heard(at=at, session=mine.number)] if _is_quiet(before, mine, at) else []

        after = self._write(sitting, make)
        kept = {each.question: each.why.value for each in after.late[late[-1] :]}
        return Receipt(
            counted=tuple(each for each in receipt["written"] if each not in kept),
            repeated=tuple(receipt["repeated"]),
            kept=kept,
            view=view_of(after, self.now()),
        )

    def disconnect(self, sitting: str, token: str) -> Sitting:
        """A client says good-bye; the next one is then no second one."""

        def make(known: Known, at: datetime) -> Sequence[Event]:
            return [SessionClosed(at=at, session=_session(_there(known), token).number)]

        return self._write(sitting, make)

    def extend(self, sitting: str, minutes: int, *, by: str, reason: str) -> Sitting:
        """Grant minutes for the section that was opened last, also just after it timed out.

        Raises:
            SittingError: no section was opened, or the attempt was handed in.
        """
        given = _reason(sitting, reason)
        if minutes > 24 * 60:
            raise SittingError(sitting, f"{minutes} minutes are more than a day; give the learner another attempt")
        return self._append(sitting, lambda at: Extended(at=at, minutes=minutes, by=_who(sitting, by), reason=given))

    def respond(self, sitting: str, question: str, response: Any) -> Sitting:
        """A response arrives from a file or a person; after the deadline it is kept and does not count.

        Raises:
            SittingError: the question's section was not opened, or the response is too large.
        """
        return self.respond_all(sitting, {question: response})

    def respond_all(self, sitting: str, responses: Mapping[str, Any]) -> Sitting:
        """As :meth:`respond`, for several questions: all of it is written, or nothing."""
        plain = limits.plain(sitting, responses)
        return self._write(sitting, lambda _known, at: _responded(plain, at))

    def submit(self, sitting: str, responses: Mapping[str, Any] | None = None) -> Sitting:
        """The learner hands in, with ``responses`` as the last word; if the time is over, the attempt timed out.

        All of it is written, or nothing.
        """
        plain = limits.plain(sitting, responses or {})

        def make(known: Known, at: datetime) -> Sequence[Event]:
            over = known.sitting is not None and known.sitting.is_over(at)
            return [*_responded(plain, at), TimedOut(at=at) if over else Submitted(at=at)]

        return self._write(sitting, make)

    def time_out(self, *, course: str = "", exam: str = "") -> tuple[str, ...]:
        """Ends every attempt whose time is over.

        Returns:
            Their ids.
        """
        now = self.now()
        over = [each.id for each in self.sittings(course=course, exam=exam) if each.is_over(now)]
        return tuple(name for name in over if self._end(name, Sitting.is_over, lambda at: TimedOut(at=at)))

    def miss(self, *, by: str, course: str = "", exam: str = "") -> tuple[str, ...]:
        """Records a no-show for every attempt whose window closed before a section was opened; their ids."""
        now, who = self.now(), _who("(all)", by)
        missed = [each.id for each in self.sittings(course=course, exam=exam) if each.is_missed(now)]
        return tuple(name for name in missed if self._end(name, Sitting.is_missed, lambda at: NoShow(at=at, by=who)))

    def _end(self, name: str, is_due: Callable[[Sitting, datetime], bool], make: Callable[[datetime], Event]) -> bool:
        """False: it was ended, or got more time, in the meantime."""
        done: list[Event] = []

        def once(known: Known, at: datetime) -> Sequence[Event]:
            done.extend([make(at)] if is_due(_there(known), at) else [])
            return done

        self._write(name, once)
        return bool(done)

    # ---- afterwards

    def mark(self, sitting: str, question: str, points: Decimal, *, by: str, note: str = "") -> Sitting:
        """A person gives the points of a question; the last mark counts, all are kept."""
        who = _who(sitting, by)
        return self._append(sitting, lambda at: Marked(at=at, question=question, points=points, by=who, note=note))

    def start_review(self, sitting: str) -> Sitting:
        """The recording goes to the proctor."""
        return self._append(sitting, lambda at: ReviewStarted(at=at))

    def review(
        self,
        sitting: str,
        decision: Decision,
        *,
        by: str,
        key: str,
        note: str = "",
        source: str = "",
        said_at: datetime | None = None,
    ) -> Sitting:
        """The proctor's decision comes in; the one door for all ways by which it can come.

        Args:
            sitting: the attempt.
            decision: what the review came to.
            by: who decided.
            key: names this message of the proctor's; telling it again does nothing.
            note: what the proctor says; the reason, if it is rejected.
            source: by which way it came.
            said_at: when the proctor says it was decided: only the order of the messages of one source.

        Raises:
            SittingError: the attempt is not in review, ``key`` said something else before, or the review is refused.
        """
        if not key or len(key) > _LONGEST_NAME or len(note) > _LONGEST_NOTE:
            raise SittingError(sitting, "a review has a key of 1 to 100 characters and a note of at most 4,000")
        who = _who(sitting, by)

        def make(known: Known, at: datetime) -> Sequence[Event]:
            before = _there(known)
            new = Reviewed(at=at, decision=decision, by=who, key=key, note=note, source=source, said_at=said_at)
            if _told_before(before, new):
                return []
            check_review(before, new)
            return [ReviewStarted(at=at), new] if before.state in HANDED_IN else [new]

        return self._write(sitting, make)

    def appeal(self, sitting: str, *, by: str, reason: str) -> Sitting:
        """A decision is to be looked at again, once, by somebody who has not decided yet."""
        given = _reason(sitting, reason)
        return self._append(sitting, lambda at: Appealed(at=at, by=_who(sitting, by), reason=given))

    # ---- writing

    def _append(self, name: str, make: Callable[[datetime], Event]) -> Sitting:
        return self._write(name, lambda _known, at: [make(at)])

    def _write(self, name: str, make: Callable[[Known, datetime], Sequence[Event]]) -> Sitting:
        def dated(known: Known) -> Sequence[Event]:
            if known.sitting is None:
                raise SittingError(name, "there is no such attempt; authorise it first")
            # A clock that is set back reorders nothing.
            return make(known, max(self.now(), known.sitting.last))

        return _there(self._log.append(name, dated))


def _authorised(
    form: Form, course: str, exam: str, by: str, multiplier: Decimal, window: Window | None, at: datetime
) -> Authorised:
    sections = tuple(
        PlannedSection(
            id=each.id,
            minutes=each.minutes,
            questions=tuple(PlannedQuestion(id=one.id, points=one.variant.points) for one in each.questions),
        )
        for each in form.sections
    )
    return Authorised(
        at=at,
        course=course,
        exam=exam,
        learner=form.learner,
        attempt=form.attempt,
        form=form.version,
        max_score=form.points,
        sections=sections,
        multiplier=multiplier,
        by=by,
        window=window,
    )


def _responded(responses: Mapping[str, Any], at: datetime) -> list[Responded]:
    return [Responded(at=at, question=question, response=given) for question, given in sorted(responses.items())]


def _there(known: Known) -> Sitting:
    if known.sitting is None:
        raise SittingError("(none)", "there is no such attempt; authorise it first")
    return known.sitting


def _session(sitting: Sitting, token: str) -> Session:
    """The session of a token.

    Raises:
        SittingError: there is none.
    """
    wanted = _hash(token)
    for session in reversed(sitting.sessions):
        if compare_digest(session.hash, wanted):
            return session
    raise SittingError(sitting.id, "this session is not known; connect again")


def _hash(token: str) -> str:
    """A token has 256 random bits, so a plain hash of it cannot be tried out."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _is_quiet(sitting: Sitting, session: Session, at: datetime) -> bool:
    # Of a session that was replaced, being there is told once.
    due = at - session.heard >= _QUIET if session.number == len(sitting.sessions) else not session.overlaps
    try:
        apply(sitting, Heard(at=at, session=session.number))
    except SittingError:
        return False
    return due


def _told_before(sitting: Sitting, new: Reviewed) -> bool:
    """Whether this message came before.

    Raises:
        SittingError: one with its key did, and said something else.
    """
    for earlier in sitting.reviews:
        if (earlier.source, earlier.key) == (new.source, new.key):
            if (earlier.decision, earlier.by, earlier.note) != (new.decision, new.by, new.note):
                raise SittingError(
                    sitting.id, f"the review {new.key!r} came before and said {earlier.decision.value}; ask"
                )
            return True
    return False


def _who(sitting: str, name: str) -> str:
    who = " ".join(name.split())
    if not who or len(who) > _LONGEST_NAME or not who.isprintable():
        raise SittingError(sitting, "it is not said who does it; give a name of 1 to 100 characters")
    return who


def _reason(sitting: str, reason: str) -> str:
    given = reason.strip()
    if not given or len(given) > _LONGEST_NOTE:
        raise SittingError(sitting, "it is not said why; give a reason of 1 to 4,000 characters")
    return given

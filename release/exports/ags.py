"""LTI 1.3 Assignment and Grade Services: line items made or found, scores sent, results read back.

An assignment's line item is the one with our resource id and tag; it is made where there is none. A score has its
points only when it is graded: who attempted nothing is "Initialized" and "NotReady", what waits for a person is
"Submitted" and "PendingManual". A score's timestamp is later than that of the one before. What the journal says was
sent and has not changed is not sent again; what was being sent when the power went is sent again as it was, timestamp
and all, and a platform that has it already says so (409).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem

from release.canonical import digest
from release.exports.ags_connector import LINE_ITEM, Patience, PatientConnector, PlatformError
from release.exports.ags_journal import Journal, Noted, Progress
from release.exports.ags_platform import Platform
from release.exports.lti_key import LtiKey
from release.exports.mapping import Person
from release.exports.table import Column, GradeTable, LearnerGrades, Score, State

_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPES = (f"{_SCOPE}lineitem", f"{_SCOPE}score", f"{_SCOPE}result.readonly")
TAG = "coursewright"
_RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
_PROGRESS = {
    State.GRADED: ("Completed", "FullyGraded"),
    State.PENDING: ("Submitted", "PendingManual"),
    State.NOT_ATTEMPTED: ("Initialized", "NotReady"),
    State.EXCUSED: ("Initialized", "NotReady"),
    State.NO_SCORE: ("Initialized", "NotReady"),
    State.NOT_AVAILABLE: ("Initialized", "NotReady"),
}
_STEP = timedelta(milliseconds=1)
_ALIKE = Decimal("0.000001")  # of the maximum: platforms keep results as doubles
_HOPELESS = frozenset({0, 401, 403, 408, 429, 500, 502, 503, 504})  # what one score gets, all would get


@dataclass(frozen=True)
class Message:
    """One user's score of one assignment, as it is sent."""

    assignment: str
    user: str
    learner: str
    score: Score

    @property
    def digest(self) -> str:
        """The hash of everything that is sent but the time."""
        return digest([self.user, self.score.state, self.score.points, self.score.possible])

    def grade(self, at: datetime) -> Grade:
        """The score as PyLTI1p3 sends it."""
        activity, grading = _PROGRESS[self.score.state]
        made = Grade().set_user_id(self.user).set_activity_progress(activity).set_grading_progress(grading)
        made.set_timestamp(at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))
        if self.score.points is not None and self.score.possible is not None:
            made.set_score_given(float(self.score.points)).set_score_maximum(float(self.score.possible))
        return made


@dataclass
class Sent:
    """What came of sending."""

    sent: int = 0
    unchanged: int = 0
    refused: list[tuple[Message, str]] = field(default_factory=list)  # and why


class Service:
    """The line items of one course in a platform."""

    def __init__(self, platform: Platform, key: LtiKey, patience: Patience) -> None:
        self._patience = patience
        self._line_items = platform.line_items
        self._connector = PatientConnector(platform, key, patience)
        self._service = AssignmentsGradesService(
            self._connector,
            {"scope": list(SCOPES), "lineitems": platform.line_items},  # type: ignore[arg-type]
        )

    def line_item(self, table: GradeTable, column: Column) -> LineItem:
        """The assignment's line item; made if there is none, once however often it is asked for.

        Raises:
            PlatformError: the platform refused or cannot be reached, or has two that are alike.
        """
        resource = f"{table.course}/{table.run}/{column.id}"
        for attempt in range(1, self._patience.attempts + 1):
            if (found := self._find(resource)) is not None:
                return found
            try:
                return self._make(resource, column)
            except PlatformError as error:
                if 0 < error.status < 500 or attempt == self._patience.attempts:
                    raise
                self._patience.wait(self._patience.pause(attempt, None))  # it may have been made: look again
        raise PlatformError(resource, 0, "the line item can be neither found nor made.")

    def _find(self, resource: str) -> LineItem | None:
        known = [each for each in self._service.get_lineitems() if isinstance(each, dict)]
        own = [each for each in known if each.get("resourceId") == resource and each.get("tag") == TAG]
        if len(own) > 1:
            raise PlatformError(resource, 0, f"the platform has {len(own)} line items of this; delete all but one.")
        return LineItem(own[0]) if own else None  # type: ignore[arg-type]

    def _make(self, resource: str, column: Column) -> LineItem:
        item = LineItem().set_resource_id(resource).set_tag(TAG).set_label(column.title)
        item.set_score_maximum(float(column.possible or 100))
        if column.due is not None:
            item.set_end_date_time(column.due.astimezone(UTC).isoformat().replace("+00:00", "Z"))
        made = self._connector.make_service_request(
            list(SCOPES),
            self._line_items,
            is_post=True,
            data=item.get_value(),
            content_type=LINE_ITEM,
            accept=LINE_ITEM,
        )
        if not isinstance(made["body"], dict) or not isinstance(made["body"].get("id"), str):
            raise PlatformError(self._line_items, 400, "the platform's answer is no line item.")
        return LineItem(made["body"])  # type: ignore[arg-type]

    def put(self, item: LineItem, grade: Grade) -> None:
        """Send a score.

        Raises:
            PlatformError: the platform refused or cannot be reached.
        """
        self._service.put_grade(grade, item)

    def results(self, item: LineItem) -> Mapping[str, Mapping[str, Any]]:
        """What the platform has of an item, by user.

        Raises:
            PlatformError: the platform refused or cannot be reached, or answered something else.
        """
        address, query, rest = str(item.get_id()).partition("?")
        url: str | None = f"{address.rstrip('/')}/results{query}{rest}"
        found: dict[str, Mapping[str, Any]] = {}
        while url:
            page = self._connector.make_service_request(list(SCOPES), url, accept=_RESULTS)
            if not isinstance(page["body"], list):
                raise PlatformError(url, 0, "the platform's answer is no list of results.")
            found |= {str(each.get("userId")): each for each in page["body"] if isinstance(each, dict)}
            url = page["next_page_url"]
        return found


def messages(table: GradeTable, matched: Iterable[tuple[LearnerGrades, Person]]) -> Sequence[Message]:
    """Every score to send, assignment by assignment."""
    people = list(matched)
    return [
        Message(column.id, person["lti_user"], row.learner, row.scores[column.id])
        for column in table.columns
        for row, person in people
    ]


def send(
    service: Service,
    items: Mapping[str, LineItem],
    scores: Iterable[Message],
    journal: Journal,
    *,
    at: datetime,
    told: Callable[[Message], None] = lambda _: None,
) -> Sent:
    """Send what is new.

    Args:
        service: the platform.
        items: the line item of each assignment.
        scores: what is to be there in the end.
        journal: what was sent before.
        at: now.
        told: is called after each score.

    Raises:
        PlatformError: the platform cannot be reached, or takes nothing from this tool.
    """
    came = Sent()
    for message in scores:
        _send(service, items[message.assignment], message, journal, at, came)
        told(message)
    return came


def _send(service: Service, item: LineItem, message: Message, journal: Journal, at: datetime, came: Sent) -> None:
    address = str(item.get_id())
    last = journal.last(address, message.user)
    if last is not None and last.digest == message.digest and last.progress is Progress.SENT:
        came.unchanged += 1
        return
    if last is not None and last.digest == message.digest and last.progress is Progress.SENDING:
        noted = last  # the same message, to the timestamp
    else:
        moment = at if last is None else max(at, last.timestamp + _STEP)
        noted = Noted(
            item=address,
            user=message.user,
            digest=message.digest,
            timestamp=moment,
            progress=Progress.SENDING,
        )
        journal.note(noted)
    problem = _put(service, item, message, noted.timestamp)
    if problem:
        came.refused.append((message, problem))
    else:
        came.sent += 1
    journal.note(_now(noted, Progress.REFUSED if problem else Progress.SENT))


def _now(noted: Noted, progress: Progress) -> Noted:
    return Noted(item=noted.item, user=noted.user, digest=noted.digest, timestamp=noted.timestamp, progress=progress)


def _put(service: Service, item: LineItem, message: Message, at: datetime) -> str:
    """Why the platform did not take the score, or nothing."""
    try:
        service.put(item, message.grade(at))
    except PlatformError as error:
        if error.status in _HOPELESS:
            raise
        if error.status == 409 and is_there(service.results(item).get(message.user), message.score):
            return ""  # it arrived before
        return str(error)
    return ""


def differences(
    service: Service, items: Mapping[str, LineItem], scores: Iterable[Message]
) -> list[tuple[Message, str]]:
    """Every score that the platform does not have as it was sent, read back from its results."""
    results = {assignment: service.results(item) for assignment, item in items.items()}
    return [
        (message, f"the platform has {_shown(there)}")
        for message in scores
        if not is_there(there := results[message.assignment].get(message.user), message.score)
    ]


def is_there(result: Mapping[str, Any] | None, score: Score) -> bool:
    """Whether a platform's result is the score: the same share of the maximum, or none where there is none."""
    given = None if result is None else result.get("resultScore")
    if score.points is None or score.possible is None or given is None:
        return given is None and score.points is None
    most = Decimal(str((result or {}).get("resultMaximum", 1)))
    return abs(Decimal(str(given)) * score.possible - score.points * most) <= _ALIKE * score.possible * most


def _shown(result: Mapping[str, Any] | None) -> str:
    if result is None or result.get("resultScore") is None:
        return "no score"
    return f"{result['resultScore']} of {result.get('resultMaximum', 1)}"

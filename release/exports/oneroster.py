"""OneRoster 1.2 CSV: a zip of the files that a bulk set of grades needs, each with the columns of the CSV binding.

Everything that is ours (class, course, term, school, line items, results) has an id that is computed from the run, so
that the same grades give the same ids whenever they are exported; users have the ids that the mapping gives them. The
course grade is a line item of its own, out of 100. Dates are those of the run.
"""

import io
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from release.exports.cells import number
from release.exports.export import Export
from release.exports.mapping import People, Person, all_of, joined
from release.exports.oneroster_files import COLUMNS, FILES
from release.exports.sheet import texts, written
from release.exports.table import Column, GradeTable, LearnerGrades, Score, State

COURSE_GRADE = "course-grade"
_LACKING = all_of("oneroster_user", "given_name", "family_name")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:coursewright:oneroster")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can name, so that equal grades are equal bytes
STATUS = {
    State.GRADED: "fully graded",
    State.PENDING: "submitted",
    State.NO_SCORE: "submitted",
    State.NOT_ATTEMPTED: "not submitted",
    State.EXCUSED: "exempt",
    State.NOT_AVAILABLE: "exempt",
}


@dataclass(frozen=True)
class Ids:
    """The ids of one run."""

    course: str
    run: str

    def of(self, kind: str, *names: str) -> str:
        """The id of a thing of the run; a UUID."""
        return str(uuid.uuid5(_NAMESPACE, "\n".join([self.course, self.run, kind, *names])))


def oneroster_zip(table: GradeTable, people: People, *, organisation: str) -> Export:
    """The zip.

    Args:
        table: the grades.
        people: who they are in the student information system.
        organisation: the school's name.
    """
    matched, unmatched = joined(table, people, _LACKING)
    ids = Ids(table.course, table.run)
    files: dict[str, Sequence[Mapping[str, str]]] = {
        "academicSessions": [_session(table, ids)],
        "categories": [_category(each.id, each.title, each.weight, ids) for each in table.categories],
        "classes": [_class(table, ids)],
        "courses": [_course(table, ids)],
        "enrollments": [_enrolment(person, ids) for _, person in matched],
        "lineItems": [*(_line_item(table, each, ids) for each in table.columns), _grade_item(table, ids)],
        "orgs": [_row(sourcedId=ids.of("org"), name=organisation, type="school")],
        "results": [result for row, person in matched for result in _results(table, row, person, ids)],
        "roles": [_role(person, ids) for _, person in matched],
        "users": [_user(row, person, ids) for row, person in matched],
    }
    return Export(_zipped(files), len(matched), unmatched)


def _zipped(files: Mapping[str, Sequence[Mapping[str, str]]]) -> bytes:
    out = io.BytesIO()
    manifest = [["propertyName", "value"], ["manifest.version", "1.0"], ["oneroster.version", "1.2"]]
    manifest += [[f"file.{name}", "bulk" if name in files else "absent"] for name in FILES]
    manifest += [["source.systemName", "coursewright"]]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "manifest", written(manifest))
        for name, rows in sorted(files.items()):
            header = COLUMNS[name]
            _add(archive, name, written([header, *([row.get(column, "") for column in header] for row in rows)]))
    return out.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(f"{name}.csv", date_time=_EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


def _row(**cells: str) -> dict[str, str]:
    return dict(zip(cells, texts(*cells.values()), strict=True))


def _session(table: GradeTable, ids: Ids) -> Mapping[str, str]:
    return _row(
        sourcedId=ids.of("session"),
        title=table.run,
        type="term",
        startDate=table.starts.isoformat(),
        endDate=(table.ends + timedelta(days=1)).isoformat(),  # the binding's end is not in the session
        schoolYear=str(table.ends.year),
    )


def _category(name: str, title: str, weight: Decimal, ids: Ids) -> Mapping[str, str]:
    return _row(sourcedId=ids.of("category", name), title=title, weight=number(weight * 100))


def _course(table: GradeTable, ids: Ids) -> Mapping[str, str]:
    return _row(sourcedId=ids.of("course"), title=table.title, courseCode=table.course, orgSourcedId=ids.of("org"))


def _class(table: GradeTable, ids: Ids) -> Mapping[str, str]:
    return _row(
        sourcedId=ids.of("class"),
        title=f"{table.title}, {table.run}",
        courseSourcedId=ids.of("course"),
        classCode=f"{table.course}-{table.run}",
        classType="scheduled",
        schoolSourcedId=ids.of("org"),
        termSourcedIds=ids.of("session"),
    )


def _user(row: LearnerGrades, person: Person, ids: Ids) -> Mapping[str, str]:
    return _row(
        sourcedId=person["oneroster_user"],
        enabledUser="true",
        username=row.learner,
        givenName=person["given_name"],
        familyName=person["family_name"],
        email=row.email,
        primaryOrgSourcedId=ids.of("org"),
    )


def _role(person: Person, ids: Ids) -> Mapping[str, str]:
    return _row(
        sourcedId=ids.of("role", person["oneroster_user"]),
        userSourcedId=person["oneroster_user"],
        roleType="primary",
        role="student",
        orgSourcedId=ids.of("org"),
    )


def _enrolment(person: Person, ids: Ids) -> Mapping[str, str]:
    return _row(
        sourcedId=ids.of("enrollment", person["oneroster_user"]),
        classSourcedId=ids.of("class"),
        schoolSourcedId=ids.of("org"),
        userSourcedId=person["oneroster_user"],
        role="student",
    )


def _line_item(table: GradeTable, column: Column, ids: Ids) -> Mapping[str, str]:
    due = table.ends if column.due is None else column.due.date()
    return _item(table, ids, name=column.id, title=column.title, most=column.possible, due=due.isoformat()) | {
        "categorySourcedId": ids.of("category", column.category.id)
    }


def _grade_item(table: GradeTable, ids: Ids) -> Mapping[str, str]:
    due = table.ends.isoformat()
    made = _item(table, ids, name=COURSE_GRADE, title="Course grade", most=Decimal(100), due=due)
    return made | {"categorySourcedId": ids.of("category", table.categories[0].id)}


def _item(table: GradeTable, ids: Ids, *, name: str, title: str, most: Decimal | None, due: str) -> dict[str, str]:
    return _row(
        sourcedId=ids.of("line-item", name),
        title=title,
        description=name,
        assignDate=table.starts.isoformat(),
        dueDate=due,
        classSourcedId=ids.of("class"),
        academicSessionSourcedId=ids.of("session"),
        resultValueMin="0",
        resultValueMax=number(most),
        schoolSourcedId=ids.of("org"),
    )


def _results(table: GradeTable, row: LearnerGrades, person: Person, ids: Ids) -> list[Mapping[str, str]]:
    scores = [(column.id, row.scores[column.id]) for column in table.columns]
    pending = row.exact is None
    whole = Score(State.PENDING) if pending or row.exact is None else Score(State.GRADED, row.exact * 100, Decimal(100))
    return [_result(table, name, score, person, ids) for name, score in [*scores, (COURSE_GRADE, whole)]]


def _result(table: GradeTable, name: str, score: Score, person: Person, ids: Ids) -> Mapping[str, str]:
    return _row(
        sourcedId=ids.of("result", name, person["oneroster_user"]),
        lineItemSourcedId=ids.of("line-item", name),
        studentSourcedId=person["oneroster_user"],
        scoreStatus=STATUS[score.state],
        score=number(score.points),
        scoreDate=table.ends.isoformat(),
        classSourcedId=ids.of("class"),
        missing="true" if score.state is State.NOT_ATTEMPTED else "false",
    )

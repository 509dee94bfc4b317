"""The files of OneRoster 1.2's CSV binding, and the columns of those that carry grades, in the binding's order."""

FILES = (
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courses",
    "courseResources",
    "demographics",
    "enrollments",
    "lineItemLearningObjectiveIds",
    "lineItems",
    "lineItemScoreScales",
    "orgs",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "roles",
    "scoreScales",
    "userProfiles",
    "userResources",
    "users",
)

_ALL = "sourcedId status dateLastModified "
_COLUMNS = {
    "academicSessions": "title type startDate endDate parentSourcedId schoolYear",
    "categories": "title weight",
    "classes": "title grades courseSourcedId classCode classType location schoolSourcedId termSourcedIds subjects "
    "subjectCodes periods",
    "courses": "schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes",
    "enrollments": "classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate",
    "lineItems": "title description assignDate dueDate classSourcedId categorySourcedId academicSessionSourcedId "
    "resultValueMin resultValueMax schoolSourcedId",
    "orgs": "name type identifier parentSourcedId",
    "results": "lineItemSourcedId studentSourcedId scoreStatus score scoreDate comment textScore classSourcedId "
    "inProgress incomplete late missing",
    "roles": "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId",
    "users": "enabledUser username userIds givenName familyName middleName identifier email sms phone agentSourcedIds "
    "grades password userMasterIdentifier resourceSourcedIds preferredGivenName preferredMiddleName "
    "preferredFamilyName primaryOrgSourcedId pronouns",
}
COLUMNS: dict[str, list[str]] = {name: (_ALL + columns).split() for name, columns in _COLUMNS.items()}

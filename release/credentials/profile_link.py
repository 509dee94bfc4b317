"""The link with which a learner adds a credential to a LinkedIn profile."""

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

_ADDRESS = "https://www.linkedin.com/profile/add"


def profile_link(name: str, organisation: str, code: str, address: str, issued: datetime) -> str:
    """The address of LinkedIn's own form, filled in with what anybody can see on the credential's page.

    Args:
        name: the certification's name.
        organisation: who issued it.
        code: its identifying code.
        address: where its page is.
        issued: when; the year and the month are given, in UTC.
    """
    issued = issued.astimezone(UTC)
    fields = {
        "startTask": "CERTIFICATION_NAME",
        "name": name,
        "organizationName": organisation,
        "issueYear": issued.year,
        "issueMonth": issued.month,
        "certId": code,
        "certUrl": address,
    }
    return f"{_ADDRESS}?{urlencode(fields, quote_via=quote, safe='')}"

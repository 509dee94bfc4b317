"""One self-contained HTML page that shows a credential and has the reader's own browser verify it.

The credential, the contexts and a JSON-LD processor are in it. A content security policy allows its own two scripts, by
their hashes, and nothing else; so whatever a name or a text contains, it cannot run. The network is used only if the
issuer publishes keys or status lists, and then for these addresses alone.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from authoring.errors import CoursewrightError
from release import pinned
from release.credential import identifying_code
from release.credentials.did import address_of
from release.credentials.profile_link import profile_link
from release.credentials.proofs import read
from release.credentials.status import addresses
from release.verify import Answer, verify


class PageError(CoursewrightError):
    """No page can be made of a credential."""


def page(credential: bytes, *, at: datetime, address: str = "", documents: Iterable[Mapping[str, Any]] = ()) -> str:
    """The page, as HTML.

    Args:
        credential: a credential that was issued with :func:`release.credential.issue`, as JSON or as a token.
        at: now; a page is only made of a credential that verifies. Whether it was revoked, the page itself asks.
        address: where the page will be published (https), which is then what its QR code leads to; without it the QR
            code holds the credential's id.
        documents: the DID document of an issuer that has a place on the web.

    Raises:
        PageError: the credential does not verify, shows no results, or the address is not one.
    """
    known = {str(document["id"]): document for document in documents}
    checked = verify(credential, at=at, documents=known.values())
    if checked.answer not in (Answer.VERIFIED, Answer.UNKNOWN_STATUS):
        raise PageError(f"no page is made of a credential that is not in order: {checked.message}")
    if address and not address.startswith("https://"):
        raise PageError(f"{address[:80]}: the address of a page has to begin with https://.")
    secured = read(credential.strip())
    return _rendered(
        "credential.html",
        scripts={"library": "jsonld.min.js", "script": "verify.js"},
        published=_published(secured.issuer, known),
        asked=addresses(secured.document),
        facts=facts(secured.document),
        credential=base64.b64encode(credential).decode(),
        form="eddsa-rdfc-2022" if secured.proof else "vc+jwt",
        suffix="json" if secured.proof else "jwt",
        code_image=_code_image(address or str(secured.document["id"])),
        address=address,
        profile_link=_profile_link(secured.document, address) if address else "",
        code_caption="Leads to this page" if address else "The credential\u2019s id",
    )


def checker(issuer: str, name: str, document: Mapping[str, Any], lists: str) -> str:
    """A page on an issuer's site where anybody can check a credential of that issuer, in any of its forms.

    Args:
        issuer: the issuer's ``did:web``.
        name: the issuer's name.
        document: the issuer's document.
        lists: the address below which the status lists are.
    """
    return _rendered(
        "checker.html",
        scripts={"library": "jsonld.min.js", "carriers": "carriers.js", "script": "verify.js"},
        published=_published(issuer, {issuer: document}),
        asked=[f"{lists}/"],
        issuer=name,
    )


def _rendered(
    template: str,
    *,
    scripts: Mapping[str, str],
    published: Mapping[str, Mapping[str, Any]],
    asked: Iterable[str],
    **values: object,
) -> str:
    """A template with its scripts, style, contexts and policy in it."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    style, texts = _embedded("credential.css"), {name: _embedded(file) for name, file in scripts.items()}
    allowed = [str(kept["address"]) for kept in published.values() if kept["address"]] + [*asked]
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(_file(template)).render(
        values,
        **{name: Markup(text) for name, text in texts.items()},  # noqa: S704  # our own files
        contexts=Markup(_contexts()),  # noqa: S704  # our own files, with every < escaped
        documents=Markup(_json(published)),  # noqa: S704  # every < is escaped
        style=Markup(style),  # noqa: S704  # our own file
        policy=_policy(list(texts.values()), style, allowed),
    )


def write_page(
    credential: bytes, path: Path, *, at: datetime, address: str = "", documents: Iterable[Mapping[str, Any]] = ()
) -> None:
    """Write the page to a file, whole or not at all; raises as :func:`page`."""
    text = page(credential, at=at, address=address, documents=documents)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


def facts(credential: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows, all of it signed; ``verify.js`` compares it with the credential."""
    try:
        subject = credential["credentialSubject"]
        achievement = subject["achievement"]
        titles = {each["id"]: each["name"] for each in achievement["resultDescription"]}
        names = [each["identityHash"] for each in subject["identifier"] if each["identityType"] == "name"]
        awarded = datetime.fromisoformat(credential["awardedDate"]).astimezone(UTC)
        return {
            "name": names[0] if names else "",
            "program": achievement["name"],
            "description": achievement["description"],
            "criteria": achievement["criteria"]["narrative"],
            "issuer": credential["issuer"]["name"],
            "key": credential["issuer"]["id"],
            "id": credential["id"],
            "code": identifying_code(credential["id"]),
            "awarded": f"{awarded.day} {awarded:%B %Y}",
            "results": [(titles[each["resultDescription"]], f"{each['value']} %") for each in subject["result"]],
            "evidence": [f"{each['name']}: {each['narrative']}" for each in credential.get("evidence", [])],
        }
    except (KeyError, TypeError, ValueError) as error:
        raise PageError("no page is made of this credential: it was not issued by coursewright.") from error


def _profile_link(credential: Mapping[str, Any], address: str) -> str:
    shown = facts(credential)
    awarded = datetime.fromisoformat(credential["awardedDate"])
    return profile_link(shown["program"], shown["issuer"], shown["code"], address, awarded)


@cache
def _file(name: str) -> str:
    return files("release").joinpath("web", name).read_text("utf-8")


@cache
def _embedded(name: str) -> str:
    """A script or style as it stands within its element, which it must not be able to end."""
    text = _file(name).strip()
    if "</script" in text.lower() or "</style" in text.lower() or "<!--" in text:
        raise RuntimeError(f"{name} cannot stand within a page: it holds a tag's end or a comment's beginning")
    return text


@cache
def _contexts() -> str:
    return _json({url: pinned.context(url) for url in pinned.CONTEXTS})


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _published(issuer: str, known: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The document of the issuer as it is now, and where to look whether it has changed."""
    if issuer not in known:
        return {}
    web = issuer.startswith("did:web:")
    return {issuer: {"document": known[issuer], "address": address_of(issuer) if web else ""}}


def _policy(scripts: list[str], style: str, addresses: Iterable[str]) -> str:
    """What the page may run, and the very addresses that it may ask."""
    from urllib.parse import quote

    allowed = " ".join(_source(script) for script in scripts)
    asked = " ".join(quote(address, safe=":/%") for address in addresses if address.startswith("https://"))
    connect = f" connect-src {asked};" if asked else ""
    return (
        f"default-src 'none'; script-src {allowed};{connect} style-src {_source(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _code_image(content: str) -> Any:
    import segno
    from markupsafe import Markup

    code = segno.make(content, error="m", micro=False)
    image = code.svg_inline(border=4, title=f"QR code: {content}", omitsize=True)
    return Markup(image)  # noqa: S704  # made by segno of shapes alone

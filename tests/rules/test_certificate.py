"""Certificates of availability and reading: what they say, who has them, how anybody verifies them (R-COU-15)."""

import asyncio
import base64
import json
import re
import shutil
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from backend import clock
from backend import database as db
from backend import settings as settings_room
from backend.models import Courrier, CourrierAttachment, User
from backend.rules import (
    acknowledgement,
    certificate,
    courrier,
    document,
    journal,
    retention,
    seal,
    session,
    withdrawal,
)
from backend.rules.certificate import Verdict
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.rules import tables

READ = {"COURRIERS": builders.READ}
GUIDE = Path(__file__).resolve().parents[2] / "docs/guides/verifier-un-certificat.md"


async def a_letter(**values: Any) -> tuple[Courrier, User]:
    """A letter with a real file, and its reader."""
    town = await builders.establishment("Commune de Royan")
    agent = await builders.user(town, rights=READ, first_name="Nadia", last_name="Benali")
    stored = await document.store(builders.pdf("Canari"))
    letter = await builders.courrier(
        town, document_id=stored.document_id, subject="Canari confidentiel", file_name="canari.pdf", **values
    )
    return letter, agent


async def issued(letter: Courrier, to: Viewer, number: str = "n1") -> dict[str, Any]:
    """The certificate as it is handed over."""
    found = await certificate.issue(to, letter.id, number, "JSON")
    assert found is not None
    told: dict[str, Any] = json.loads(found.content)
    return told


def brought(given: Any) -> bytes:
    return json.dumps(given).encode()


# ---------------------------------------------------------------- what it says


async def test_it_says_which_letter_which_files_and_what_happened(
    database: str, moved_clock: Callable[[str], None]
) -> None:
    moved_clock("2026-06-01T10:00+02:00")
    letter, agent = await a_letter(
        reference="REF-1", fiscal_year=2026, acknowledgement_required=True, available_at=None
    )
    annex = await document.store(builders.pdf("Annexe"))
    await CourrierAttachment.create(
        courrier_id=letter.id, document_id=annex.document_id, file_name="canari-annexe.pdf", position=1
    )
    async with db.transaction():
        await courrier.make_available([letter.id])
    centre = await builders.establishment("Centre de gestion", is_centralisateur=True)
    member = await builders.user(centre, rights=READ, first_name="Farid", last_name="Haddad")
    town = await letter.establishment
    agreement = await builders.delegation(centre, town, members=[member])
    moved_clock("2026-06-02T10:00+02:00")
    viewer = builders.viewer(agent)
    await courrier.record_opening(viewer, letter.id, kind="OPENED", delegation_id=None, link_nonce="a")
    moved_clock("2026-06-03T10:00:00.5+02:00")
    await courrier.record_opening(
        builders.viewer(member), letter.id, kind="DOWNLOADED", delegation_id=agreement.id, link_nonce="b"
    )
    await acknowledgement.acknowledge(viewer, letter.id)
    moved_clock("2026-06-04T10:00+02:00")
    await seal.seal()
    said = (await issued(letter, viewer))["certificate"]
    at_town = {"name": "Commune de Royan", "siret": town.siret}
    nadia = {"name": "Nadia Benali", "capacity": "ESTABLISHMENT", "establishment": at_town}
    farid = {
        "name": "Farid Haddad",
        "capacity": "DELEGATION",
        "establishment": {"name": "Centre de gestion", "siret": centre.siret},
    }
    assert said["courrier"] == {
        "fund": {"code": "CNRACL", "label": "Fonds CNRACL"},
        "type": {"code": "APPEL", "label": "Modèle APPEL"},
        "reference": "REF-1",
        "letter_date": "2026-06-01",
        "fiscal_year": 2026,
        "establishment": at_town,
        "deposited_at": "2026-06-01T08:00:00Z",
        "available_at": "2026-06-01T08:00:00Z",
        "acknowledgement_required": True,
        "withdrawn_at": None,
        "removed_at": None,
    }
    assert said["facts"] == [
        {"kind": "AVAILABLE", "at": "2026-06-01T08:00:00Z", "by": None, "detail": None},
        {"kind": "OPENED", "at": "2026-06-02T08:00:00Z", "by": nadia, "detail": None},
        {"kind": "DOWNLOADED", "at": "2026-06-03T08:00:00.500000Z", "by": farid, "detail": None},
        {"kind": "ACKNOWLEDGED", "at": "2026-06-03T08:00:00.500000Z", "by": nadia, "detail": None},
    ]
    assert [(one["role"], one["sha256"]) for one in said["documents"]] == [
        ("LETTER", await _sha256(letter.document_id)),
        ("ATTACHMENT", annex.sha256),
    ]
    assert (said["format"], said["number"], said["issued_at"]) == ("peps-certificate-1", "n1", "2026-06-04T08:00:00Z")
    last = await db.row("SELECT id, hash FROM audit_events ORDER BY id DESC LIMIT 1 OFFSET 1")  # but its own
    assert last is not None
    assert (said["journal"]["event"], said["journal"]["hash"]) == (last["id"], last["hash"])
    assert said["journal"]["seal"]["day"] == "2026-06-03"


async def _sha256(document_id: int) -> str:
    return (await document.ensure_stored(document_id)).sha256


async def test_it_holds_no_content(database: str) -> None:
    letter, agent = await a_letter()
    assert "anari" not in json.dumps(await issued(letter, builders.viewer(agent)))


async def test_issuing_it_is_an_event(database: str) -> None:  # R-JRN-01
    letter, agent = await a_letter()
    await issued(letter, builders.viewer(agent), "n7")
    [event] = await tables.journal("courrier.certified")
    names = ("actor_id", "establishment_id", "on_behalf_of_id", "subject_type", "subject_id")
    assert [event[name] for name in names] == [agent.id, letter.establishment_id, None, "Courrier", letter.id]
    assert event["body"]["facts"] == {"number": "n7", "format": "JSON"}
    assert (await journal.verify())[1] is None


async def test_a_member_s_carries_both_establishments(database: str) -> None:  # R-DEL-07
    letter, _ = await a_letter()
    centre = await builders.establishment(is_centralisateur=True)
    member = await builders.user(centre, rights=READ)
    agreement = await builders.delegation(centre, await letter.establishment, members=[member])
    await issued(letter, builders.viewer(member))
    [event] = await tables.journal("courrier.certified")
    names = ("establishment_id", "on_behalf_of_id", "delegation_id")
    assert [event[name] for name in names] == [centre.id, letter.establishment_id, agreement.id]


async def test_a_withdrawn_letter_s_names_no_operator(database: str) -> None:
    letter, _ = await a_letter()
    operator = builders.viewer(await builders.operator())
    await withdrawal.withdraw(operator, letter.id, "Erreur d’adresse.")
    said = (await issued(letter, operator))["certificate"]
    assert said["courrier"]["withdrawn_at"] is not None
    [fact] = [one for one in said["facts"] if one["kind"] == "WITHDRAWN"]
    assert fact["by"] == {"name": None, "capacity": "OPERATOR", "establishment": None}
    assert fact["detail"] == "Erreur d’adresse."


async def test_a_removed_letter_s_still_tells_its_hash(database: str, moved_clock: Callable[[str], None]) -> None:
    moved_clock("2016-06-01T10:00+02:00")
    letter, _ = await a_letter()
    sha256 = await _sha256(letter.document_id)
    moved_clock("2026-06-03T10:00+02:00")
    await retention.remove_due()
    said = (await issued(letter, builders.viewer(await builders.operator())))["certificate"]
    assert [one["sha256"] for one in said["documents"]] == [sha256]
    assert said["courrier"]["removed_at"] is not None


# ---------------------------------------------------------------- who has it


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("its reader", True),
        ("a member", True),
        ("an operator", True),
        ("a colleague without the right", False),
        ("its administrator without the right", False),
        ("somebody elsewhere", False),
        ("the program that deposited it", False),
        ("nobody", False),
    ],
)
async def test_who_reads_the_letter_has_it_and_operators(database: str, who: str, may: bool) -> None:
    program, _ = await builders.api_client()
    letter, agent = await a_letter(deposited_by_client_id=program.id)
    town, centre = await letter.establishment, await builders.establishment(is_centralisateur=True)
    member = await builders.user(centre, rights=READ)
    await builders.delegation(centre, town, members=[member])
    viewers = {
        "its reader": builders.viewer(agent),
        "a member": builders.viewer(member),
        "an operator": builders.viewer(await builders.operator()),
        "a colleague without the right": builders.viewer(await builders.user(town)),
        "its administrator without the right": builders.viewer(await builders.user(town, administrator=True)),
        "somebody elsewhere": builders.viewer(await builders.user(rights=READ)),
        "the program that deposited it": Viewer(api_client_id=program.id, scopes=frozenset({"DEPOSIT_COURRIERS"})),
        "nobody": Viewer(),
    }
    found = await certificate.issue(viewers[who], letter.id, "n", "JSON")
    assert (found is not None, len(await tables.journal("courrier.certified"))) == (may, int(may))


async def test_a_letter_to_come_has_none(database: str) -> None:
    letter, _ = await a_letter(available_at=None)
    operator = builders.viewer(await builders.operator())
    assert await certificate.issue(operator, letter.id, "n", "PDF") is None
    assert await certificate.issue(operator, 10**15, "n", "PDF") is None


# ---------------------------------------------------------------- verifying


async def test_a_genuine_one_is_told_so(database: str) -> None:
    letter, agent = await a_letter()
    given = await issued(letter, builders.viewer(agent))
    found = await certificate.verify(brought(given))
    assert (found.verdict, found.body, found.journal_holds) == (Verdict.GENUINE, given["certificate"], True)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for name, one in value.items() for found in leaves(one, (*path, name))]
    if isinstance(value, list):
        return [found for place, one in enumerate(value) for found in leaves(one, (*path, place))]
    return [path]


async def test_whatever_is_changed_of_it_is_told(database: str) -> None:
    """Every value of it, one after the other; one more member; a fact taken away, added, moved."""
    letter, agent = await a_letter()
    viewer = builders.viewer(agent)
    await courrier.record_opening(viewer, letter.id, kind="OPENED", delegation_id=None, link_nonce="a")
    await acknowledge_for(letter, viewer)
    given = await issued(letter, viewer)
    forged = []
    for path in leaves(given["certificate"]):
        one = json.loads(json.dumps(given))
        place = one["certificate"]
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = {"peps-certificate-1": "peps-certificate-1 "}.get(place[path[-1]], "autre")
        forged.append(one)
    for change in (
        lambda it: it.update(more=1),
        lambda it: it["facts"].pop(),
        lambda it: it["facts"].append(it["facts"][0]),
        lambda it: it["facts"].reverse(),
        lambda it: it.pop("documents"),
    ):
        one = json.loads(json.dumps(given))
        change(one["certificate"])
        forged.append(one)
    verdicts = {(await certificate.verify(brought(one))).verdict for one in forged}
    assert verdicts <= {Verdict.CHANGED, Verdict.NOT_A_CERTIFICATE}
    assert len(forged) > 30


async def acknowledge_for(letter: Courrier, viewer: Viewer) -> None:
    await Courrier.filter(id=letter.id).update(acknowledgement_required=True)
    await acknowledgement.acknowledge(viewer, letter.id)


async def test_another_layout_of_the_same_is_genuine(database: str) -> None:
    letter, agent = await a_letter()
    given = await issued(letter, builders.viewer(agent))
    upside_down = {"signature": given["signature"], "certificate": dict(reversed(given["certificate"].items()))}
    for text in (
        json.dumps(upside_down),
        json.dumps(given, indent=8, ensure_ascii=False),
        json.dumps(given, separators=(",", ":")),
    ):
        assert (await certificate.verify(text.encode())).verdict == Verdict.GENUINE


async def test_one_signed_by_another_is_told(database: str) -> None:
    letter, agent = await a_letter()
    given = await issued(letter, builders.viewer(agent))
    other = Ed25519PrivateKey.generate()
    value = base64.b64encode(other.sign(certificate.canonical(given["certificate"]))).decode()
    theirs = {**given["signature"], "key": seal.name_of(other.public_key()), "value": value}
    ours = {**given["signature"], "value": value}
    verdicts = [(await certificate.verify(brought({**given, "signature": one}))).verdict for one in (theirs, ours)]
    assert verdicts == [Verdict.UNKNOWN_KEY, Verdict.CHANGED]


def a_claim(form: str = "peps-certificate-1", **signature: Any) -> bytes:
    given = {"algorithm": "Ed25519", "key": "k", "value": "", **signature}
    return brought({"certificate": {"format": form}, "signature": given})


NONE = [
    *(b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"certificate": 1, "signature": 2}', b"\xff\xfe", b"%PDF-1.7"),
    *(a_claim(), a_claim(key=[]), a_claim(algorithm="none"), a_claim(value="*"), a_claim(value=1), a_claim("other")),
    *(b"[" * 100_000, b'{"a":' * 100_000),
]


@pytest.mark.parametrize("content", NONE, ids=range(len(NONE)))
async def test_what_is_none_is_told(database: str, content: bytes) -> None:
    found = await certificate.verify(content)
    assert (found.verdict in {Verdict.NOT_A_CERTIFICATE, Verdict.UNKNOWN_KEY}, found.body) == (True, None)


async def test_one_of_an_earlier_key_is_still_genuine(database: str) -> None:
    letter, agent = await a_letter()
    given = await issued(letter, builders.viewer(agent))
    settings_room.use(replace(settings_room.current(), seal_key="ab" * 32))
    assert (await certificate.verify(brought(given))).verdict == Verdict.GENUINE
    assert len({seal.name_of(one) for one in await seal.keys()}) == 2


async def test_it_tells_whether_the_journal_was_rewritten_since(database: str) -> None:
    """The journal's chain made anew, and no seal to tell: who kept a certificate can."""
    from tests.rules.test_seal import rechained, tamper

    letter, agent = await a_letter()
    viewer = builders.viewer(agent)
    await courrier.record_opening(viewer, letter.id, kind="OPENED", delegation_id=None, link_nonce="a")
    given = await issued(letter, viewer)
    await tamper("UPDATE audit_events SET actor_id = 999 WHERE action = 'courrier.opened'")
    await rechained()
    assert (await journal.verify())[1] is None, "the chain alone does not tell"
    found = await certificate.verify(brought(given))
    assert (found.verdict, found.journal_holds) == (Verdict.GENUINE, False)


async def test_of_an_empty_journal(database: str) -> None:
    letter, agent = await a_letter()
    given = await issued(letter, builders.viewer(agent))
    assert given["certificate"]["journal"] == {"event": 0, "hash": journal.GENESIS, "seal": None}
    assert (await certificate.verify(brought(given))).journal_holds is True


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdefghijklmnop_", max_size=6), inner),
        max_leaves=8,
    )
)
def test_what_is_signed_is_what_anybody_computes(value: Any) -> None:
    """The canonical form by Python's own library, as the guide says (RFC 8785 for what certificates hold)."""
    body = {"x": value}
    try:
        said = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a surrogate pair: `_plain` leaves none
        return
    assert certificate.canonical(body) == said


# ---------------------------------------------------------------- by a third party


def _snippet(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    assert found is not None
    return found[1]


async def _files(folder: Path) -> None:
    letter, agent = await a_letter(reference="Référence « d’été » \u2028 𝄞")
    await User.filter(id=agent.id).update(first_name="Zoé\x7f\x01", last_name="D’Œuvre\u0301")
    await courrier.record_opening(builders.viewer(agent), letter.id, kind="OPENED", delegation_id=None, link_nonce="a")
    given = await issued(letter, builders.viewer(agent))
    (folder / "certificat.json").write_bytes(json.dumps(given).encode())
    (folder / "cle.pem").write_text(seal.pem(seal.private_key().public_key()))


@pytest.mark.parametrize("tool", ["python", "sh"])
@pytest.mark.parametrize("is_forged", [False, True])
async def test_the_guide_s_few_lines_verify_it(sqlite: None, tmp_path: Path, tool: str, is_forged: bool) -> None:
    if tool == "sh" and not (shutil.which("jq") and shutil.which("openssl")):
        pytest.skip("jq or openssl is not on this machine; the same is done in Python")
    await _files(tmp_path)
    if is_forged:
        text = (tmp_path / "certificat.json").read_text().replace("OPENED", "DOWNLOADED")
        (tmp_path / "certificat.json").write_text(text)
    command = [sys.executable, "-c"] if tool == "python" else ["bash", "-euo", "pipefail", "-c"]
    done = await asyncio.create_subprocess_exec(*command, _snippet(tool), cwd=tmp_path, stderr=PIPE, stdout=PIPE)
    said = await done.communicate()
    assert (done.returncode != 0) == is_forged, said


@pytest.fixture
async def sqlite(sqlite_url: str) -> Any:
    """One engine is enough: what is verified does not come from it."""
    await db.open_database(sqlite_url)
    yield
    await db.close_database()


async def test_a_session_that_ended_has_no_certificate(database: str) -> None:
    letter, agent = await a_letter()
    opened = await session.log_in(agent.identifier, builders.PASSWORD, session.TOKEN, Origin())
    assert opened.viewer is not None
    assert await certificate.is_for(opened.viewer, letter.id)
    await User.filter(id=agent.id).update(deleted_at=clock.now())
    assert await session.renewed(opened.viewer) is None

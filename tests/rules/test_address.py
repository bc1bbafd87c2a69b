"""Signed addresses of documents: for one viewer, one document, five minutes."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backend import settings as settings_room
from backend.rules import address
from backend.rules.viewer import Viewer
from backend.settings import Settings

Move = Callable[[str], None]
AGENT = Viewer(user_id=3, session_id=4, establishment_id=5)


def signed(disposition: str = address.VIEW) -> str:
    _, documents, said, name = address.sign(AGENT, 1, 2, disposition, "Appel n° 1/2.pdf").split("/")
    assert (documents, name) == ("documents", "Appel%20n%C2%B0%201%2F2.pdf")
    return said


def test_an_address_says_what_it_was_made_for() -> None:
    found = address.read(signed())
    assert found is not None
    assert (found.courrier_id, found.document_id, found.user_id, found.session_id) == (1, 2, 3, 4)


def test_each_address_has_a_number_of_its_own() -> None:
    found = [address.read(signed()) for _ in range(2)]
    assert len({one.nonce for one in found if one}) == 2


def test_an_address_lasts_five_minutes(moved_clock: Move) -> None:
    moved_clock("2026-06-01T10:00:00+02:00")
    one = signed()
    moved_clock("2026-06-01T10:05:00+02:00")
    last = address.read(one)
    moved_clock("2026-06-01T10:05:01+02:00")
    assert (last is not None, address.read(one)) == (True, None)


@pytest.mark.parametrize("place", range(8))
def test_a_part_that_was_changed_makes_it_worthless(place: int) -> None:
    parts = signed().split(".")
    parts[place] = {4: address.DOWNLOAD, 7: "A" * 22}.get(place, "9" + parts[place])
    assert address.read(".".join(parts)) is None


@pytest.mark.parametrize("place", range(7))
def test_a_part_from_another_address_makes_it_worthless(place: int) -> None:
    parts = signed().split(".")
    other = address.sign(Viewer(user_id=33, session_id=44), 11, 22, address.DOWNLOAD, "x").split("/")[2].split(".")
    parts[place] = other[place] if place != 5 else str(int(other[place]) + 3600)
    assert address.read(".".join(parts)) is None


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_a_made_up_address_is_worthless(text: str) -> None:
    assert address.read(text) is None


@pytest.mark.parametrize("text", ["", ".", ".......", "1.2.3.4.v.99999999999.x.", "\ud800.\ud800", "é.é"])
def test_an_odd_address_is_worthless(text: str) -> None:
    assert address.read(text) is None


def test_another_platform_s_address_is_worthless(settings: Settings) -> None:
    one = signed()
    settings_room.use(replace(settings, secret_key="the key of another platform"))
    assert address.read(one) is None


def test_without_a_setting_the_key_is_made_once_and_kept_to_its_owner(settings: Settings) -> None:
    settings_room.use(replace(settings, secret_key=""))
    one = signed()
    path = settings.data_dir / "secret.key"
    assert (address.read(one) is not None, path.stat().st_mode & 0o777) == (True, 0o600)

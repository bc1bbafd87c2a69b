"""The address of an e-mail that changes the rhythm without signing in (R-COU-10, RFC 8058)."""

from backend.rules import preference
from tests import builders
from tests.serving import Served


async def test_following_the_address_changes_nothing_sending_it_back_does(server: Served) -> None:
    """R-COU-10: mail scanners follow links; a mail program's one click sends, as its header says."""
    user = await builders.user()
    path = "/preferences/" + preference.address(user.id, user.email).rpartition("/")[2]
    http = server.anybody().http
    shown = await http.get(path)
    assert (shown.status_code, "Rien n’est changé" in shown.text) == (200, True)
    assert (await preference.of(user.id)).rhythm == preference.IMMEDIATE
    assert "C’est enregistré" in (await http.post(path, data={"rythme": "WEEKLY_DIGEST"})).text
    assert (await preference.of(user.id)).rhythm == preference.WEEKLY
    assert (await http.post(path, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    assert (await preference.of(user.id)).rhythm == preference.NONE
    again = await http.post(path, files={"rythme": (None, "DAILY_DIGEST")})
    assert (again.status_code, (await preference.of(user.id)).rhythm) == (200, preference.DAILY)
    assert (await http.get(path[:-1] + ("A" if path[-1] != "A" else "B"))).status_code == 404
    from_elsewhere = await http.post(path, data={"rythme": "NONE"}, headers={"origin": "https://ailleurs.example"})
    assert from_elsewhere.status_code == 403

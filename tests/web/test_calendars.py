"""Due dates in a calendar, by RFC 5545 (R-COU-07); the text of a document (R-COU-06)."""

from datetime import timedelta

from backend import clock
from backend.gateways import calendar
from backend.models import Establishment, User
from tests.serving import Served
from tests.web.world import letter, reader

CALENDAR = "query($id: ID!) { node(id: $id) { ... on Courrier { calendarUrl } } }"
TEXT = "query($id: ID!) { node(id: $id) { ... on Courrier { document { textUrl } } } }"
OPEN = "mutation { openDueCalendar { url errors { code } } }"


def lines_of(text: str) -> list[str]:
    """Content lines, unfolded."""
    assert text.endswith("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")


async def test_a_due_date_goes_into_a_calendar_without_the_subject(server: Served) -> None:
    client, user, plain = await reader(server)
    town = await Establishment.get(id=user.establishment_id)
    day = clock.today() + timedelta(days=3)
    due = await letter(town, reference="R;2", subject="Objet secret", due_on=day)
    assert (await client.data(CALENDAR, id=plain.node_id))["node"]["calendarUrl"] is None
    url = (await client.data(CALENDAR, id=due.node_id))["node"]["calendarUrl"]
    answer = await server.anybody().http.get(url)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = lines_of(answer.text)
    assert f"DTSTART;VALUE=DATE:{day:%Y%m%d}" in lines
    assert any("Référence R\\;2" in one for one in lines)
    assert "secret" not in answer.text
    assert await due.facts() == [], "to note a day is not to read"
    assert (await server.anybody().http.get(url.replace("/agenda/", "/documents/"))).status_code == 404


async def test_a_subscribed_calendar_follows_all_until_it_is_closed(server: Served) -> None:
    client, user, _ = await reader(server)
    town = await Establishment.get(id=user.establishment_id)
    url = (await client.data(OPEN))["openDueCalendar"]["url"]
    http = server.anybody().http
    assert "BEGIN:VEVENT" not in (await http.get(url)).text
    for number in (1, 2):
        await letter(town, reference=f"D{number}", due_on=clock.today() + timedelta(days=number))
    assert (await http.get(url)).text.count("BEGIN:VEVENT") == 2
    again = (await client.data(OPEN))["openDueCalendar"]["url"]
    assert (await http.get(url)).status_code == 404, "the address before is dead"
    assert (await http.get(again)).status_code == 200
    await User.filter(id=user.id).update(expires_on=clock.today() - timedelta(days=1))
    assert (await http.get(again)).status_code == 404
    await User.filter(id=user.id).update(expires_on=clock.today())
    await client.data("mutation { closeDueCalendar { errors { code } } }")
    assert (await http.get(again)).status_code == 404


async def test_to_read_its_text_is_to_open_it(server: Served) -> None:
    """R-COU-06."""
    client, _, made = await reader(server)
    url = (await client.data(TEXT, id=made.node_id))["node"]["document"]["textUrl"]
    assert await made.facts() == []
    answer = await server.anybody().http.get(url)
    assert answer.headers["cache-control"] == "private, no-store"
    assert ["Appel de cotisations" in page for page in answer.json()["pages"]] == [True]
    assert await made.facts() == [("OPENED", None)]


def test_long_lines_are_folded_and_signs_escaped() -> None:
    """RFC 5545, 3.1 and 3.3.11."""
    day = calendar.Day("u", clock.today(), "é" * 100 + ",;\\", "a\nb", "https://x", clock.now())
    lines = lines_of(calendar.written([day], "n"))
    assert f"SUMMARY:{'é' * 100}\\,\\;\\\\" in lines
    assert "DESCRIPTION:a\\nb" in lines

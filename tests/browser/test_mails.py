"""Every e-mail as people see it, through the demonstration mailbox, at 1280 and 360 pixels (R-NOT-03)."""

import itertools
import sqlite3
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from backend.rules.notification import Rendered
from tests import mails
from tests.browser.conftest import Platform, Window
from tests.browser.seen import assert_nothing_is_wrong
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser

_numbers = itertools.count(1)


def put(platform: Platform, mail: Rendered) -> int:
    """Put an e-mail in the mailbox, as one that was sent; its number."""
    connection = sqlite3.connect(Path(platform.environment["DATA_DIR"]) / "peps.sqlite3", timeout=30)
    with connection:
        [number] = connection.execute(
            "INSERT INTO notifications (kind, rule, recipient, subject, body_text, body_html, status, attempts, "
            "queued_at, next_attempt_at, sent_at) "
            "VALUES ('SECURITY_ALERT', 'R-NOT-03', ?, ?, ?, ?, 'SENT', 1, ?, ?, ?) RETURNING id",
            [f"essai-{next(_numbers)}@peps.example", mail.subject, mail.text, mail.html, *[1_790_000_000_000_000] * 3],
        ).fetchone()
    connection.close()
    return int(number)


@pytest.mark.parametrize("template", mails.templates())
def test_an_e_mail_is_readable_everywhere(window: Window, width: int, template: str) -> None:
    mail = mails.sample(template)
    number = put(window.platform, mail)
    page = window.open(f"/messagerie/{number}")
    expect(page.get_by_role("heading", level=1)).to_have_text(mail.subject)
    frame = page.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("Vous recevez ce message")
    links = [one.get_attribute("href") for one in frame.get_by_role("link").all()]
    shown = [
        one.get_attribute("href") for one in page.get_by_label("Le message en texte seul").get_by_role("link").all()
    ]
    assert {one for one in links if one and one.startswith("http")} == {
        one for one in shown if one and one.startswith("http")
    }
    if template == mails.templates()[0]:  # the page around a message is the same for all
        check(page, f"mail-{template}-page-{width}")
    # The message itself, as a mail program shows it: its frame may run nothing, axe neither.
    page.goto("about:blank")
    page.set_content(httpx.get(f"{window.platform.address}/messagerie/{number}/html").text)
    off = {"enabled": False}  # a message is not a page
    of_pages = {"landmark-one-main": off, "region": off, "page-has-heading-one": off}
    assert_nothing_is_wrong(page, f"mail-{template}-{width}", rules=of_pages)

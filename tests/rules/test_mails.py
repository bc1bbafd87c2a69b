"""Every e-mail: two complete parts, in French, that say who writes, why, and first what to do (R-NOT-03)."""

import html
import re

import pytest

from tests import mails

BOTH = [False, True]
_CONTAINERS = r"</?(?:p|li|ul|ol|div|br|h[1-6]|tr|td|table|blockquote)[^>]*>"


def links(text: str) -> set[str]:
    """Web addresses in a text part."""
    return set(re.findall(r"https?://[^\s<>)]+[^\s<>).,;:]", text))


def words(part: str) -> str:
    """The words of an HTML part, and no more."""
    body = re.sub(r"(?s)<head>.*?</head>", "", part)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", re.sub(_CONTAINERS, " ", body))).split())


def test_every_template_has_a_sample_and_both_parts() -> None:
    assert set(mails.SAMPLES) == set(mails.templates())
    assert set(mails.OTHERWISE) <= set(mails.SAMPLES)
    parts = {one.name for one in mails.FOLDER.iterdir()}
    assert [one for one in mails.templates() if f"{one}.html" not in parts] == []


@pytest.mark.parametrize("otherwise", BOTH)
@pytest.mark.parametrize("template", mails.templates())
def test_both_parts_carry_the_same_links(template: str, otherwise: bool) -> None:  # R-NOT-03
    mail = mails.sample(template, otherwise=otherwise)
    hrefs = {html.unescape(one) for one in re.findall(r'href="([^"]+)"', mail.html)}
    assert {one for one in hrefs if one.startswith("http")} == links(mail.text)
    assert all(one.startswith(mails.ADDRESS) for one in links(mail.text))
    assert {one for one in hrefs if not one.startswith("http")} == {"mailto:assistance@peps.example"}


@pytest.mark.parametrize("otherwise", BOTH)
@pytest.mark.parametrize("template", mails.templates())
def test_an_e_mail_says_who_writes_why_and_first_what_to_do(template: str, otherwise: bool) -> None:  # R-NOT-03
    mail = mails.sample(template, otherwise=otherwise)
    assert 10 < len(mail.subject) <= 140, mail.subject
    text, page = " ".join(mail.text.split()), words(mail.html)
    for part in (text, page):
        assert "Bonjour" in part
        assert part.count("Vous recevez ce message") == 1
        assert "parce qu" in part[part.index("Vous recevez ce message") :]
        assert "assistance@peps.example" in part
        assert "plateforme employeurs publics" in part
    assert mail.text.startswith("Bonjour")
    assert "\n\n\n" not in mail.text, "no hole in the text"
    assert re.search(r"[^\n]\n\nVous recevez ce message", mail.text), "why one gets it is a paragraph of its own"


@pytest.mark.parametrize("otherwise", BOTH)
@pytest.mark.parametrize("template", mails.templates())
def test_both_parts_say_the_same(template: str, otherwise: bool) -> None:  # R-NOT-03
    """Each sentence of the text is in the HTML part; a link's text may be a button's."""
    mail = mails.sample(template, otherwise=otherwise)
    page = re.sub(r"\W+", " ", words(mail.html))
    missing = [
        sentence
        for sentence in re.split(r"(?<=[.!?])\s+|\n+|\s:\s|\s—\s", re.sub(r"https?://\S+", "", mail.text))
        if (kept := re.sub(r"\W+", " ", sentence).strip())
        and kept not in page
        and not kept.startswith(("PEP s plateforme", "une question"))
    ]
    assert missing == []

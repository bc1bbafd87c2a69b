"""The délégataire's side of delegations, in a real browser (R-DEL-02, 03, 04, 05, 06, 07, 08).

What the communes are asked here is taken away after each test, as on the centralisateur's side.
"""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from backend import clock
from backend.rules import globalid
from tests.browser.agreements import (
    ACCEPT,
    MEMBER,
    REFUSE,
    WITHDRAW,
    Asked,
    centre,
    in_force,
    request,
    signed_in,
    words,
)
from tests.browser.conftest import PASSWORD, Window, letter_links, until_no_dialog
from tests.browser.test_accessibility import check
from tests.browser.test_accounts import colleague
from tests.browser.test_delegation_asker import communes
from tests.browser.test_many_accounts import write
from tests.browser.test_switch import bar, switch_to

__all__ = ["colleague", "communes"]

pytestmark = pytest.mark.browser

RECEIVED = "/connexion?suite=/etablissement/delegations/recues"
CENTRE = "Centre de gestion de la fonction publique territoriale de la Charente-Maritime"
IMPACT = "query($id: ID!) { node(id: $id) { ... on Delegation { impact { sentence } } } }"
FINANCES = "Courriers CNRACL, cotisations"
IRCANTEC = "Courriers Ircantec"


def sentence(window: Window, of: Asked, identifier: str) -> re.Pattern[str]:
    """What accepting, or having accepted, means, as it is counted from the data."""
    answer = signed_in(window.platform, of.administrators[0]).ask(IMPACT, id=identifier)
    return words(answer["node"]["impact"]["sentence"])


def address(window: Window, identifier: str) -> str:
    """The e-mail address of an account."""
    [[email]] = write(window, "SELECT email FROM users WHERE identifier = ?", identifier)
    return str(email)


def name(window: Window, identifier: str) -> str:
    """The name of an account's person."""
    [[found]] = write(window, "SELECT first_name || ' ' || last_name FROM users WHERE identifier = ?", identifier)
    return str(found)


def asker(window: Window) -> str:
    """Who asks, in these tests: the centre's other administrator."""
    [[found]] = write(
        window,
        "SELECT identifier FROM users WHERE is_administrator AND identifier <> 'admin-cdg17' AND deleted_at IS NULL "
        "AND establishment_id = (SELECT establishment_id FROM users WHERE identifier = 'admin-cdg17')",
    )
    return str(found)


def newest_mail(window: Window, email: str, subject: str) -> Locator:
    """The newest e-mail to somebody with this subject, open: its text."""
    page = window.open(f"/messagerie?a={email}")
    page.get_by_role("link", name=words(subject)).first.click()
    return page.get_by_label("Le message en texte seul")


def day(value: date) -> str:
    """As French people write it in words."""
    return clock.french_date(value)


def request_card(page: Page) -> Locator:
    """The request that waits."""
    return page.get_by_role("region", name=f"{CENTRE} demande à agir pour vous")


def outcome(page: Page) -> Locator:
    """What was done, or decided by somebody else."""
    return page.locator(".outcome:focus")


def tab_to(page: Page, wanted: Locator) -> None:
    """Only by the Tab key, as somebody who uses no pointer."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by the keyboard")


def test_a_request_is_found_at_home_and_accepted_whole(
    window: Window, colleague: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-02, R-DEL-03
    """Task at home → what accepting means, in one sentence → accept; both sides are told."""
    of = communes[0]
    end = clock.today() + timedelta(days=400)
    made = request(window, of, message="Comme le prévoit notre convention.", endsOn=end.isoformat())
    means = sentence(window, of, made)
    page = window.sign_in(of.administrators[0])
    task = page.get_by_role("region", name="Ce qui vous attend").get_by_role("link", name="demande de délégation à déc")
    expect(task).to_have_attribute("href", "/etablissement/delegations/recues")
    check(page, f"commune-accueil-{width}")
    task.click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(request_card(page)).to_contain_text(means)
    expect(request_card(page)).to_contain_text("Comme le prévoit notre convention.")
    expect(request_card(page)).to_contain_text(words(f"jusqu’au {day(end)}"))
    expect(request_card(page)).to_contain_text("Ni vos comptes, ni vos droits")
    expect(page.get_by_role("main")).to_contain_text("Personne n’agit pour vous aujourd’hui.")
    check(page, f"commune-recues-{width}")
    request_card(page).get_by_role("link", name=re.compile("Voir le détail")).click()
    expect(page.get_by_role("heading", level=1, name=CENTRE)).to_be_focused()
    expect(request_card(page)).to_contain_text(means)
    check(page, f"commune-demande-{width}")
    request_card(page).get_by_role("button", name="Accepter", exact=True).click()
    expect(outcome(page)).to_contain_text(words(f"C’est accepté : le {CENTRE} agit pour vous dès maintenant."))
    expect(request_card(page)).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text(sentence(window, of, made))
    check(page, f"commune-acceptee-{width}")
    page.get_by_role("link", name="Retour aux délégations").click()
    expect(page.get_by_role("region", name="À décider")).to_contain_text("Personne n’attend votre réponse.")
    expect(page.get_by_role("article", name=CENTRE)).to_contain_text("n’a encore choisi personne")
    check(page, f"commune-acceptee-liste-{width}")
    window.open("/")
    expect(page.get_by_role("region", name="Ce qui vous attend")).to_be_visible()
    expect(task).to_have_count(0)

    other = colleague.sign_in("admin-cdg17", path=f"/connexion?suite=/etablissement/delegations/{made}")
    expect(other.get_by_role("main")).to_contain_text("En vigueur depuis le")
    expect(other.get_by_role("main")).to_contain_text(name(window, of.administrators[0]))
    told = newest_mail(colleague, address(window, asker(window)), f"Délégation acceptée : {of.name}")
    expect(told).to_contain_text("a accepté la demande telle qu’elle était")
    told = newest_mail(colleague, address(window, of.administrators[1]), f"Délégation acceptée : {CENTRE}")
    expect(told).to_contain_text(name(window, of.administrators[0]))
    assert colleague.complaints == []


def test_from_the_e_mail_less_is_accepted_than_was_asked(
    window: Window, colleague: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-02, R-DEL-03
    """Fewer services, a lower level, an earlier end; the sentence follows the choice; the centre sees what it got."""
    of = communes[1]
    end = clock.today() + timedelta(days=400)
    earlier = clock.today() + timedelta(days=90)
    made = request(window, of, endsOn=end.isoformat())
    text = newest_mail(window, address(window, of.administrators[0]), f"{CENTRE} demande à agir pour vous")
    expect(text).to_contain_text(sentence(window, of, made))
    link = text.get_by_role("link").first.get_attribute("href")
    assert link is not None
    assert link.endswith(made)
    page = window.page
    page.goto(link)
    page.get_by_label("Identifiant").fill(of.administrators[0])
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    request_card(page).get_by_role("button", name="Accepter en partie").click()
    expect(page.get_by_role("heading", name="Accepter en partie")).to_be_focused()
    choice = page.get_by_role("group", name="Votre choix")
    expect(choice).to_contain_text("Tous les services demandés.")
    expect(choice).to_contain_text(sentence(window, of, made))
    check(page, f"commune-en-partie-{width}")
    finances = page.get_by_role("group", name=FINANCES)
    ircantec = page.get_by_role("group", name=IRCANTEC)
    expect(ircantec.get_by_label("Modification")).to_have_count(0)  # never more than was asked
    finances.get_by_label("Ne pas accorder").check()
    before = choice.inner_text()
    ircantec.get_by_label("Ne pas accorder").check()
    expect(choice).to_contain_text("Gardez au moins un service, ou refusez la demande.")
    check(page, f"commune-en-partie-rien-{width}")
    choice.get_by_role("button", name="Accepter ce choix").click()
    expect(page.get_by_role("alert")).to_contain_text("Gardez au moins un service")
    expect(page.get_by_role("alert")).to_be_focused()
    finances.get_by_label("Lecture seule").check()
    expect(choice).to_contain_text(words("1 des 2 services demandés."))
    expect(choice).not_to_have_text(before)
    last = page.get_by_label("Dernier jour")
    last.fill((end + timedelta(days=1)).isoformat())
    choice.get_by_role("button", name="Accepter ce choix").click()
    expect(page.get_by_role("alert")).to_contain_text(words(f"La demande s’arrête le {day(end)}."))
    check(page, f"commune-en-partie-refusee-{width}")
    page.get_by_role("alert").get_by_role("link").click()
    expect(last).to_be_focused()
    last.fill(earlier.isoformat())
    check(page, f"commune-en-partie-choisie-{width}")
    choice.get_by_role("button", name="Accepter ce choix").click()
    expect(outcome(page)).to_contain_text("C’est accepté")
    expect(page.get_by_role("main")).to_contain_text("Moins que ce qui était demandé a été accordé.")
    check(page, f"commune-acceptee-en-partie-{width}")

    other = colleague.sign_in("admin-cdg17", path=f"/connexion?suite=/etablissement/delegations/{made}")
    expect(other.get_by_role("main")).to_contain_text(words(f"jusqu’au {day(earlier)}"))
    granted = other.get_by_role("table", name="Services")
    expect(granted.get_by_role("row", name=FINANCES)).to_contain_text(re.compile("Modification.*Lecture seule", re.S))
    expect(granted.get_by_role("row", name=IRCANTEC)).to_contain_text(re.compile("Lecture seule.*Aucun", re.S))
    check(other, f"centre-accorde-en-partie-{width}")
    told = newest_mail(colleague, address(window, asker(window)), f"Délégation acceptée : {of.name}")
    expect(told).to_contain_text("en partie")
    assert colleague.complaints == []


def test_a_request_is_refused_with_a_reason_that_the_asker_reads(
    window: Window, colleague: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-02
    of = communes[0]
    made = request(window, of)
    why = "Notre conseil municipal ne s’est pas encore prononcé."
    page = window.sign_in(of.administrators[0], path=f"/connexion?suite=/etablissement/delegations/{made}")
    refuse = request_card(page).get_by_role("button", name="Refuser")
    refuse.click()
    dialog = page.get_by_role("dialog", name=f"Refuser la demande du {CENTRE}")
    dialog.get_by_role("button", name="Refuser la demande").click()
    expect(dialog).to_contain_text("Dites en une phrase pourquoi vous refusez.")
    expect(dialog.get_by_label("Motif")).to_be_focused()
    check(page, f"commune-refus-{width}")
    dialog.get_by_label("Motif").fill(why)
    page.keyboard.press("Escape")
    until_no_dialog(page)
    expect(refuse).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Motif")).to_have_value(why)
    dialog.get_by_role("button", name="Refuser la demande").click()
    expect(outcome(page)).to_contain_text(words(f"C’est refusé : le {CENTRE} n’a accès à rien et lira votre motif."))
    expect(page.get_by_role("main")).to_contain_text(why)
    check(page, f"commune-refusee-{width}")
    page.get_by_role("link", name="Retour aux délégations").click()
    past = page.get_by_role("region", name="Refusées, finies ou retirées")
    expect(past.get_by_role("listitem").filter(has_text=CENTRE)).to_contain_text("Refusée")
    check(page, f"commune-refusee-liste-{width}")

    other = colleague.sign_in("admin-cdg17", path=f"/connexion?suite=/etablissement/delegations/{made}")
    expect(other.get_by_role("main")).to_contain_text(why)
    expect(other.get_by_role("main")).to_contain_text(words(f"Refusée par {name(window, of.administrators[0])}"))
    check(other, f"centre-refusee-{width}")
    told = newest_mail(colleague, address(window, asker(window)), f"Délégation refusée : {of.name}")
    expect(told).to_contain_text(why)
    assert colleague.complaints == []


def test_one_sees_who_acts_and_what_they_did_then_ends_it(
    window: Window, colleague: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-04, R-DEL-05, R-DEL-06, R-DEL-07, R-DEL-08
    """People by name, a letter they opened, for whom; it is ended; who acted is home again on the next request."""
    of = communes[0]
    made = in_force(window, of)
    acting = colleague.sign_in(MEMBER)
    switch_to(acting, of.siret)
    colleague.open("/courriers")
    letter = letter_links(acting).first
    subject = letter.inner_text()
    path = letter.get_attribute("href")
    assert path is not None
    letter.click()
    acting.locator("iframe").wait_for()
    expect(acting.get_by_role("region", name="Lectures")).to_contain_text(
        words(f"Lu par {name(window, MEMBER)} ({CENTRE}), pour {of.name}, par délégation")
    )
    check(acting, f"membre-courrier-{width}")

    page = window.sign_in(of.administrators[0], path=RECEIVED)
    card = page.get_by_role("article", name=CENTRE)
    expect(card).to_contain_text(name(window, MEMBER))
    expect(card).to_contain_text(sentence(window, of, made))
    expect(card).to_contain_text(FINANCES)
    expect(card).to_contain_text(words(f"a ouvert le courrier « {subject} »"))
    check(page, f"commune-qui-agit-{width}")
    card.get_by_role("link", name=re.compile("Tout voir")).click()
    done = page.get_by_role("row").filter(has_text=words(subject)).first
    expect(done).to_contain_text(name(window, MEMBER))
    expect(done).to_contain_text(words(f"pour {of.name}"))
    check(page, f"commune-activite-{width}")
    page.get_by_role("link", name="La délégation").click()
    expect(page.get_by_role("region", name="1 personne agit")).to_contain_text(name(window, MEMBER))
    check(page, f"commune-en-vigueur-{width}")

    page.get_by_role("link", name="Retour aux délégations").click()
    card.get_by_role("button", name="Mettre fin").click()
    dialog = page.get_by_role("dialog", name=f"Mettre fin à la délégation avec le {CENTRE}")
    expect(dialog).to_contain_text("ne verra plus vos courriers et n’agira plus pour vous")
    check(page, f"commune-mettre-fin-{width}")
    dialog.get_by_role("button", name="Mettre fin à la délégation").click()
    expect(dialog).to_contain_text("Dites en une phrase pourquoi vous y mettez fin.")
    dialog.get_by_label("Motif").fill("Nous reprenons nos courriers.")
    dialog.get_by_role("button", name="Mettre fin à la délégation").click()
    expect(outcome(page)).to_contain_text(words(f"C’est fini : plus personne du {CENTRE} n’agit pour vous."))
    expect(card).to_have_count(0)
    expect(page.get_by_role("region", name="Refusées, finies ou retirées")).to_contain_text("Terminée")
    check(page, f"commune-fin-{width}")

    changed = acting.get_by_role("region", name="Changement de vos accès")
    expect(changed).to_contain_text("Nous reprenons nos courriers.")
    expect(bar(acting)).to_have_count(0)
    colleague.open(path)
    expect(acting.get_by_role("heading", level=1)).to_be_visible()
    expect(acting.get_by_role("main")).not_to_contain_text(subject)
    expect(acting.locator("iframe")).to_have_count(0)
    told = newest_mail(colleague, address(window, asker(window)), f"Fin d’une délégation : {of.name}")
    expect(told).to_contain_text("Nous reprenons nos courriers.")


def test_a_request_is_accepted_by_keyboard_alone(window: Window, communes: list[Asked], width: int) -> None:
    """From the sign-in to the acceptance of a part, without a pointer (R-DEL-02)."""
    of = communes[2]
    made = request(window, of)
    page = window.open("/connexion")
    tab_to(page, page.get_by_label("Identifiant"))
    page.keyboard.type(of.administrators[0])
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    task = page.get_by_role("link", name="demande de délégation à décider")
    task.wait_for()
    tab_to(page, task)
    page.keyboard.press("Enter")
    detail = request_card(page).get_by_role("link", name=re.compile("Voir le détail"))
    detail.wait_for()
    tab_to(page, request_card(page).get_by_role("button", name="Accepter", exact=True))
    tab_to(page, detail)
    page.keyboard.press("Enter")
    partly = page.get_by_role("button", name="Accepter en partie")
    partly.wait_for()
    tab_to(page, partly)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Accepter en partie")).to_be_focused()
    finances = page.get_by_role("group", name=FINANCES)
    tab_to(page, finances.get_by_label("Modification"))
    page.keyboard.press("ArrowLeft")
    expect(finances.get_by_label("Lecture seule")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Accepter ce choix"))
    check(page, f"commune-clavier-{width}")
    page.keyboard.press("Enter")
    expect(outcome(page)).to_contain_text("C’est accepté")
    [[status]] = write(window, "SELECT status FROM delegations WHERE delegataire_id = ?", of.id)
    assert status == "ACCEPTED"
    assert made


def test_who_comes_second_is_told_what_was_decided(
    window: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-02
    """From the list, from the request, while choosing a part: what, by whom and when; nothing is decided twice."""
    first, second = communes[0].administrators[:2]
    by = name(window, first)
    made = request(window, communes[0])
    page = window.page
    page.route_web_socket("**/graphql", lambda _: None)  # nothing is told before one asks
    window.sign_in(second, path=RECEIVED)
    expect(request_card(page)).to_be_visible()
    colleague_of = signed_in(window.platform, first)
    colleague_of.ask(REFUSE, input={"id": made, "reason": "Pas cette année."})
    request_card(page).get_by_role("button", name="Accepter", exact=True).click()
    expect(outcome(page)).to_contain_text("Quelqu’un a décidé avant vous")
    expect(outcome(page)).to_contain_text(re.compile(f"refusée.*{by}.*{clock.today().year}"))
    expect(request_card(page)).to_have_count(0)
    check(page, f"commune-second-liste-{width}")

    again = request(window, communes[0])
    page = window.open(f"/etablissement/delegations/{again}")
    page.get_by_role("button", name="Accepter en partie").click()
    page.get_by_role("group", name=FINANCES).get_by_label("Lecture seule").check()
    colleague_of.ask(ACCEPT, input={"id": again})
    page.get_by_role("button", name="Accepter ce choix").click()
    expect(outcome(page)).to_contain_text("Quelqu’un a décidé avant vous")
    expect(outcome(page)).to_contain_text(re.compile(f"acceptée.*{by}.*{clock.today().year}"))
    expect(page.get_by_role("main")).to_contain_text("En vigueur depuis le")
    check(page, f"commune-second-{width}")


def test_what_a_colleague_decides_is_told_at_once(
    window: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-02
    """On the list and on the request, which is not there to decide any more; so for one that is taken back."""
    of = communes[1]
    by = name(window, of.administrators[0])
    told = window.page.get_by_role("status")
    page = window.sign_in(of.administrators[1], path=RECEIVED)
    for path in ("/etablissement/delegations/recues", "/etablissement/delegations/{}"):
        made = request(window, of)
        window.open(path.format(made))
        expect(request_card(page)).to_be_visible()
        signed_in(window.platform, of.administrators[0]).ask(REFUSE, input={"id": made, "reason": "Pas cette année."})
        expect(told.filter(has_text="Quelqu’un a décidé avant vous")).to_contain_text(
            re.compile(rf"La demande du {CENTRE} a été refusée par {by}, le .*{clock.today().year}")
        )
        expect(request_card(page)).to_have_count(0)
        check(page, f"commune-decidee-ailleurs-{'liste' if path.endswith('recues') else 'demande'}-{width}")
    made = request(window, of)
    window.open("/etablissement/delegations/recues")
    request_card(page).get_by_role("link", name=re.compile("Voir le détail")).click()
    request_card(page).get_by_role("button", name="Accepter en partie").click()
    expect(page.get_by_role("heading", name="Accepter en partie")).to_be_focused()
    centre(window).ask(WITHDRAW, input={"ids": [made]})
    expect(told.filter(has_text="Il n’y a plus rien à décider")).to_contain_text("vient d’être retirée")
    check(page, f"commune-retiree-{width}")


def test_only_administrators_decide(window: Window, communes: list[Asked], width: int) -> None:  # R-DEL-02
    """A user of the same commune is told who decides, and sees no request, whatever the address."""
    of = communes[0]
    made = request(window, of)
    [[someone]] = write(
        window,
        "SELECT min(identifier) FROM users WHERE establishment_id = ? AND NOT is_administrator AND deleted_at IS NULL "
        "AND password_hash IS NOT NULL AND locked_at IS NULL AND expires_on > date('now')",
        of.id,
    )
    page = window.sign_in(someone)
    expect(page.get_by_role("region", name="Ce qui vous attend")).to_be_visible()
    expect(page.get_by_role("link", name="délégation à décider")).to_have_count(0)
    window.open("/etablissement/delegations/recues")
    expect(page.get_by_role("main")).to_contain_text(name(window, of.administrators[0]))
    expect(page.get_by_role("button", name="Accepter")).to_have_count(0)
    check(page, f"commune-utilisateur-{width}")
    window.open(f"/etablissement/delegations/{made}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("main").locator(".waiting")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("Accepter|Refuser"))).to_have_count(0)
    check(page, f"commune-utilisateur-demande-{width}")


def test_the_end_is_put_off_in_one_act(
    window: Window, colleague: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-04
    """« Prolonger » leads to the form itself; a day, then no end at all."""
    of = communes[0]
    end = clock.today() + timedelta(days=20)
    made = in_force(window, of, endsOn=end.isoformat())
    page = window.sign_in(of.administrators[0], path=RECEIVED)
    card = page.get_by_role("article", name=CENTRE)
    expect(card).to_contain_text("finit dans 20 jours")
    check(page, f"commune-finit-bientot-{width}")
    card.get_by_role("link", name=re.compile("Prolonger")).click()
    title = page.get_by_role("heading", name="Prolonger")
    expect(title).to_be_focused()
    expect(title).to_be_in_viewport()
    page.go_back()
    card.get_by_role("link", name=re.compile("Prolonger")).click()  # now that it is known at once
    expect(title).to_be_focused()
    form = page.get_by_role("region", name="Prolonger")
    form.get_by_label("Nouveau dernier jour").fill("")
    form.get_by_role("button", name="Prolonger").click()
    expect(form).to_contain_text("Donnez une date, ou enlevez la date de fin.")
    check(page, f"commune-prolonger-{width}")
    form.get_by_label("Nouveau dernier jour").fill(end.isoformat())
    form.get_by_role("button", name="Prolonger").click()
    expect(page.get_by_role("alert")).to_contain_text(words(f"Elle court déjà jusqu’au {day(end)}"))
    later = end + timedelta(days=365)
    form.get_by_label("Nouveau dernier jour").fill(later.isoformat())
    form.get_by_role("button", name="Prolonger").click()
    expect(outcome(page)).to_contain_text(words(f"La délégation court désormais jusqu’au {day(later)}."))
    expect(page.get_by_role("main")).to_contain_text(words(f"jusqu’au {day(later)}."))
    check(page, f"commune-prolongee-{width}")
    form.get_by_role("button", name="Enlever la date de fin").click()
    expect(outcome(page)).to_contain_text("La délégation n’a plus de date de fin.")
    expect(form).to_have_count(0)

    other = colleague.sign_in("admin-cdg17", path=f"/connexion?suite=/etablissement/delegations/{made}")
    expect(other.get_by_role("main")).to_contain_text("sans date de fin")
    assert colleague.complaints == []


def test_a_centralisateur_that_is_asked_finds_what_it_was_asked(
    window: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-02
    """Its list is of what it asked for: the task leads to what it was asked, beside it."""
    of = communes[0]
    request(window, of)
    write(window, "UPDATE establishments SET is_centralisateur = true WHERE id = ?", of.id)
    try:
        page = window.sign_in(of.administrators[0])
        page.get_by_role("link", name="demande de délégation à décider").click()
        expect(request_card(page)).to_be_visible()
        sides = page.get_by_role("navigation", name="Délégations de votre établissement")
        expect(sides.get_by_role("link", name="Reçues d’un autre")).to_have_attribute("aria-current", "page")
        check(page, f"centralisateur-recues-{width}")
        sides.get_by_role("link", name="Demandées par vous").click()
        expect(page.get_by_role("main")).to_contain_text("Votre établissement n’a encore rien demandé.")
    finally:
        write(window, "UPDATE establishments SET is_centralisateur = false WHERE id = ?", of.id)


def test_the_demonstration_has_a_request_to_decide(window: Window, width: int) -> None:
    """Its village reads what accepting means, from home, and leaves it as it was (R-DEL-03)."""
    page = window.sign_in("admin-talmont")
    page.get_by_role("link", name="demande de délégation à décider").click()
    expect(request_card(page)).to_contain_text("Si vous acceptez,")
    check(page, f"admin-talmont-recues-{width}")
    request_card(page).get_by_role("link", name=re.compile("Voir le détail")).click()
    page.get_by_role("button", name="Accepter en partie").click()
    page.get_by_role("button", name="Tout en lecture seule").click()
    expect(page.get_by_role("radio", name="Lecture seule", checked=True)).to_have_count(7)
    check(page, f"admin-talmont-en-partie-{width}")
    page.get_by_role("button", name="Annuler").click()
    expect(request_card(page)).to_be_visible()
    check(page, f"admin-talmont-demande-{width}")


def test_somebody_who_acts_for_many_has_the_first_ones_named(
    window: Window, communes: list[Asked], width: int
) -> None:  # R-ACC-17
    """« Mes droits » stays short; the others are found where one acts for them."""
    for one in communes:
        in_force(window, one)
    page = window.sign_in(MEMBER, path="/connexion?suite=/mes-informations")
    section = page.get_by_role("region", name="Mes droits")
    named = section.get_by_role("list").last.get_by_role("listitem")
    expect(named).to_have_count(11)
    expect(named.last).to_have_text(re.compile(r"^et \d+ autres?\.$"))
    expect(section).not_to_contain_text(CENTRE)
    check(page, f"agent-cdg17-mes-droits-{width}")
    section.get_by_role("link", name="Chercher parmi ces établissements").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Agir pour un autre établissement")
    page.context.clear_cookies()
    [[number]] = write(window, "SELECT id FROM users WHERE identifier = ?", MEMBER)
    account = f"/etablissement/comptes/{globalid.encode('User', number)}"
    page = window.sign_in("admin-cdg17", path=f"/connexion?suite={account}")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"et \d+ autres?\."))
    check(page, f"admin-cdg17-compte-{width}")
    page.get_by_role("link", name="Voir et choisir ces établissements").click()
    expect(page.get_by_role("link", name=communes[0].name)).to_be_visible()

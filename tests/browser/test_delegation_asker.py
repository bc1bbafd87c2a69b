"""The centralisateur's side of delegations, in a real browser (R-DEL-01, 02, 04, 05, 07).

The communes used here are those that the demonstration asks nothing of; what is asked of them is taken away after each
test.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from backend import clock
from backend.rules import globalid
from tests.browser.agreements import Asked, accept, choose, establishment, request
from tests.browser.conftest import PASSWORD, Window, letter_links, until_no_dialog
from tests.browser.test_accessibility import check
from tests.browser.test_accounts import colleague
from tests.browser.test_many_accounts import rows, write
from tests.browser.test_switch import switch_to

__all__ = ["colleague"]

pytestmark = pytest.mark.browser

LIST = "/connexion?suite=/etablissement/delegations"
ASK = "/connexion?suite=/etablissement/delegations/demander"
LETTERS = "Courriers CNRACL, carrières"
AGREED = ("COMPTES_FINANCIERS", "COURRIERS_CNRACL_CARRIERES")
"""The services that what is `agreed` is about."""


@pytest.fixture
def communes(window: Window) -> Iterator[list[Asked]]:
    """Three communes that were asked nothing, whose administrator may sign in; and nothing is left asked of them.

    Those that have letters to read through what is `agreed` come first: which they are depends on the day.
    """
    [[last]] = write(window, "SELECT max(id) FROM delegations")
    free = write(
        window,
        "SELECT e.name FROM establishments e WHERE e.category = 'COMMUNE' AND e.name NOT LIKE '%Royan%' AND NOT EXISTS "
        "(SELECT 1 FROM delegations d WHERE d.delegataire_id = e.id) ORDER BY EXISTS (SELECT 1 FROM courriers c "
        "JOIN courrier_types t ON t.id = c.type_id JOIN services s ON s.id = t.service_id "
        "WHERE c.establishment_id = e.id AND c.available_at IS NOT NULL AND c.withdrawn_at IS NULL "
        f"AND s.code IN {AGREED}) DESC, e.id DESC",
    )
    found = [one for (name,) in free if (one := establishment(window, name)).administrators][:3]
    assert len(found) == 3
    yield found
    for table in ("delegation_members", "delegation_services", "delegation_steps"):
        write(window, f"DELETE FROM {table} WHERE delegation_id > ?", last)
    write(window, "DELETE FROM delegations WHERE id > ?", last)


def spaced(siret: str) -> str:
    """As Insee groups it."""
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"


def well_formed(number: int) -> str:
    """A SIRET of nobody, whose check digit is right."""
    digits = f"9999{number:09}"
    doubled = [int(one) * (2 - place % 2) for place, one in enumerate(reversed(digits))]
    return digits + str(-sum(one - 9 if one > 9 else one for one in doubled) % 10)


def agreed(window: Window, communes: list[Asked]) -> list[str]:
    """Delegations that these communes have accepted, for less than was asked: through them nobody acts yet."""
    asked = [{"service": one, "level": "MODIFY"} for one in AGREED]
    made = []
    for commune in communes:
        made.append(request(window, commune, asked))
        accept(window.platform, commune, made[-1], services=[{**one, "level": "READ"} for one in asked])
    return made


def asked_of(window: Window, communes: list[Asked]) -> list[tuple[str, str | None]]:
    """The status and the message of what is asked of these communes, in their order."""
    return [
        found
        for one in communes
        for found in write(window, "SELECT status, message FROM delegations WHERE delegataire_id = ?", one.id)
    ]


def fill_request(page: Page, sirets: str) -> None:
    """A request for letters, read only."""
    page.get_by_label("SIRET des établissements").fill(sirets)
    page.get_by_role("group", name=LETTERS).get_by_label("Lecture seule").check()


def test_communes_are_asked_followed_and_given_up(
    window: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-01, R-DEL-02, R-DEL-04
    """Home → paste → rehearse → take the refused away → send → follow → remind → withdraw."""
    page = window.sign_in("admin-cdg17")
    expect(page.get_by_role("heading", name="Vos délégations")).to_be_visible()
    check(page, f"admin-cdg17-accueil-{width}")
    page.get_by_role("link", name="Toutes les délégations").click()
    expect(page.get_by_role("table")).to_be_visible()
    check(page, f"admin-cdg17-delegations-{width}")
    page.get_by_role("link", name="Demander des délégations").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    check(page, f"admin-cdg17-demander-{width}")
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Donnez au moins un SIRET.")
    expect(page.get_by_role("alert")).to_contain_text("Choisissez au moins un service")
    check(page, f"admin-cdg17-demander-manque-{width}")

    [[talmont]] = write(window, "SELECT siret FROM establishments WHERE name = 'Commune de Talmont-sur-Gironde'")
    bad = "12345678901234"
    pasted = "\n".join([spaced(communes[0].siret), communes[1].siret, bad, talmont, f"{communes[2].siret};"])
    page.get_by_label("SIRET des établissements").fill(pasted)
    expect(page.get_by_text("5 SIRET dans la liste.")).to_be_visible()
    page.get_by_role("button", name="Tous en lecture seule : Courriers").click()
    expect(page.get_by_role("group", name=LETTERS).get_by_label("Lecture seule")).to_be_checked()
    page.get_by_label("Message à leurs administrateurs").fill("Comme le prévoit notre convention.")
    page.get_by_role("button", name="Vérifier").click()
    title = page.get_by_role("heading", name="Vérifier")
    expect(title).to_be_focused()
    table = page.get_by_role("table", name="Ce que devient chaque ligne")
    expect(page.get_by_role("main")).to_contain_text("3 demandes à envoyer")
    expect(page.get_by_role("main")).to_contain_text("2 lignes refusées")
    expect(table.get_by_role("row").filter(has_text="Inconnu")).to_contain_text("n’est pas bien formé")
    expect(table.get_by_role("row").filter(has_text="Talmont")).to_contain_text("attend déjà sa réponse")
    check(page, f"admin-cdg17-verifier-{width}")
    assert asked_of(window, communes) == []  # nothing is written
    with page.expect_download() as refusals:
        page.get_by_role("button", name="Télécharger les refus (CSV)").click()
    heading, *refused = rows(refusals.value)
    assert heading == ["SIRET", "Établissement", "Résultat", "Motif"]
    assert [line[0] for line in refused] == [bad, talmont]
    page.get_by_role("button", name="Retirer les 2 lignes refusées").click()
    removed = page.get_by_role("status").filter(has_text="2 lignes retirées")
    expect(removed).to_be_focused()
    expect(table.get_by_role("row")).to_have_count(4)
    removed.get_by_role("button", name="Annuler").click()
    expect(table.get_by_role("row")).to_have_count(6)
    page.get_by_role("button", name="Retirer les 2 lignes refusées").click()

    page.go_back()  # what was typed is still there
    expect(page.get_by_role("heading", name="Préparer")).to_be_focused()
    expect(page.get_by_label("SIRET des établissements")).to_have_value("\n".join(one.siret for one in communes))
    expect(page.get_by_label("Message à leurs administrateurs")).to_have_value("Comme le prévoit notre convention.")
    page.get_by_role("button", name="Vérifier").click()
    page.get_by_role("button", name="Envoyer les 3 demandes").click()
    expect(page.get_by_role("heading", name="Résultat", level=2)).to_be_focused()
    expect(page.get_by_role("heading", name="3 demandes envoyées")).to_be_visible()
    check(page, f"admin-cdg17-resultat-{width}")
    assert asked_of(window, communes) == [("PENDING", "Comme le prévoit notre convention.")] * 3
    with page.expect_download() as results:
        page.get_by_role("button", name="Télécharger le résultat (CSV)").click()
    assert [line[2] for line in rows(results.value)[1:]] == ["Demandée"] * 3

    page.get_by_role("link", name="Suivre les demandes en attente").click()
    expect(page).to_have_url(re.compile("vue=en-attente"))
    for one in communes:
        page.get_by_role("row", name=one.name).get_by_role("checkbox").check()
    expect(page.get_by_role("status").filter(has_text="3 délégations sélectionnées")).to_be_attached()
    check(page, f"admin-cdg17-selection-{width}")
    page.get_by_role("button", name="Relancer").click()
    result = page.locator("#resultat-action")
    expect(result).to_be_focused()
    expect(result).to_contain_text("3 refus")
    expect(result).to_contain_text(re.compile("relancez à partir du"))
    check(page, f"admin-cdg17-relance-trop-tot-{width}")
    week = 8 * 86_400_000_000
    write(
        window, "UPDATE delegations SET requested_at = requested_at - ? WHERE delegataire_id = ?", week, communes[0].id
    )
    page.get_by_role("button", name="Relancer").click()
    expect(result).to_contain_text("1 demande relancée par messagerie.")
    expect(result).to_contain_text("2 refus")
    expect(page.get_by_role("row", name=communes[0].name)).to_contain_text("relancée le")

    page.get_by_role("button", name="Retirer").click()
    expect(page.get_by_role("dialog")).to_contain_text("Retirer 2 demandes ?")
    check(page, f"admin-cdg17-retirer-{width}")
    page.get_by_role("dialog").get_by_role("button", name="Retirer").click()
    expect(result).to_contain_text("2 demandes retirées.")
    page.get_by_role("link", name=communes[0].name).click()
    expect(page.get_by_role("heading", name=communes[0].name, level=1)).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("Demandée, pas encore décidée.")
    check(page, f"admin-cdg17-demande-{width}")
    expect(page.get_by_role("main")).to_contain_text("Vous pourrez les relancer une semaine après.")
    expect(page.get_by_role("button", name="Relancer")).to_have_count(0)
    page.get_by_role("button", name="Retirer la demande").click()
    page.get_by_role("dialog").get_by_role("button", name="Retirer la demande").click()
    expect(page.get_by_role("status").filter(has_text="La demande est retirée.")).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("La demande a été retirée par Hélène Fofana")
    expect(page.get_by_role("region", name="Histoire").locator(".timeline > li")).to_have_count(3)
    check(page, f"admin-cdg17-demande-retiree-{width}")
    assert [status for status, _ in asked_of(window, communes)] == ["WITHDRAWN"] * 3


def test_a_file_is_read_and_a_session_s_end_loses_nothing(window: Window, communes: list[Asked], width: int) -> None:
    """A spreadsheet's column, added to what was typed; signed out meanwhile, one finds it again (R-DEL-01)."""
    page = window.sign_in("admin-cdg17", path=ASK)
    fill_request(page, communes[0].siret)
    page.get_by_label("Dernier jour").fill((clock.today() + timedelta(days=365)).isoformat())
    lines = f'Commune;N° SIRET;Habitants\nÉpineuil;{spaced(communes[1].siret)};12\n"A ; B";{communes[2].siret};7\n'
    content: FilePayload = {"name": "communes.csv", "mimeType": "text/csv", "buffer": lines.encode("cp1252")}
    page.get_by_label("Ou un fichier").set_input_files(content)
    expect(page.get_by_text(re.compile("2 SIRET repris de «\\scommunes.csv\\s»"))).to_be_visible()
    listed = page.get_by_label("SIRET des établissements")
    expect(listed).to_have_value("\n".join(one.siret for one in communes))
    nothing: FilePayload = {"name": "vide.csv", "mimeType": "text/csv", "buffer": b"Commune\nRoyan\n"}
    page.get_by_label("Ou un fichier").set_input_files(nothing)
    expect(page.get_by_text(re.compile("Aucun SIRET dans «\\svide.csv"))).to_be_visible()
    check(page, f"admin-cdg17-fichier-{width}")

    [[asker]] = write(window, "SELECT id FROM users WHERE identifier = 'admin-cdg17'")
    write(window, "DELETE FROM sessions WHERE user_id = ?", asker)
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
    window.complaints.clear()  # the refusal of a request that came too late
    page.get_by_label("Identifiant").fill("admin-cdg17")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_text("Nous avons repris la demande que vous aviez commencée.")).to_be_visible()
    expect(listed).to_have_value("\n".join(one.siret for one in communes))
    expect(page.get_by_role("group", name=LETTERS).get_by_label("Lecture seule")).to_be_checked()
    check(page, f"admin-cdg17-demande-reprise-{width}")
    page.get_by_label("Premier jour").fill((clock.today() - timedelta(days=3)).isoformat())
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("alert")).to_contain_text("commence aujourd’hui ou plus tard")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Premier jour")).to_be_focused()
    page.get_by_role("button", name="Tout effacer").click()
    expect(listed).to_have_value("")
    page.reload()
    expect(listed).to_have_value("")


def test_a_line_that_drops_is_taken_up_again(window: Window, communes: list[Asked], width: int) -> None:
    """A long list: its progress is told; the answer is lost; sent again, nothing is asked twice (R-DEL-01)."""
    page = window.sign_in("admin-cdg17", path=ASK)
    fill_request(page, "\n".join(map(well_formed, range(2001))))
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("alert")).to_contain_text("La liste compte 2\u202f001 SIRET")
    sirets = [communes[0].siret, *(well_formed(number) for number in range(219)), communes[1].siret]
    fill_request(page, " ".join(sirets))
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("main")).to_contain_text("2 demandes à envoyer")
    expect(page.get_by_role("main")).to_contain_text("219 lignes refusées")
    table = page.get_by_role("table", name="Ce que devient chaque ligne")
    expect(table.get_by_role("row")).to_have_count(101)
    page.get_by_role("button", name="Afficher les 100 suivantes").click()
    expect(table.get_by_role("row")).to_have_count(201)
    page.get_by_role("group", name="Lignes affichées").get_by_label("À demander (2)").check()
    expect(table.get_by_role("row")).to_have_count(3)

    held: list[Route] = []

    def hold(route: Route) -> None:
        if "requestDelegations" not in (route.request.post_data or ""):
            return route.continue_()
        return held.append(route)

    page.route("**/graphql", hold)
    page.get_by_role("button", name="Envoyer les 2 demandes").click()
    expect(page.get_by_role("heading", name="Envoi en cours")).to_be_focused()
    held[0].fetch()  # the server does it all, its answer never comes
    expect(page.get_by_role("progressbar", name="Envoi en cours")).to_have_js_property("value", 221)
    expect(page.get_by_role("status").filter(has_text="221 lignes traitées sur 221")).to_be_attached()
    check(page, f"admin-cdg17-envoi-{width}", settled=False)
    held[0].abort()
    expect(page.get_by_role("alert")).to_contain_text("Une partie des demandes est peut-être déjà partie")
    check(page, f"admin-cdg17-envoi-coupe-{width}")
    page.unroute("**/graphql")
    window.complaints.clear()  # the line that was cut
    page.get_by_role("button", name="Reprendre l’envoi").click()
    expect(page.get_by_role("heading", name="2 demandes envoyées")).to_be_visible()
    assert [status for status, _ in asked_of(window, communes)] == ["PENDING"] * 2


def test_people_are_chosen_by_establishment_then_by_person(
    window: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-05
    """Several delegations → who acts; one person → for whom; who has no right at home is told to see nothing."""
    made = agreed(window, communes)
    page = window.sign_in("admin-cdg17", path=LIST)
    page.get_by_role("link", name="En vigueur").click()
    for one in communes[:2]:
        expect(page.get_by_role("row", name=one.name)).to_contain_text("Personne")
        page.get_by_role("row", name=one.name).get_by_role("checkbox").check()
    page.get_by_role("button", name="Choisir les personnes").click()
    expect(page.get_by_role("heading", name="2 délégations choisies")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="2 délégations choisies")).to_be_visible()
    check(page, f"admin-cdg17-choisir-{width}")
    blind = page.get_by_role("group", name="NOËL Khadija")
    expect(blind).to_contain_text("N’a chez vous de droit sur aucun des services délégués : ne verra rien.")
    agent = page.get_by_role("group", name="RENAUD Malik")
    agent.get_by_label("Ajouter").check()
    page.get_by_label("Nom, identifiant ou adresse électronique").fill("noël")
    page.get_by_role("button", name="Rechercher").click()
    expect(agent).to_have_count(0)
    blind.get_by_label("Ajouter").check()
    expect(page.get_by_role("status").filter(has_text="2 personnes à ajouter")).to_be_attached()
    check(page, f"admin-cdg17-choisies-{width}")
    page.get_by_role("link", name="Retirer le filtre").click()
    agent.get_by_label("Ajouter").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status").filter(has_text="Personnes enregistrées pour 2 délégations.")).to_be_focused()
    expect(agent).to_contain_text("Agit déjà par les 2.")
    members = "SELECT count(*) FROM delegation_members WHERE delegation_id >= ?"
    assert write(window, members, globalid.decode(made[0])[1]) == [(4,)]

    page = window.open("/etablissement/delegations/personnes?q=renaud")
    check(page, f"admin-cdg17-personnes-{width}")
    page.get_by_role("link", name="RENAUD Malik").click()
    expect(page.get_by_role("heading", name="Malik Renaud", level=1)).to_be_visible()
    expect(page.get_by_role("row", name=communes[0].name)).to_be_visible()
    check(page, f"admin-cdg17-personne-{width}")
    page.get_by_role("row", name=communes[0].name).get_by_role("checkbox").check()
    page.get_by_role("group", name="Actions sur la sélection").get_by_role("button", name="Retirer").click()
    result = page.locator("#resultat-action")
    expect(result).to_contain_text("N’agit plus par 1 délégation.")
    page.get_by_role("link", name="N’agit pas pour").click()
    expect(page).to_have_url(re.compile("vue=autres"))
    for one in (communes[0], communes[2]):
        page.get_by_role("row", name=one.name).get_by_role("checkbox").check()
    check(page, f"admin-cdg17-personne-autres-{width}")
    page.get_by_role("group", name="Actions sur la sélection").get_by_role("button", name="Ajouter").click()
    expect(result).to_contain_text("Agit désormais par 2 délégations de plus.")

    page = window.open("/etablissement/delegations/personnes?q=noël")
    page.get_by_role("link", name="NOËL Khadija").click()
    expect(page.get_by_role("main")).to_contain_text("ne verra rien par une délégation")
    expect(page.get_by_role("row", name=communes[0].name)).to_contain_text("Ne verra rien")
    check(page, f"admin-cdg17-personne-sans-droit-{width}")
    page.get_by_role("link", name="N’agit pas pour").click()
    page.get_by_role("button", name="Ajouter aux").click()
    page.get_by_role("dialog").get_by_role("button", name="Ajouter aux").click()
    expect(result).to_contain_text("délégations de plus.")
    expect(page.get_by_role("main")).to_contain_text("Agit déjà pour tous les établissements qui ont accepté.")
    page.get_by_role("link", name="Agit pour").click()
    page.get_by_role("button", name="Retirer des").click()
    check(page, f"admin-cdg17-personne-retirer-{width}")
    page.get_by_role("dialog").get_by_role("button", name="Retirer des").click()
    expect(result).to_contain_text("N’agit plus par")
    none = "SELECT count(*) FROM delegation_members m JOIN users u ON u.id = m.user_id WHERE u.last_name = 'Noël'"
    assert write(window, none) == [(0,)]
    page = window.open("/etablissement/delegations/membres?pour=toutes")
    expect(page.get_by_role("main")).to_contain_text("délégations acceptées")
    check(page, f"admin-cdg17-choisir-toutes-{width}")
    page = window.open("/etablissement/delegations/membres?choix=inconnu")
    expect(page.get_by_role("heading", name="Choisissez d’abord des délégations")).to_be_visible()
    check(page, f"admin-cdg17-choisir-rien-{width}")


def test_either_party_ends_a_delegation_with_a_reason(
    window: Window, colleague: Window, communes: list[Asked], width: int
) -> None:  # R-DEL-04, R-DEL-07
    """What was done through it is read; its end asks why; the other party reads the reason, then ends another."""
    made = agreed(window, communes[:2])
    for one in made:
        choose(window, one, "admin-cdg17")
    name = communes[0].name
    page = window.sign_in("admin-cdg17")
    switch_to(page, communes[0].siret)
    window.open("/courriers")
    letter_links(page).first.click()
    page.locator("iframe").wait_for()
    page.get_by_role("button", name="Revenir à votre établissement").click()
    expect(page.get_by_role("button", name="Revenir à votre établissement")).to_have_count(0)

    window.open(f"/etablissement/delegations?q={communes[0].siret}")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("Aujourd’hui, 1 personne de votre établissement voit"))
    check(page, f"admin-cdg17-delegation-{width}")
    page.get_by_role("link", name="Activité").last.click()
    expect(page.get_by_role("row").filter(has_text="Hélène Fofana").first).to_be_visible()
    check(page, f"admin-cdg17-delegation-activite-{width}")
    page.get_by_role("link", name="La délégation").click()
    page.get_by_role("button", name="Mettre fin à la délégation").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Mettre fin à la délégation").click()
    expect(dialog).to_contain_text("Dites en une phrase pourquoi")
    expect(dialog.get_by_label("Motif")).to_be_focused()
    check(page, f"admin-cdg17-fin-{width}")
    dialog.get_by_label("Motif").fill("La convention n’est pas renouvelée.")
    page.keyboard.press("Escape")  # what was typed stays
    until_no_dialog(page)
    page.get_by_role("button", name="Mettre fin à la délégation").click()
    expect(dialog.get_by_label("Motif")).to_have_value("La convention n’est pas renouvelée.")
    dialog.get_by_role("button", name="Mettre fin à la délégation").click()
    expect(page.get_by_role("status").filter(has_text="Il est mis fin à la délégation")).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("Il y a été mis fin par Hélène Fofana")
    expect(page.get_by_role("button", name="Mettre fin à la délégation")).to_have_count(0)
    check(page, f"admin-cdg17-delegation-finie-{width}")

    for number, (commune, one) in enumerate(zip(communes[:2], made, strict=True)):
        colleague.page.context.clear_cookies()
        other = colleague.sign_in(commune.administrators[0])
        colleague.open(f"/etablissement/delegations/{one}")
        if number == 0:
            expect(other.get_by_role("main")).to_contain_text("La convention n’est pas renouvelée.")
            check(other, f"commune-delegation-finie-{width}")
            continue
        expect(other.get_by_role("main")).to_contain_text(re.compile("Aujourd’hui, une personne du Centre"))
        check(other, f"commune-delegation-{width}")
        other.get_by_role("button", name="Mettre fin à la délégation").click()
        other.get_by_role("dialog").get_by_label("Motif").fill("Nous reprenons la paie.")
        other.get_by_role("dialog").get_by_role("button", name="Mettre fin à la délégation").click()
        expect(other.get_by_role("status").filter(has_text="Il est mis fin à la délégation")).to_be_focused()
    assert [status for status, _ in asked_of(window, communes)] == ["ENDED"] * 2
    assert colleague.complaints == []


def test_the_list_is_narrowed_and_selected_whole(window: Window, communes: list[Asked], width: int) -> None:
    """What ends soon, who has nobody, a search; then more than a page selected at once (R-DEL-04, 05, 09)."""
    agreed(window, communes[:1])
    [[place, asker]] = write(window, "SELECT establishment_id, id FROM users WHERE identifier = 'admin-cdg17'")
    now = int(clock.to_microseconds(clock.now()))
    for _ in range(10):
        write(
            window,
            "INSERT INTO delegations (centralisateur_id, delegataire_id, status, requested_by_id, requested_at, "
            "ended_by_id, ended_at) VALUES (?, ?, 'WITHDRAWN', ?, ?, ?, ?)",
            place, communes[1].id, asker, now, asker, now,
        )  # fmt: skip
    page = window.sign_in("admin-cdg17", path=LIST)
    endings = page.get_by_role("region", name="Finissent bientôt")
    expect(endings).to_contain_text(re.compile(r"dans \d+ jours|demain|aujourd’hui"))
    endings.get_by_role("link", name=re.compile("dans la liste|qui finissent")).click()
    expect(page).to_have_url(re.compile("fin=60"))
    expect(page.get_by_role("row").nth(1)).to_contain_text("En vigueur")
    check(page, f"admin-cdg17-fins-{width}")
    page.locator("summary", has_text="Filtres").click()
    page.get_by_label("Personnes qui agissent", exact=True).select_option(label="Personne encore")
    page.get_by_label("Finit dans", exact=True).select_option(label="Tous")
    page.get_by_role("button", name="Appliquer").click()
    expect(page.get_by_role("table").get_by_role("link")).to_have_text([communes[0].name])
    check(page, f"admin-cdg17-sans-personne-{width}")

    page = window.open("/etablissement/delegations")
    [[total]] = write(window, "SELECT count(*) FROM delegations WHERE centralisateur_id = ?", place)
    page.get_by_role("checkbox", name="Sélectionner toutes les délégations de la page").check()
    page.get_by_role("button", name=f"Sélectionner les {total} délégations").click()
    expect(page.get_by_role("group", name="Actions sur la sélection")).to_contain_text(f"{total} délégations sélect")
    page.get_by_role("link", name="Page suivante").click()
    expect(page.get_by_role("group", name="Actions sur la sélection")).to_have_count(0)
    page.get_by_role("link", name="Finies ou retirées").click()
    expect(page).to_have_url(re.compile("vue=finies$"))
    expect(page.get_by_role("row").nth(1)).to_contain_text("Retirée")
    page.get_by_role("link", name="Reçues d’un autre").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Délégations")


def test_somebody_else_is_told_who_asks(window: Window, width: int) -> None:
    """A user of the centre sees its administrators; an administrator of a commune, why it cannot ask (R-DEL-01)."""
    page = window.sign_in("agent-cdg17", path=ASK)
    expect(page.get_by_role("main")).to_contain_text("Seuls les administrateurs demandent")
    expect(page.get_by_role("main")).to_contain_text("Hélène Fofana")
    check(page, f"agent-cdg17-demander-{width}")
    window.open("/etablissement/delegations")
    expect(page.get_by_role("main")).to_contain_text("Hélène Fofana")
    page.context.clear_cookies()
    page = window.sign_in("admin-royan", path=ASK)
    expect(page.get_by_role("main")).to_contain_text("n’est pas centralisateur")
    check(page, f"admin-royan-demander-{width}")

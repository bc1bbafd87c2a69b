"""The guides, walked on the demonstration, step by step: what they quote is there, and their pictures are made here.

`make pictures` takes the pictures again (R-GUI-01).
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.browser.agreements import Asked, ask_for_acknowledgement, establishment, signed_in
from tests.browser.conftest import Platform, Window, started
from tests.browser.guide import Guide
from tests.browser.test_batches import rehearsed
from tests.browser.test_many_accounts import write

pytestmark = pytest.mark.browser

LETTERS = "Courriers CNRACL, carrières"
DELEGATIONS = "/etablissement/delegations"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform of its own: the guides show the demonstration as it is found, and change it."""
    with started(tmp_path_factory.mktemp("guides") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright_driver: Playwright, chromium_executable: str) -> Iterator[Browser]:
    """A Chromium that speaks French, so that its own fields do in the pictures."""
    browser = playwright_driver.chromium.launch(
        executable_path=chromium_executable,
        args=["--no-sandbox", "--disable-gpu", "--lang=fr-FR"],
        env={**os.environ, "LANGUAGE": "fr_FR", "LANG": "fr_FR.UTF-8"},
    )
    yield browser
    browser.close()


@pytest.fixture
def width() -> int:
    """The pictures are those of a desk."""
    return 1280


@pytest.fixture
def colleague(window: Window) -> Iterator[Window]:
    """Somebody else, in another browser."""
    browser = window.page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR", timezone_id="Europe/Paris")
    yield Window(context.new_page(), window.platform, [], [])
    context.close()


def free(window: Window, count: int) -> list[Asked]:
    """Communes that were asked nothing."""
    names = write(
        window,
        "SELECT e.name FROM establishments e WHERE e.category = 'COMMUNE' AND e.name NOT LIKE '%Royan%' AND NOT EXISTS "
        "(SELECT 1 FROM delegations d WHERE d.delegataire_id = e.id) ORDER BY e.id",
    )
    return [one for (name,) in names if (one := establishment(window, name)).administrators][:count]


def busiest(window: Window, more: str = "") -> str:
    """The commune for which most was done through a delegation in force, but for the one where terms wait."""
    [(name,)] = write(
        window,
        "SELECT e.name FROM delegations d JOIN establishments e ON e.id = d.delegataire_id JOIN audit_events a "
        f"ON a.delegation_id = d.id AND a.subject_type = 'Courrier' WHERE d.status = 'ACCEPTED' {more} "
        "AND e.name <> 'Commune de Saujon' GROUP BY e.id ORDER BY count(*) DESC, e.id LIMIT 1",
    )
    return str(name)


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def open_delegations(guide: Guide, page: Page) -> None:
    """By the badge, as the guide says."""
    page.get_by_role("banner").locator("button.badge").click()
    guide.press(page.get_by_role("banner"), "Mon établissement")
    guide.press(page, "Délégations")


def test_the_guide_of_the_centralisateur(window: Window, colleague: Window) -> None:  # R-GUI-01, R-DEL-01 to 09
    guide = Guide("acces-multi-comptes-centralisateur")
    page = window.sign_in("admin-cdg17")
    _ask(guide, window, page)
    _follow(guide, window, page)
    _choose(guide, page)
    _look_ahead_and_back(guide, window, page)
    _act(guide, colleague.sign_in("agent-cdg17"))
    guide.finish()


def _ask(guide: Guide, window: Window, page: Page) -> None:
    first, second = free(window, 2)
    guide.section("Demander à agir")
    guide.see(main(page), "Vos délégations")
    guide.press(page, "Demander des délégations")
    guide.see(main(page), "Services demandés", "Premier jour", "Dernier jour", "Message à leurs administrateurs")
    guide.see(main(page), "Ou un fichier", "Modification")
    guide.fill(page, "SIRET des établissements", f"{first.siret}\n{second.siret}\n12345678901234")
    guide.tick(page.get_by_role("group", name=LETTERS), "Lecture seule")
    guide.picture(page, "centralisateur-demander", tallest=606)
    guide.press(page, "Vérifier")
    expect(page.get_by_role("table", name="Ce que devient chaque ligne")).to_be_visible()
    guide.see(main(page), "Modifier la demande")
    guide.picture(page, "centralisateur-verifier")
    guide.press(page, "Retirer la ligne refusée")
    guide.press(page, "Envoyer les 2 demandes")
    expect(page.get_by_role("heading", name="2 demandes envoyées")).to_be_visible()


def _follow(guide: Guide, window: Window, page: Page) -> None:
    guide.section("Suivre vos demandes")
    open_delegations(guide, page)
    guide.see(main(page), "En vigueur", "À venir", "Refusées", "Finies ou retirées")
    guide.press(main(page), "En attente")
    expect(page).to_have_url(re.compile("vue=en-attente"))
    expect(page.get_by_role("row", name="Talmont")).to_be_visible()
    guide.picture(page, "centralisateur-suivre")

    guide.section("Relancer")
    guide.press(main(page), "En attente")
    page.get_by_role("row", name="Épargnes").get_by_role("checkbox").check()
    guide.press(page, "Relancer")
    expect(main(page)).to_contain_text("1 demande relancée par messagerie.")

    guide.section("Retirer une demande")
    guide.press(main(page), "En attente")
    page.get_by_role("link", name="Commune de Meschers").click()
    guide.see(main(page), "Gérer cette délégation")
    guide.press(page, "Retirer la demande")
    page.get_by_role("dialog").get_by_role("button", name="Retirer la demande").click()
    expect(main(page)).to_contain_text("La demande est retirée.")
    page.get_by_role("link", name="Retour aux délégations").click()


def _choose(guide: Guide, page: Page) -> None:
    guide.section("Choisir qui agit")
    guide.see(main(page), "Les personnes, une par une")
    guide.see(page.get_by_role("navigation", name="Mon établissement"), "Gestion des comptes")
    guide.press(main(page), "En vigueur")
    for name in ("Commune d'Arces", "Commune de Sablonceaux"):
        page.get_by_role("row", name=name).get_by_role("checkbox").check()
    guide.press(page, "Choisir les personnes")
    expect(page.get_by_role("heading", name="2 délégations choisies")).to_be_visible()
    someone = page.get_by_role("group").filter(has=page.get_by_label("Ajouter")).filter(has_not_text="ne verra rien")
    guide.see(someone.first, "Retirer", "Ne pas changer")
    guide.tick(someone.first, "Ajouter")
    guide.picture(page, "centralisateur-personnes")
    guide.press(page, "Enregistrer")
    expect(main(page)).to_contain_text("Personnes enregistrées pour")


def _look_ahead_and_back(guide: Guide, window: Window, page: Page) -> None:
    guide.section("Voir venir les échéances")
    window.open(DELEGATIONS)
    guide.see(main(page), "Finissent bientôt")
    guide.picture(page, "centralisateur-echeances", page.get_by_role("heading", name="Finissent bientôt").locator(".."))
    guide.press(page, "Voir cette délégation dans la liste")
    expect(page).to_have_url(re.compile("fin=60"))

    guide.section("Savoir qui a fait quoi")
    window.open(f"{DELEGATIONS}?vue=en-vigueur")
    page.get_by_role("link", name=busiest(window)).click()
    guide.see(main(page), "Histoire")
    tabs = page.get_by_role("navigation", name="La délégation")
    guide.see(tabs, "La délégation")
    guide.press(tabs, "Activité")
    expect(main(page)).to_contain_text("Les deux établissements lisent la même chose.")
    expect(main(page).get_by_role("row").nth(1)).to_be_visible()
    guide.picture(page, "centralisateur-activite")

    guide.section("Mettre fin")
    tabs.get_by_role("link", name="La délégation").click()
    guide.press(page, "Mettre fin à la délégation")
    dialog = page.get_by_role("dialog")
    guide.fill(dialog, "Motif", "La commune a recruté et reprend ses courriers.")
    dialog.get_by_role("button", name="Mettre fin à la délégation").click()
    expect(main(page)).to_contain_text("Il est mis fin à la délégation")


def _act(guide: Guide, page: Page) -> None:
    guide.section("Agir pour un établissement")
    guide.press(page.get_by_role("banner"), "Agir pour…")
    dialog = page.get_by_role("dialog", name="Agir pour un autre établissement")
    guide.see(dialog, "Récents")
    expect(dialog.get_by_role("option").nth(5)).to_be_visible()
    guide.picture(page, "centralisateur-agir-pour", dialog)
    page.keyboard.type("sauj")
    expect(dialog.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name=re.compile("^Vous agissez pour"))).to_be_visible()
    _close_announcement(page)
    page.get_by_role("navigation").first.get_by_role("link", name="Vos courriers").click()
    expect(page.get_by_role("table")).to_be_visible()
    guide.picture(page, "centralisateur-bandeau", tallest=560, header=True)
    guide.press(page, "Revenir à votre établissement")
    expect(page.get_by_role("region", name=re.compile("^Vous agissez pour"))).to_have_count(0)

    _close_announcement(page)

    guide.section("Tout lire dans une seule boîte")
    guide.press(page.get_by_role("banner"), "Vos courriers")
    guide.press(main(page), "Tous les établissements")
    expect(page.locator("td.col-establishment").first).to_be_visible()
    guide.see(main(page), "Établissement", "Filtrer par établissement", "Non lus", "Avec échéance")
    guide.picture(page, "centralisateur-tous", tallest=620)


def _close_announcement(page: Page) -> None:
    """What was announced would stand in the picture."""
    page.locator(".announcer").get_by_role("button").click()


def test_the_guide_of_the_establishments(window: Window, colleague: Window) -> None:  # R-GUI-01, R-DEL-02 to 07
    guide = Guide("acces-multi-comptes-etablissements")
    page = window.sign_in("admin-talmont")
    _receive(guide, page)
    _answer(guide, page)
    neighbour = establishment(window, busiest(window, "AND d.ends_on IS NOT NULL"))
    page = colleague.sign_in(neighbour.administrators[0], path=f"/connexion?suite={DELEGATIONS}")
    _watch(guide, page)
    guide.finish()


def _receive(guide: Guide, page: Page) -> None:
    guide.section("Recevoir une demande")
    guide.see(main(page), "Ce qui vous attend")
    guide.picture(page, "etablissement-accueil", tallest=420)
    open_delegations(guide, page)
    page.get_by_role("link", name="Accueil").first.click()
    guide.press(main(page), "1 demande de délégation à décider")

    guide.section("Comprendre ce qu’elle permet")
    guide.see(main(page), "Voir et modifier", "Durée", "Message", "Ce que cela ne permet jamais")
    guide.picture(page, "etablissement-demande")


def _answer(guide: Guide, page: Page) -> None:
    guide.section("Accepter en partie")
    guide.press(page, "Voir le détail, accepter en partie ou refuser")
    guide.press(page, "Accepter en partie")
    guide.see(main(page), "Durée", "Premier jour", "Dernier jour")
    guide.tick(page.get_by_role("group", name="Courriers CNRACL, cotisations"), "Lecture seule")
    guide.tick(page.get_by_role("group", name=LETTERS), "Ne pas accorder")
    guide.see(main(page), "Accepter ce choix")
    guide.picture(page, "etablissement-en-partie")
    page.get_by_role("button", name="Annuler").click()

    guide.section("Refuser")
    page.go_back()
    guide.press(page, "Voir le détail, accepter en partie ou refuser")
    guide.press(page, "Refuser")
    dialog = page.get_by_role("dialog")
    guide.fill(dialog, "Motif", "Le conseil municipal doit d’abord délibérer, en janvier.")
    guide.see(dialog, "Refuser la demande")
    guide.picture(page, "etablissement-refuser", dialog)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    guide.section("Accepter")
    guide.press(page, "Accepter")
    expect(main(page)).to_contain_text("C’est accepté")
    guide.picture(page, "etablissement-accepte")


def _watch(guide: Guide, page: Page) -> None:
    guide.section("Voir qui agit et ce qui a été fait")
    guide.see(page, "Délégations")
    guide.see(main(page), "Qui agit pour vous aujourd’hui", "Ce qui a été fait dernièrement")
    guide.picture(page, "etablissement-qui-agit", tallest=720)
    guide.press(main(page), "Tout voir")
    tabs = page.get_by_role("navigation", name="La délégation")
    guide.see(tabs, "Activité")
    expect(main(page).get_by_role("row").nth(1)).to_be_visible()
    guide.picture(page, "etablissement-activite")
    guide.press(tabs, "La délégation")
    guide.see(main(page), "Histoire")

    guide.section("Prolonger")
    guide.press(page, "Délégations")
    guide.press(main(page), "Prolonger")
    form = main(page).get_by_role("region", name="Prolonger")
    guide.see(form, "Nouveau dernier jour", "Enlever la date de fin")
    guide.picture(page, "etablissement-prolonger", form)
    guide.press(form, "Prolonger")
    expect(main(page)).to_contain_text("La délégation court désormais jusqu’au")

    guide.section("Mettre fin")
    guide.press(page, "Délégations")
    guide.press(main(page), "Mettre fin")
    dialog = page.get_by_role("dialog")
    guide.fill(dialog, "Motif", "La commune a recruté et reprend ses courriers.")
    guide.press(dialog, "Mettre fin à la délégation")
    expect(main(page)).to_contain_text("n’agit pour vous")


def test_the_guide_of_the_letters(window: Window) -> None:  # R-GUI-01, R-COU-05 to 07, R-COU-15, R-JRN-04
    guide = Guide("vos-courriers")
    place = establishment(window, "Commune de Cozes")
    ask_for_acknowledgement(window, place)
    reader = place.administrators[0]
    page = window.sign_in(reader)
    _find(guide, page)
    _read_and_file(guide, page)
    _acknowledge_and_prove(guide, window, page, reader)
    guide.finish()


def _find(guide: Guide, page: Page) -> None:
    guide.section("Trouver un courrier")
    guide.press(page.get_by_role("navigation", name="Menu principal"), "Vos courriers")
    guide.see(
        page.get_by_role("navigation", name="Courriers affichés"),
        *("Reçus", "Non lus", "Avec échéance", "À traiter avant 30 jours", "À acquitter", "Archivés"),
    )
    guide.see(main(page), "Filtres")
    guide.see(main(page).get_by_role("table"), "Non lu")
    guide.picture(page, "courriers-liste", tallest=720)
    guide.fill(page, "Objet, référence ou texte du courrier", "appel")
    page.keyboard.press("Enter")
    guide.see(main(page), "Enregistrer cette vue")
    page.go_back()
    expect(main(page).get_by_text("Enregistrer cette vue")).to_have_count(0)


def _read_and_file(guide: Guide, page: Page) -> None:
    guide.section("Lire un courrier")
    main(page).get_by_role("table").get_by_role("link").first.click()
    page.locator("iframe").wait_for()
    readings = page.get_by_role("region", name="Lectures")
    expect(readings.get_by_role("listitem").first).to_be_visible()
    guide.see(main(page), "Informations", "Lectures", "Télécharger le PDF", "Ouvrir dans un nouvel onglet")
    guide.picture(page, "courriers-un", page.get_by_role("region", name="Informations"))
    guide.see(main(page), "Lire le texte", "Retour aux courriers")
    guide.press(main(page), "Courrier suivant")
    guide.press(main(page), "Courrier précédent")
    expect(main(page).get_by_text("Courrier précédent")).to_have_count(0)

    guide.section("Classer")
    guide.press(main(page), "Marquer comme non lu")
    page.get_by_role("link", name="Retour aux courriers").click()
    guide.see(page.get_by_role("navigation", name="Courriers affichés"), "Archivés")
    for number in (1, 2):
        main(page).get_by_role("table").get_by_role("row").nth(number).get_by_role("checkbox").check()
    guide.press(main(page), "Archiver")
    guide.section("Agir sur plusieurs courriers")
    guide.press(main(page), "Annuler")
    guide.see(main(page), "Exporter la liste en tableau")
    guide.section("Au clavier")
    guide.see(main(page), "Raccourcis clavier")


def _acknowledge_and_prove(guide: Guide, window: Window, page: Page, reader: str) -> None:
    guide.section("Donner un accusé de réception")
    asked = "{ viewer { courriers(first: 1, filter: { toAcknowledge: true }) { edges { node { id } } } } }"
    [found] = signed_in(window.platform, reader).ask(asked)["viewer"]["courriers"]["edges"]
    window.open(f"/courriers/{found['node']['id']}")
    expect(page.get_by_role("region", name="Lectures").get_by_role("listitem").first).to_be_visible()
    guide.see(main(page), "Le fonds demande un accusé de réception")
    guide.picture(page, "courriers-accuser", tallest=420)
    guide.press(main(page), "Accuser réception")
    page.get_by_role("dialog").get_by_role("button", name="Accuser réception").click()
    expect(main(page)).to_contain_text("Accusé de réception donné le")

    guide.section("Prouver la réception")
    guide.see(main(page), "Certificat", "Certificat PDF", "Certificat JSON")

    guide.section("Si un courrier ne s’ouvre pas")
    guide.see(main(page), "Pourquoi puis-je lire ce courrier ?")

    guide.section("Savoir qui pouvait le lire")
    guide.see(main(page), "Qui pouvait le lire, un jour donné")
    past = page.get_by_role("region", name="Qui pouvait le lire")
    expect(past.get_by_role("table")).to_be_visible()
    guide.see(past, "Jour", "Télécharger en CSV")
    guide.press(past, "Voir")
    guide.picture(page, "courriers-lecteurs", past)


def test_the_guide_of_a_campaign(window: Window, tmp_path: Path) -> None:  # R-GUI-01, R-COU-04
    guide = Guide("deposer-une-campagne")
    rehearsed(window, tmp_path / "appels-de-cotisations", 3)
    page = window.sign_in("gestionnaire")
    _give_a_token(guide, page)
    guide.section("Regarder, répéter et publier à l’écran")
    guide.press(page.get_by_role("navigation", name="Menu principal"), "Courriers")
    guide.press(main(page), "Lots")
    page.get_by_role("link", name="appels-de-cotisations").click()
    guide.see(main(page), "Répétition", "Lignes rejetées", "Publier", "Annuler le lot", "Refaire la répétition")
    guide.see(main(page), "Télécharger les lignes rejetées (CSV)")
    guide.picture(page, "depot-lot", tallest=900)
    guide.section("Suivre les lectures")
    guide.press(page.get_by_role("navigation", name="Menu principal"), "Courriers")
    guide.finish()


def _give_a_token(guide: Guide, page: Page) -> None:
    guide.section("Donner un jeton à un programme")
    guide.press(page.get_by_role("navigation", name="Menu principal"), "Courriers")
    guide.press(main(page), "Clients techniques")
    guide.press(main(page), "Créer un client technique")
    guide.fill(page, "Nom", "Chaîne d’édition CNRACL, 2027")
    guide.tick(page, "Déposer des courriers")
    guide.see(main(page), "Dernier jour du jeton")
    guide.picture(page, "depot-client")
    guide.press(main(page), "Créer et voir le jeton")
    guide.press(main(page), "J’ai gardé le jeton")
    guide.see(main(page), "Retirer son jeton")

"""Plausible people of France for the demonstration: invented, diverse, the same for the same seed.

Telephone numbers come from the ranges kept for fiction; addresses stay under the reserved domain .example.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

FICTION_PREFIXES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")

WOMEN = tuple(
    """Aïcha Adèle Agathe Agnès Alice Aline Amandine Amélie Amina Anaïs Angélique Anne Anne-Laure Anne-Sophie Annick
    Apolline Assia Audrey Aurélie Aya Béatrice Bénédicte Bintou Brigitte Camille Carole Caroline Catherine Cécile
    Céline Chantal Charlotte Chloé Christelle Christine Claire Clarisse Clémence Coralie Corinne Delphine Diane
    Dominique Éléonore Élisabeth Élise Élodie Émilie Emma Estelle Eugénie Ève Fabienne Fanny Fanta Farida Fatima
    Fatoumata Fiona Florence Françoise Gaëlle Geneviève Gwenaëlle Hanane Hélène Héloïse Inès Isabelle Jade Jamila
    Jeanne Jennifer Joëlle Julie Juliette Justine Karima Karine Khadija Laëtitia Laurence Léa Leïla Linh Lina
    Louise Lucie Madeleine Maëlle Maëva Maïwenn Manon Margaux Marguerite Maria Mariama Marie Marie-Christine
    Marie-Claude Marie-Hélène Marie-Laure Marie-Thérèse Marine Marion Martine Mathilde Maud Mélanie Mireille
    Monique Morgane Myriam Nadège Nadia Naïma Nathalie Nicole Noémie Océane Odile Olivia Pascale Patricia Pauline
    Perrine Rachel Rachida Raphaëlle Rokia Romane Rosalie Roxane Sabrina Salomé Samira Sandrine Sarah Ségolène
    Séverine Sibylle Simone Solène Sonia Sophie Stéphanie Suzanne Sylvie Tiphaine Valérie Vanessa Véronique
    Victoire Virginie Yasmine Yolande Yvette Zoé""".split()
)
MEN = tuple(
    """Abdel Abdoulaye Adrien Ahmed Alain Alexandre Alexis Amadou Amine Anatole André Anthony Antoine Antonio Armand
    Arnaud Arthur Aurélien Baptiste Benjamin Benoît Bernard Bertrand Boubacar Brahim Brice Bruno Cédric Charles
    Christian Christophe Clément Corentin Cyril Damien Daniel David Denis Didier Dimitri Djibril Driss Édouard
    Élie Emmanuel Enzo Éric Erwan Étienne Fabien Fabrice Farid Félix Fernand Florent Florian Franck François
    Frédéric Gabriel Gaëtan Gaspard Georges Gérard Ghislain Gilles Grégory Guillaume Guy Hakim Hamza Hervé Hugo
    Ibrahim Idriss Ismaël Jacques Jean Jean-Baptiste Jean-Claude Jean-François Jean-Luc Jean-Marc Jean-Michel
    Jean-Pierre Jérémy Jérôme Joël Jonathan Jordan José Joseph Julien Karim Kévin Khalid Laurent Léo Lilian Loïc
    Louis Luc Lucas Ludovic Malik Mamadou Marc Marcel Mathieu Mathis Maurice Maxime Mehdi Michaël Michel Mickaël
    Mohamed Moussa Nicolas Noël Olivier Omar Ousmane Pascal Patrice Patrick Paul Paulo Philippe Pierre
    Pierre-Yves Quentin Rachid Raphaël Raymond Régis Rémi Renaud Ricardo Robin Rodolphe Roger Romain Ronan
    Samir Samuel Sébastien Serge Simon Stéphane Sylvain Tanguy Teva Théo Thibault Thierry Thomas Timothée Tristan
    Valentin Victor Vincent Wilfried Xavier Yann Yannick Yohan Youssef Yves Zacharie""".split()
)
LAST_NAMES = tuple(
    name.strip()
    for name in """Abadie, Adam, Alaoui, Albertini, Allard, Amsellem, André, Antoine, Arnaud, Aubert, Aubry, Audibert,
    Ba, Bailly, Barbier, Barre, Barry, Baudouin, Beaumont, Belkacem, Ben Youssef, Benali, Benoit, Berger, Bernard,
    Bertin, Bertrand, Besson, Bigot, Blanc, Blanchard, Blondel, Bodin, Boivin, Bonnet, Bouchard, Boucher, Boudjemaa,
    Boulanger, Bourdon, Bourgeois, Bouvier, Boyer, Breton, Brun, Brunet, Camara, Carlier, Caron, Carpentier,
    Casanova, Cazenave, Chaput, Charles, Charpentier, Chauvin, Chen, Chevalier, Cissé, Clément, Colas, Colin,
    Collet, Colombani, Cordier, Costa, Coulibaly, Courtois, Cousin, Da Silva, Daniel, David, de Almeida,
    de La Fontaine, de Saint-Aubin, Delacroix, Delattre, Delaunay, Delmas, Denis, Derrien, Deschamps, Desprez,
    Devaux, Dia, Diallo, Diarra, Didier, Diop, Dos Santos, Dubois, Duchêne, Dufour, Duhamel, Dumas, Dumont, Dupont,
    Dupuis, Dupuy, Durand, Duval, El Amrani, El Idrissi, Elissalde, Etcheverry, Étienne, Evrard, Fabre, Faivre,
    Faure, Fernandes, Fernandez, Ferrand, Ferreira, Fischer, Fleury, Fofana, Fontaine, Fouquet, Fournier, François,
    Gaillard, Garcia, Garnier, Gauthier, Gautier, Gérard, Germain, Gilbert, Gillet, Girard, Giraud, Gomes, Gomis,
    Gonzalez, Grandjean, Grégoire, Grondin, Gros, Guérin, Guichard, Guillaume, Guillou, Guyot, Haddad, Hamel,
    Hamon, Hébert, Henry, Hernandez, Hervé, Hoareau, Hoarau, Hubert, Huet, Humbert, Ibrahimi, Imbert, Jacob,
    Jacquet, Jacquot, Jamet, Joly, Jourdan, Julien, Kaplan, Keita, Keller, Klein, Konaté, Kone, Kowalczyk, L'Hostis,
    Labbé, Lacombe, Lacroix, Lagarde, Lambert, Langlois, Laporte, Laurent, Le Bihan, Le Floch, Le Gall, Le Goff,
    Le Roux, Lebrun, Leclerc, Leclercq, Lecomte, Lefebvre, Lefèvre, Léger, Legrand, Lejeune, Lemaire, Lemoine,
    Leroy, Lesage, Lévêque, Lévy, Lopes, Lopez, Lucas, Mahé, Maillard, Mallet, Marchal, Marchand, Maréchal, Marie,
    Marion, Marques, Martel, Martin, Martinez, Martins, Masson, Mathieu, Maury, Meddah, Menard, Mendy, Mercier,
    Meunier, Meyer, Michaud, Michel, Millet, Monnier, Moreau, Morel, Morin, Moulin, Müller, N'Diaye, N'Guessan,
    Nguyen, Nicolas, Noël, Olivier, Ouattara, Ouedraogo, Paris, Pascal, Payet, Pelletier, Pereira, Perez, Perret,
    Perrin, Perrot, Petit, Philippe, Picard, Pichon, Pietri, Pineau, Poirier, Pons, Poulain, Prévost, Quéré,
    Ramos, Renard, Renaud, Renault, Rey, Reynaud, Ribeiro, Richard, Rivière, Robert, Robin, Roche, Rodrigues,
    Rodriguez, Roger, Rolland, Rousseau, Roussel, Roux, Roy, Royer, Sagna, Sanchez, Santoni, Sauvage, Schmitt,
    Schneider, Schwartz, Seck, Simon, Sissoko, Soulier, Sow, Tanguy, Tavares, Teixeira, Tessier, Thibault, Thomas,
    Tisserand, Touré, Tran, Traoré, Vallée, Vasseur, Verdier, Vidal, Vincent, Wagner, Weber, Weiss, Yilmaz,
    Zimmermann""".split(",")
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented; `mailbox` is the part of their address before the @, e.g. lea.le-goff."""

    civility: str
    first_name: str
    last_name: str
    phone: str
    mailbox: str

    def email(self, domain: str) -> str:
        """Their address at an employer's domain, which must be under .example."""
        return f"{self.mailbox}@{domain}"


def slug(text: str) -> str:
    """Lower-case ASCII with hyphens: L'Haÿ-les-Roses gives l-hay-les-roses."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    kept = "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return "-".join(kept.split())


def people(seed: int, n: int) -> list[Person]:
    """`n` people, as many women as men; two of them may bear the same names (see `emails`)."""
    random = Random(seed)
    firsts = random.choices(_FIRSTS, _WEIGHTS, k=n)
    lasts = random.choices(_LASTS, k=n)
    prefixes = random.choices(FICTION_PREFIXES, k=n)
    digits = random.choices(_PAIRS, k=2 * n)
    return [
        Person(
            civility,
            first,
            last,
            f"{prefix} {digits[2 * i]} {digits[2 * i + 1]}",
            f"{first_slug}.{last_slug}",
        )
        for i, ((civility, first, first_slug), (last, last_slug), prefix) in enumerate(
            zip(firsts, lasts, prefixes, strict=True)
        )
    ]


def emails(persons: Iterable[Person], domain: str) -> list[str]:
    """One address for each, all different: the second Marie Martin gets marie.martin2."""
    seen: dict[str, int] = {}
    addresses = []
    for person in persons:
        rank = seen[person.mailbox] = seen.get(person.mailbox, 0) + 1
        addresses.append(f"{person.mailbox}{rank if rank > 1 else ''}@{domain}")
    return addresses


_FIRSTS = [("MADAME", name, slug(name)) for name in WOMEN] + [("MONSIEUR", name, slug(name)) for name in MEN]
_WEIGHTS = [len(MEN)] * len(WOMEN) + [len(WOMEN)] * len(MEN)
_LASTS = [(name, slug(name)) for name in LAST_NAMES]
_PAIRS = [f"{pair:02d}" for pair in range(100)]

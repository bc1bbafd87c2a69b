"""The guides in the graph."""

from datetime import date
from typing import Self

import strawberry

from backend.reads import guide
from backend.schema.enums import GuideAudience


@strawberry.type(description="Une partie d’un guide.")
class GuideSection:
    """A section."""

    anchor: str = strawberry.field(description="Le nom qui y mène, dans la page.")
    title: str = strawberry.field(description="Son titre.")


@strawberry.type(description="Un guide de la plateforme, en français, avec les images de ses écrans.")
class Guide:
    """A guide (R-GUI-01)."""

    slug: str = strawberry.field(description="Son nom stable, celui de son adresse.")
    title: str = strawberry.field(description="Son titre.")
    about: str = strawberry.field(description="Ce dont il parle, en une phrase.")
    audience: GuideAudience = strawberry.field(description="À qui il s’adresse.")
    body: str = strawberry.field(
        description="Son texte, en HTML sans script ni style : ce que le fichier dit, et rien d’autre."
    )
    updated_on: date = strawberry.field(description="Sa dernière modification.")
    sections: list[GuideSection] = strawberry.field(description="Ses parties, dans l’ordre.")
    extract: str | None = strawberry.field(description="Où les mots cherchés s’y trouvent ; null sans recherche.")

    @classmethod
    def of(cls, found: guide.Found) -> Self:
        """From the page, and what was found in it."""
        one = found.guide
        return cls(
            slug=one.slug,
            title=one.title,
            about=one.about,
            audience=GuideAudience(one.audience),
            body=one.body,
            updated_on=one.updated_on,
            sections=[GuideSection(anchor=part.anchor, title=part.title) for part in one.sections],
            extract=found.extract,
        )

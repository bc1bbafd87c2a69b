"""Adoption in the graph."""

from datetime import date
from typing import Self

import strawberry

from backend.reads import adoption


@strawberry.type(description="Un mois de courriers, par leur mise à disposition.")
class AdoptionMonth:
    """A month."""

    month: date = strawberry.field(description="Le premier jour du mois.")
    courriers_deposited: int = strawberry.field(description="Courriers mis à disposition.")
    courriers_read: int = strawberry.field(description="Dont ouverts depuis, par au moins une personne.")


@strawberry.type(description="Combien de courriers ont été déposés et lus, par combien d’établissements.")
class Adoption:
    """The figures of a period."""

    establishments_served: int = strawberry.field(description="Établissements ayant reçu au moins un courrier.")
    establishments_reading: int = strawberry.field(description="Dont ayant ouvert au moins un courrier de la période.")
    establishments_never_reading: int = strawberry.field(description="Dont n’en ayant ouvert aucun.")
    courriers_deposited: int = strawberry.field(description="Courriers mis à disposition.")
    courriers_read: int = strawberry.field(description="Dont ouverts par au moins une personne.")
    by_month: list[AdoptionMonth] = strawberry.field(description="Par mois de mise à disposition.")

    @classmethod
    def of(cls, found: adoption.Adoption) -> Self:
        """From the figures."""
        return cls(
            establishments_served=found.establishments_served,
            establishments_reading=found.establishments_reading,
            establishments_never_reading=found.establishments_served - found.establishments_reading,
            courriers_deposited=found.courriers_deposited,
            courriers_read=found.courriers_read,
            by_month=[
                AdoptionMonth(month=one.month, courriers_deposited=one.deposited, courriers_read=one.read)
                for one in found.by_month
            ],
        )

"""Adoption in the graph."""

from datetime import date, datetime, timedelta
from typing import Self, TypedDict

import strawberry

from backend.reads import adoption
from backend.schema.context import Info
from backend.schema.courrier_type import CourrierType, courrier_type_named
from backend.schema.deposit_batch import DepositBatch, batch_seen
from backend.schema.enums import EstablishmentCategory
from backend.schema.fund import Fund, fund_named
from backend.schema.scalars import Duration

DELAY = (
    "Délai médian entre la mise à disposition et la première ouverture, en heures entières, sur les courriers ouverts "
    "(de deux au milieu, le plus court) ; null si aucun ne l’est."
)


@strawberry.interface(description="Les chiffres des courriers de la période qui ont quelque chose en commun.")
class AdoptionCut:
    """A part."""

    establishments_served: int = strawberry.field(description="Établissements ayant reçu au moins un de ces courriers.")
    establishments_reading: int = strawberry.field(description="Dont en ayant ouvert au moins un.")
    courriers_deposited: int = strawberry.field(description="Courriers mis à disposition.")
    courriers_read: int = strawberry.field(description="Dont ouverts depuis, par au moins une personne.")
    median_delay_to_first_reading: Duration | None = strawberry.field(description=DELAY)


@strawberry.type(description="Un mois de courriers, par leur mise à disposition.")
class AdoptionMonth(AdoptionCut):
    """A month."""

    month: date = strawberry.field(description="Le premier jour du mois.")


@strawberry.type(description="Les courriers d’un fonds.")
class AdoptionFund(AdoptionCut):
    """A fund."""

    code: strawberry.Private[str]

    @strawberry.field(description="Le fonds.")
    async def fund(self, info: Info) -> Fund:
        """Which."""
        return await fund_named(info.context, self.code)


@strawberry.type(description="Les courriers d’un modèle.")
class AdoptionType(AdoptionCut):
    """A type."""

    number: strawberry.Private[int]

    @strawberry.field(description="Le modèle.")
    async def type(self, info: Info) -> CourrierType:
        """Which."""
        return await courrier_type_named(info.context, self.number)


@strawberry.type(description="Les courriers adressés à une catégorie d’établissements.")
class AdoptionCategory(AdoptionCut):
    """A category."""

    category: EstablishmentCategory = strawberry.field(description="La catégorie.")


@strawberry.type(description="Les courriers adressés aux établissements d’un département.")
class AdoptionDepartement(AdoptionCut):
    """A département."""

    departement: str = strawberry.field(description="Son code : 17, 2A ou 974, par exemple.")


@strawberry.type(description="Les courriers d’un lot : une campagne.")
class AdoptionCampaign(AdoptionCut):
    """A batch."""

    number: strawberry.Private[int | None]

    @strawberry.field(description="Le lot ; null pour les courriers déposés un à un.")
    async def batch(self, info: Info) -> DepositBatch | None:
        """Which."""
        return None if self.number is None else await batch_seen(info.context, self.number)


@strawberry.type(
    description="Combien de courriers ont été mis à disposition et lus, par combien d’établissements (R-ADO-01). Les "
    "courriers retirés ou supprimés depuis ne comptent pas. Ce qui est long à compter est gardé un moment : countedAt "
    "dit de quand datent les chiffres."
)
class Adoption:
    """The figures of a period."""

    counted_at: datetime = strawberry.field(description="L’instant où ils ont été comptés.")
    establishments_served: int = strawberry.field(
        description="Établissements à qui au moins un courrier de la période a été mis à disposition (R-ADO-01)."
    )
    establishments_notified: int = strawberry.field(
        description="Dont avertis : au moins un message annonçant l’un de ces courriers leur est parti (R-ADO-01)."
    )
    establishments_signed_in: int = strawberry.field(
        description="Dont connectés : quelqu’un s’y est connecté depuis le premier de ces courriers, ou l’un d’eux a "
        "été ouvert, fût-ce par délégation (R-ADO-01)."
    )
    establishments_reading: int = strawberry.field(
        description="Dont ayant ouvert au moins un courrier de la période (R-ADO-01)."
    )
    establishments_reading_all: int = strawberry.field(description="Dont les ayant tous ouverts (R-ADO-01).")
    establishments_never_reading: int = strawberry.field(
        description="Établissements servis n’en ayant ouvert aucun (R-ADO-01)."
    )
    courriers_deposited: int = strawberry.field(description="Courriers mis à disposition dans la période (R-ADO-01).")
    courriers_read: int = strawberry.field(
        description="Dont ouverts depuis, par au moins une personne, même après la période (R-ADO-01)."
    )
    median_delay_to_first_reading: Duration | None = strawberry.field(description=f"{DELAY[:-1]} (R-ADO-01).")
    by_month: list[AdoptionMonth] = strawberry.field(description="Par mois de mise à disposition, aucun n’est omis.")
    by_fund: list[AdoptionFund] = strawberry.field(description="Par fonds.")
    by_type: list[AdoptionType] = strawberry.field(description="Par modèle de courrier.")
    by_category: list[AdoptionCategory] = strawberry.field(description="Par catégorie d’établissement.")
    by_departement: list[AdoptionDepartement] = strawberry.field(description="Par département de l’établissement.")
    by_campaign: list[AdoptionCampaign] = strawberry.field(
        description="Par lot ; ceux qui ont été déposés un à un ensemble, sans lot."
    )

    @classmethod
    def of(cls, found: adoption.Adoption) -> Self:
        """From the figures."""
        by = found.by
        return cls(
            counted_at=found.counted_at,
            establishments_served=found.served,
            establishments_notified=found.notified,
            establishments_signed_in=found.signed_in,
            establishments_reading=found.reading,
            establishments_reading_all=found.reading_all,
            establishments_never_reading=found.served - found.reading,
            courriers_deposited=found.deposited,
            courriers_read=found.read,
            median_delay_to_first_reading=_hours(found.median_delay),
            by_month=[AdoptionMonth(month=date.fromisoformat(one.key), **_figures(one)) for one in by["month"]],
            by_fund=[AdoptionFund(code=one.key, **_figures(one)) for one in by["fund"]],
            by_type=[AdoptionType(number=int(one.key), **_figures(one)) for one in by["type"]],
            by_category=[
                AdoptionCategory(category=EstablishmentCategory(one.key), **_figures(one)) for one in by["category"]
            ],
            by_departement=[AdoptionDepartement(departement=one.key, **_figures(one)) for one in by["departement"]],
            by_campaign=[
                AdoptionCampaign(number=int(one.key) if one.key else None, **_figures(one)) for one in by["campaign"]
            ],
        )


def _hours(delay: int | None) -> Duration | None:
    return None if delay is None else Duration(timedelta(hours=delay))


class _Figures(TypedDict):
    establishments_served: int
    establishments_reading: int
    courriers_deposited: int
    courriers_read: int
    median_delay_to_first_reading: Duration | None


def _figures(one: adoption.Cut) -> _Figures:
    return _Figures(
        establishments_served=one.served,
        establishments_reading=one.reading,
        courriers_deposited=one.deposited,
        courriers_read=one.read,
        median_delay_to_first_reading=_hours(one.median_delay),
    )

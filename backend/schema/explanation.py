"""Why somebody can, or cannot, in the graph."""

from typing import Self

import strawberry

from backend.reads import explanation, user
from backend.schema.context import Info
from backend.schema.delegation import Delegation, delegation_named
from backend.schema.enums import LEVELS, Level
from backend.schema.user import Right, User, right_of


@strawberry.type(description="Le chemin qui donne un accès, ou ce qui y manque d’abord.")
class AccessReason:
    """A path, or what is missing."""

    user_id: strawberry.Private[int]
    service_id: strawberry.Private[int | None]
    delegation_id: strawberry.Private[int | None]
    code: str = strawberry.field(description="Lequel, pour les programmes : OWN_RIGHT ou NO_RIGHT, par exemple.")
    message: str = strawberry.field(description="Pour les personnes : ce qui le permet, ou ce qui manque et que faire.")

    @strawberry.field(description="Le droit dont il s’agit ; null si ce n’est pas un droit.")
    async def right(self, info: Info) -> Right | None:
        """The right held."""
        held = await info.context.load(user.rights, self.user_id) if self.service_id is not None else []
        return next((right_of(row) for row in held if row["service_id"] == self.service_id), None)

    @strawberry.field(description="La délégation dont il s’agit ; null si ce n’en est pas une.")
    async def delegation(self, info: Info) -> Delegation | None:
        """The delegation."""
        return await delegation_named(info.context, self.delegation_id)


@strawberry.type(
    description="Pourquoi un compte peut, ou ne peut pas, se servir d’un service ou lire un courrier, à cet instant."
)
class AccessExplanation:
    """The answer."""

    ask_at: strawberry.Private[int | None]
    allowed: bool = strawberry.field(description="Il le peut.")
    level: Level = strawberry.field(description="À quel niveau ; NONE s’il ne peut pas.")
    because: list[AccessReason] = strawberry.field(
        description="Chacun des chemins qui le permettent ; ou la première chose qui manque, seule."
    )

    @strawberry.field(description="Les administrateurs qui peuvent y changer quelque chose ; vide si aucun ne le peut.")
    async def ask_whom(self, info: Info) -> list[User]:
        """Who can mend it."""
        if self.ask_at is None:
            return []
        return [User.of(row) for row in await info.context.load(user.administrators, self.ask_at)]

    @classmethod
    def of(cls, user_id: int, found: explanation.Explanation) -> Self:
        """From what was found."""
        return cls(
            ask_at=found.ask_at,
            allowed=found.allowed,
            level=LEVELS[found.level],
            because=[
                AccessReason(
                    user_id=user_id,
                    service_id=one.service_id,
                    delegation_id=one.delegation_id,
                    code=one.code,
                    message=one.message,
                )
                for one in found.reasons
            ],
        )

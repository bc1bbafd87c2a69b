"""A table's worth of rows of each kind, with ties in every order, written in bulk."""

from collections.abc import Sequence

from backend import database as db
from backend.database.text import fold

NOW = 1_780_000_000_000_000
TABLES = (
    "inbox_counts inboxes courrier_facts feed_entries courrier_marks courriers courrier_types documents delegations "
    "rights users services establishments funds"
).split()


async def empty() -> None:
    """Remove what `fill` wrote."""
    async with db.transaction():
        if db.dialect() == "postgres":
            await db.execute("SET LOCAL session_replication_role = replica")
        else:
            for table in ("courrier_facts", "feed_entries"):
                await db.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
        for table in TABLES:
            await db.execute(f"DELETE FROM {table}")


def a_day(number: int) -> str:
    return f"20{20 + number % 5}-0{1 + number % 3}-01"


async def fill(keys: Sequence[int], names: Sequence[str]) -> None:
    """One row of each kind for each key, and one establishment for each name; equal keys make ties."""
    numbers = range(1, len(keys) + 1)
    async with db.transaction():
        await db.insert_many("funds", ("code", "label", "position"), [("CNRACL", "CNRACL", 1)])
        await add_establishments(names)
        await db.insert_many(
            "services",
            "id code label description theme position is_delegable online_since".split(),
            [(1, "COURRIERS", "s", "d", "t", 1, True, "2020-01-01")],
        )
        await db.insert_many(
            "courrier_types",
            "id code label fund_id service_id channel notifies_by_email retention_months available_since".split(),
            [(1, "APPEL", "t", "CNRACL", 1, "DIGITAL", True, 120, "2022-01-01")],
        )
        await db.insert_many("documents", ("id", "media_type"), [(1, "application/pdf")])
        await db.insert_many(
            "users",
            "id establishment_id identifier first_name last_name sort_name search_text email email_key "
            "is_administrator is_operator password_hash created_at last_login_at expires_on failed_sign_ins".split(),
            [
                (
                    number,
                    1,
                    f"u{number}",
                    "f",
                    "l",
                    f"l{key}",
                    "",
                    f"u{number}@x",
                    f"u{number}@x",
                    False,
                    False,
                    "h",
                    NOW + key,
                    NOW - key if key % 3 else None,
                    f"2099-0{1 + key % 9}-01",
                    0,
                )
                for number, key in zip(numbers, keys, strict=True)
            ],
        )
        await db.insert_many("rights", "user_id service_id level granted_at".split(), [(1, 1, 1, NOW)])
        await add_courriers(1, keys)
        await db.insert_many(
            "delegations",
            "id centralisateur_id delegataire_id status requested_by_id requested_at".split(),
            [(number, 1, 2, "PENDING", 1, NOW + key) for number, key in zip(numbers, keys, strict=True)],
        )
        await db.insert_many(
            "courrier_facts",
            "id courrier_id kind occurred_at actor_id".split(),
            [(number, 1, "OPENED", NOW + key, number) for number, key in zip(numbers, keys, strict=True)],
        )


async def add_establishments(names: Sequence[str]) -> None:
    """Establishments under these names, the first with id 1."""
    await db.insert_many(
        "establishments",
        "id siret name sort_name search_text category postal_code city departement is_centralisateur is_platform "
        "registered_on".split(),
        [
            (
                number,
                f"{number:014d}",
                name or "x",
                fold(name),
                "",
                "COMMUNE",
                "1",
                "R",
                "17",
                True,
                False,
                a_day(number),
            )
            for number, name in enumerate(names, start=1)
        ],
    )


async def add_courriers(start: int, keys: Sequence[int]) -> None:
    """Courriers numbered from `start`, available at instants that tie where keys do."""
    await db.insert_many(
        "courriers",
        "id establishment_id type_id fund_id reference subject search_text letter_date due_on document_id file_name "
        "content_hash acknowledgement_required sent_by_post deposited_at publish_at available_at".split(),
        [
            (
                number,
                1,
                1,
                "CNRACL",
                f"R{number}",
                f"Sé{key % 3}",
                f"se{key % 3}",
                a_day(key),
                a_day(key + 1) if key % 4 else None,
                1,
                "f.pdf",
                "h",
                False,
                False,
                NOW,
                NOW,
                NOW + key,
            )
            for number, key in enumerate(keys, start=start)
        ],
    )

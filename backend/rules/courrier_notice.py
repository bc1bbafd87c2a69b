"""What the readers of new letters are told, at once or in a digest: where, which fund, which type, how many; never the
content (R-COU-10).
"""

from collections.abc import Sequence

from backend import database as db
from backend import settings
from backend.database.sql import Sql
from backend.rules import access, globalid, notification, preference

AT_ONCE = (
    "Vous recevez ce message parce que vous pouvez lire ce courrier et que vous avez choisi d’être prévenu à chaque "
    "dépôt."
)
AT_ADDRESS = (
    "Vous recevez ce message à l’adresse de votre établissement parce que personne n’y a encore le droit de lire ce "
    "courrier : un administrateur peut le donner dans « Ses Droits »."
)


async def announce(courrier_ids: Sequence[int]) -> None:
    """One e-mail to each user who can read a letter and wants it at once; where nobody can read it, to the
    establishment's functional address. At night they wait for the morning. As many statements for one letter as for a
    slice of a campaign.
    """
    if not courrier_ids:
        return
    letters = [one for one in await letters_of(courrier_ids) if one["notifies_by_email"]]
    readers = await readers_of([one["id"] for one in letters])
    messages: list[notification.Message] = []
    for letter in letters:
        theirs = readers.get(letter["id"], [])
        told = [one for one in theirs if one["new_courriers"] == preference.IMMEDIATE and hears(one, letter["fund_id"])]
        messages += [_message(letter, reader["email"], reader["id"]) for reader in told]
        if not theirs and letter["functional_email"]:
            messages.append(_message(letter, letter["functional_email"], None))
    await notification.queue_all(messages)


def hears(reader: db.Row, fund: str) -> bool:
    """Whether a person is told of the letters of a fund."""
    return fund not in reader["muted_funds"].split()


def _message(letter: db.Row, recipient: str, user_id: int | None) -> notification.Message:
    return notification.Message(
        kind="NEW_COURRIER",
        rule="R-COU-10",
        template="new_courrier",
        recipient=recipient,
        values={
            "establishment": letter["establishment_name"],
            "fund": letter["fund_label"],
            "type": letter["type_label"],
            "by_post": bool(letter["sent_by_post"]),
            "link": address_of(letter["id"]),
            "why": AT_ONCE if user_id else AT_ADDRESS,
            "change": preference.address(user_id, recipient) if user_id else None,
        },
        user_id=user_id,
        establishment_id=letter["establishment_id"],
        courrier_id=letter["id"],
        once_key=f"courrier:{letter['id']}:{user_id or 'address'}",
        not_before=notification.daytime(),
    )


def address_of(courrier_id: int) -> str:
    """A letter's screen."""
    return f"{settings.current().address}/courriers/{globalid.encode('Courrier', courrier_id)}"


async def letters_of(courrier_ids: Sequence[int]) -> list[db.Row]:
    """What e-mails say of letters, in their order."""
    sql = Sql(
        "SELECT c.id, c.establishment_id, c.fund_id, c.sent_by_post, t.service_id, t.label AS type_label,",
        "t.notifies_by_email, f.label AS fund_label, e.name AS establishment_name, e.functional_email",
        "FROM courriers c",
        "JOIN courrier_types t ON t.id = c.type_id",
        "JOIN funds f ON f.code = c.fund_id",
        "JOIN establishments e ON e.id = c.establishment_id",
    )
    sql.add(f"WHERE c.id IN ({sql.bind_all(list(courrier_ids))}) ORDER BY c.id")
    return await db.rows(sql)


async def readers_of(courrier_ids: Sequence[int]) -> dict[int, list[db.Row]]:
    """By letter, the accounts that can sign in and read it, at home or through a delegation in force, and what they
    prefer.
    """
    if not courrier_ids:
        return {}
    sql = Sql("SELECT who.courrier_id, u.id, u.email, u.establishment_id AS home,")
    sql.add("COALESCE(p.new_courriers, 'IMMEDIATE') AS new_courriers,")
    sql.add("COALESCE(p.muted_funds, '') AS muted_funds")
    sql.add(f"FROM ({access.readers_of(sql, courrier_ids)}) who JOIN users u ON u.id = who.user_id")
    sql.add("LEFT JOIN notification_preferences p ON p.user_id = u.id")
    sql.add(f"WHERE {access.can_sign_in(sql, 'u')} ORDER BY who.courrier_id, u.id")
    found: dict[int, list[db.Row]] = {}
    for one in await db.rows(sql):
        found.setdefault(one["courrier_id"], []).append(one)
    return found

"""The forgotten identifier, sent by e-mail (R-ACC-15)."""

from backend import clock
from backend import database as db
from backend.rules import journal, notification
from backend.rules.viewer import Origin, Viewer

REMINDERS_AN_HOUR = 3
"""Reminders sent to one address beyond which no more are within the hour."""

SAME_ANSWER = (
    "Si cette adresse est celle d’un compte, un message vient de lui être envoyé avec son identifiant. "
    "Pensez à regarder dans les courriers indésirables."
)


async def recover(email: str, origin: Origin) -> str:
    """Send an address every identifier that it has, each with its establishment. The same answer in all cases: its
    text; and the same statements and rendering, so that it takes as long (R-ACC-14).
    """
    key = email.strip().casefold()[:254]
    found = await db.rows(
        "SELECT u.id, u.identifier, u.first_name, u.last_name, u.email, u.establishment_id, e.name AS establishment "
        "FROM users u JOIN establishments e ON e.id = u.establishment_id "
        "WHERE u.email_key = $1 AND u.deleted_at IS NULL ORDER BY e.sort_name, u.id LIMIT 200",
        [key],
    )
    first = min(found, key=lambda one: int(one["id"])) if found else None
    number = first["id"] if first else 0
    accounts = [{"identifier": one["identifier"], "establishment": one["establishment"]} for one in found]
    values = {
        "first_name": first["first_name"] if first else "Personne",
        "last_name": first["last_name"] if first else "Inconnue",
        "accounts": accounts or [{"identifier": "personne-0000", "establishment": "Aucun établissement"}],
    }
    async with db.transaction():
        # Whoever asks for the same account at the same time waits for the end of this transaction.
        await db.execute("UPDATE users SET failed_sign_ins = failed_sign_ins WHERE id = $1", [number])
        recent = await db.rows(
            "SELECT count(*) AS n FROM notifications WHERE user_id = $1 AND kind = 'IDENTIFIER_REMINDER' "
            "AND queued_at > $2",
            [number, int(clock.to_microseconds(clock.now())) - 3_600_000_000],
        )
        if first is not None and recent[0]["n"] < REMINDERS_AN_HOUR:
            await notification.queue(
                notification.Message(
                    kind="IDENTIFIER_REMINDER",
                    rule="R-ACC-15",
                    template="identifier_reminder",
                    recipient=first["email"],
                    user_id=first["id"],
                    establishment_id=first["establishment_id"],
                    values=values,
                )
            )
        else:
            await notification.pretend("identifier_reminder", values)
        journal.record(
            Viewer(origin=origin),
            journal.Event(
                "identifier.recovery_requested",
                establishment_id=first["establishment_id"] if first else None,
                subject=("User", number) if first else None,
                facts={"accounts": len(found)},
            ),
        )
    return SAME_ANSWER

"""Letters are found by the words of their subject, reference and PDF (R-COU-07)."""

import logging
from typing import Any

from tortoise import migrations
from tortoise.migrations.operations import TortoiseOperation

from backend import database as db
from backend.database import words
from backend.database.operations import DialectSQL, Together

logger = logging.getLogger(__name__)

TOGETHER = 1_000
"""Letters whose words are kept at a time: well under the time a statement is allowed."""

TOLD = 50_000
"""It is said each time so many are done."""


class KeepWords(TortoiseOperation):
    """The words of the letters that are there: some 15,000 letters without a text in a second, fewer with one."""

    async def database_forward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Read them in the order of their numbers."""
        if state_editor is None or state_editor.collect_sql:
            return
        last = done = 0
        while found := await db.rows(
            "SELECT c.id, c.establishment_id, c.subject, c.reference, "
            f"substr(d.text, 1, {words.LONGEST_TEXT}) AS text "
            "FROM courriers c JOIN documents d ON d.id = c.document_id "
            f"WHERE c.id > $1 AND c.withdrawn_at IS NULL ORDER BY c.id LIMIT {TOGETHER}",
            [last],
        ):
            await words.keep(
                [
                    words.Letter(one["id"], one["establishment_id"], one["subject"], one["reference"], one["text"])
                    for one in found
                ]
            )
            last = found[-1]["id"]
            done += len(found)
            if done % TOLD == 0:
                logger.warning("migration 0012: the words of %d letters are kept, the others follow", done)

    async def database_backward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """They go with their table."""


class Migration(migrations.Migration):
    """The table of words, and the triggers that empty it: what is read no more is found no more (R-COU-13, 14)."""

    dependencies = [("peps", "0011_inboxes")]

    operations = [
        Together(
            DialectSQL(
                sqlite=[
                    (
                        "CREATE VIRTUAL TABLE courrier_words USING fts5"
                        "(place, title, title_stems, text, text_stems, tokenize = 'ascii', prefix = '2 3')"
                    ),
                    (
                        "CREATE TRIGGER courriers_found_no_more AFTER UPDATE OF withdrawn_at ON courriers "
                        "WHEN NEW.withdrawn_at IS NOT NULL "
                        "BEGIN DELETE FROM courrier_words WHERE rowid = NEW.id; END"
                    ),
                    (
                        "CREATE TRIGGER courriers_gone AFTER DELETE ON courriers "
                        "BEGIN DELETE FROM courrier_words WHERE rowid = OLD.id; END"
                    ),
                ],
                postgres=[
                    (
                        "CREATE TABLE courrier_words (courrier_id BIGINT PRIMARY KEY "
                        "REFERENCES courriers (id) ON DELETE CASCADE, words TSVECTOR NOT NULL)"
                    ),
                    "CREATE INDEX courrier_words_found ON courrier_words USING gin (words)",
                    (
                        "CREATE FUNCTION courriers_found_no_more() RETURNS trigger LANGUAGE plpgsql AS "
                        "$$ BEGIN DELETE FROM courrier_words WHERE courrier_id = NEW.id; RETURN NULL; END $$"
                    ),
                    (
                        "CREATE TRIGGER courriers_found_no_more AFTER UPDATE OF withdrawn_at ON courriers FOR EACH ROW "
                        "WHEN (NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION courriers_found_no_more()"
                    ),
                ],
                sqlite_backward=[
                    "DROP TRIGGER courriers_gone",
                    "DROP TRIGGER courriers_found_no_more",
                    "DROP TABLE courrier_words",
                ],
                postgres_backward=[
                    "DROP TRIGGER courriers_found_no_more ON courriers",
                    "DROP FUNCTION courriers_found_no_more()",
                    "DROP TABLE courrier_words",
                ],
            ),
            KeepWords(),
        )
    ]

"""Searching letters: the query read, the condition it makes on each engine, relevance, extracts (R-COU-07).

Whatever is typed is a query: words, all of them wanted; `"a phrase"`; `-without`; `begin*`. A word finds its plural and
its feminine, a phrase what it says exactly, and accents, case and ligatures count in neither.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, islice, takewhile
from operator import itemgetter

from backend import database as db
from backend.database import words
from backend.database.sql import Sql
from backend.database.text import LONGEST, fold, like
from backend.reads import by_ids
from backend.reads.page import Order
from backend.rules import access
from backend.rules.viewer import Viewer

MOST_TERMS = 8
MOST_PLACES = 50
"""Establishments named in a search; over more, the words go first and the rights after."""

_PIECE = re.compile(r'(-?)"([^"]*)"?|(-?)([^\s"]+)')
_QUOTES = str.maketrans({"«": '"', "»": '"', "“": '"', "”": '"', "„": '"'})
_LITTLE = frozenset(
    "a au aux avec c ce ces cet cette d dans de des du en et il l la le les leur leurs m n ne nos notre ou par pas "
    "pour qu que qui s sa se ses son sur t un une vos votre y".split()
)
"""Words that say nothing by themselves: outside a phrase they are not looked for."""


@dataclass(frozen=True)
class Term:
    """Something looked for: a word, or several that follow each other."""

    words: tuple[str, ...]
    exact: bool = False
    """As it is written, plural and all."""
    prefix: bool = False
    """The last word is only the beginning of one."""
    excluded: bool = False


def parse(query: str) -> tuple[Term, ...]:
    """What is looked for; nothing where the query has no word. There is no wrong query."""
    pieces = islice(_PIECE.finditer(query.translate(_QUOTES)[: 5 * LONGEST]), 5 * MOST_TERMS)
    terms: list[Term] = []
    little: list[Term] = []
    for quoted in pieces:
        without, phrase, without_word, word = quoted.groups()
        excluded = bool(without or without_word)
        if word is None:
            found, prefix = words.words(phrase), False
        else:
            found, prefix = words.words(word), word.endswith("*")
            while len(found) > 1 and found[0] in _LITTLE:  # l’échéance
                del found[0]
        if not found:
            continue
        term = Term(
            tuple(found[:MOST_TERMS]),
            exact=word is None or len(found) > 1,
            prefix=prefix and len(found[-1]) > 1 and len(found) <= MOST_TERMS,
            excluded=excluded,
        )
        is_little = word is not None and not prefix and term.words[0] in _LITTLE and len(term.words) == 1
        (little if is_little else terms).append(term)
    return tuple(dict.fromkeys(terms or little))[:MOST_TERMS]


# ---------------------------------------------------------------- the condition

Write = Callable[[str], str]


def matching(
    sql: Sql,
    viewer: Viewer,
    query: str | None,
    alias: str,
    places: Sequence[int] = (),
    *,
    first: bool = False,
    one_by_one: bool = False,
) -> list[str]:
    """The letters a query finds: by their subject and reference, and by their PDF for who may read it (R-COU-05).

    `places` are the establishments the list is narrowed to, if it is: their letters only are then looked through. Over
    all that somebody reaches: `first`, what is found leads to the letters; `one_by_one`, each letter that comes is
    looked at.
    """
    terms = parse(query or "")
    if not terms:
        return []

    def write(text: str) -> str:
        return f"CAST({sql.bind(text)} AS TEXT)"

    reads = access.reads_documents(viewer)
    if one_by_one and db.dialect() == "postgres":
        return [_is_found(alias, terms, write, titles_only=not reads)]
    found = _found(alias, terms, places, write, titles_only=not reads)
    if reads and not first and not 0 < len(places) <= MOST_PLACES and db.dialect() == "sqlite":
        # Over all that somebody reaches: a word may be in half of everybody's letters, of which SQLite would look at
        # each. The sign has it begin with the letters they reach.
        found = f"+{found}"
    return [found]


OFTEN = 5_000
"""Letters of everybody's from which on a query finds many: those of a reader are then met soon enough on the way."""


async def finds_many(viewer: Viewer, query: str | None) -> bool:
    """Whether a query finds many of everybody's letters: how a reader of many establishments is served depends on it,
    not what they are told.
    """
    terms = parse(query or "")
    if not terms:
        return True
    sql = Sql()

    def write(text: str) -> str:
        return f"CAST({sql.bind(text)} AS TEXT)"

    condition = _condition(terms, [], write, titles_only=not access.reads_documents(viewer))
    sql.add(f"SELECT count(*) AS found FROM (SELECT 1 FROM courrier_words w WHERE {condition} LIMIT {OFTEN}) met")
    found = await db.row(sql)
    return found is not None and int(found["found"]) >= OFTEN


def traces(sql: Sql, query: str | None, alias: str) -> list[str]:
    """The traces a query finds, by their subject and reference: their PDF is read no more, nor searched (R-COU-13)."""
    wanted = fold(query or "").split()[:MOST_TERMS]
    return [f"{alias}.search_text LIKE {sql.bind(like(word))} ESCAPE '!'" for word in wanted]


def relevance(query: str | None, alias: str, places: Sequence[int] = ()) -> Order:
    """First the letters whose title says the query as it was typed, then those whose title has all its words, then
    those where the PDF has some; the newest first among each.

    A letter's place depends on nothing but itself, so that pages follow each other whatever is deposited meanwhile, and
    so that it tells nothing of the letters one does not read.
    """
    terms = tuple(one for one in parse(query or "") if not one.excluded)
    typed = Term(tuple(words.words(query or "")[: 2 * MOST_TERMS]), exact=True)
    levels = [terms, (typed,)] if terms else []
    score = " + ".join(
        # An order has no values to bind: what is written there is of letters, digits and our own signs.
        f"CASE WHEN {_found(alias, level, places, _literal, titles_only=True)} THEN 1 ELSE 0 END"
        for level in levels
    )
    keys = (score or "CAST(0 AS BIGINT)", f"{alias}.available_at", f"{alias}.id")
    return Order("courrier-relevance", keys, (int, int, int), descending=True)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _found(alias: str, terms: Sequence[Term], places: Sequence[int], write: Write, *, titles_only: bool) -> str:
    """Whether the terms find a letter; `write` puts a text into the statement."""
    there = [words.place(one) for one in places] if len(places) <= MOST_PLACES else []
    number = "courrier_id" if db.dialect() == "postgres" else "rowid"
    condition = _condition(terms, there, write, titles_only=titles_only)
    return f"{alias}.id IN (SELECT w.{number} FROM courrier_words w WHERE {condition})"


def _is_found(alias: str, terms: Sequence[Term], write: Write, *, titles_only: bool) -> str:
    """The same, said of each letter; `OFFSET` keeps PostgreSQL from looking for them all. (To look into FTS5 a few
    hundred times costs more than to have it tell them all once.)
    """
    condition = _condition(terms, [], write, titles_only=titles_only)
    there = f"w.courrier_id = {alias}.id AND {condition} LIMIT 1 OFFSET 0"
    return f"EXISTS (SELECT 1 FROM courrier_words w WHERE {there})"


def _condition(terms: Sequence[Term], there: Sequence[str], write: Write, *, titles_only: bool) -> str:
    """Whether the words kept of a letter, `w`, are those looked for; `there`, the places it may be of."""
    if db.dialect() == "postgres":
        return f"w.words @@ CAST({write(_tsquery(terms, there, titles_only=titles_only))} AS tsquery)"
    long = [one for one in terms if there and one.prefix and len(one.words[-1]) > LONGEST_INDEXED]
    kept = [_shortened(one) if one in long else one for one in terms if not (one in long and one.excluded)]
    conditions = [f"w.courrier_words MATCH {write(_fts5(kept, there, titles_only=titles_only))}"]
    conditions += [_begun(one, write, titles_only=titles_only) for one in long]
    return " AND ".join(conditions)


LONGEST_INDEXED = 3
"""Letters of the longest beginnings that FTS5 keeps an index of. For a longer one it would gather the letters of
everybody: the few that the shorter beginning finds at some places are read instead.
"""


def _shortened(term: Term) -> Term:
    return replace(term, words=(*term.words[:-1], term.words[-1][:LONGEST_INDEXED]))


def _begun(term: Term, write: Write, *, titles_only: bool) -> str:
    """Whether the words kept of a letter have these, the last one being begun."""
    pattern = write(f"% {' '.join(term.words)}%")
    columns = ("title",) if titles_only else ("title", "text")
    found = " OR ".join(f"' ' || w.{column} LIKE {pattern}" for column in columns)
    return f"{'NOT ' if term.excluded else ''}({found})"


def _fts5(terms: Sequence[Term], places: Sequence[str], *, titles_only: bool) -> str:
    """For FTS5, whose NOT takes two sides."""
    written = "title" if titles_only else "title text"
    stemmed = "title title_stems" if titles_only else "title title_stems text text_stems"

    def one(term: Term) -> str:
        if term.exact or term.prefix:
            return f'({{{written}}} : "{" ".join(term.words)}"{" *" if term.prefix else ""})'
        return f'({{{stemmed}}} : "{words.stem(term.words[0])}")'

    wanted = [one(term) for term in terms if not term.excluded]
    if places:
        wanted.insert(0, "(" + " OR ".join(f'(place : "{place}")' for place in places) + ")")
    expression = " AND ".join(wanted) or f'(place : "{words.EVERYWHERE}")'
    for term in terms:
        if term.excluded:
            expression = f"({expression}) NOT {one(term)}"
    return expression


def _tsquery(terms: Sequence[Term], places: Sequence[str], *, titles_only: bool) -> str:
    """For PostgreSQL: stems begin with `=`, places with `@`, and titles weigh A."""
    weight = "A" if titles_only else ""

    def lexeme(text: str, flags: str) -> str:
        return f"'{text}'" + (f":{flags}" if flags else "")

    def one(term: Term) -> str:
        if term.exact or term.prefix:
            last = len(term.words) - 1
            flags = ["*" * (term.prefix and number == last) + weight for number in range(len(term.words))]
            return "(" + " <-> ".join(map(lexeme, term.words, flags)) + ")"
        stem = words.stem(term.words[0])
        return f"({lexeme(stem, weight)} | {lexeme('=' + stem, weight)})"

    wanted = [("!" if term.excluded else "") + one(term) for term in terms]
    if places:
        wanted.insert(0, "(" + " | ".join(f"'@{place}'" for place in places) + ")")
    return " & ".join(wanted)


# ---------------------------------------------------------------- extracts

BEFORE, AFTER = 60, 160
"""Characters shown before the first word found, and after."""


@dataclass(frozen=True)
class Part:
    """A piece of an extract: a word that was found, or what is around it."""

    text: str
    is_marked: bool = False


Searched = tuple[int, str]
"""A letter, and the query that found it."""


async def extracts(viewer: Viewer, searched: Sequence[Searched]) -> list[tuple[Part, ...] | None]:
    """For each letter found, where: in its text, its subject or its reference, as far as the viewer reads them."""
    sql = Sql()
    if access.reads_documents(viewer):
        text, allowed = f"substr(d.text, 1, {words.LONGEST_TEXT})", access.documents(sql, viewer, "c", one_by_one=True)
    else:
        text, allowed = "NULL", access.courriers(sql, viewer, "c", one_by_one=True)
    read = {query: parse(query) for query in {query for _, query in searched}}
    found = {
        one["id"]: one
        for one in await by_ids.fetch(
            f"c.id, c.subject, c.reference, {text} AS text",
            "courriers c JOIN documents d ON d.id = c.document_id",
            "c.id",
            sorted({courrier_id for courrier_id, _ in searched}),
            allowed,
            sql=sql,
        )
    }
    return [
        extract(read[query], (found[courrier_id][name] or "" for name in ("subject", "reference", "text")))
        if courrier_id in found
        else None
        for courrier_id, query in searched
    ]


def extract(terms: Sequence[Term], texts: Iterable[str]) -> tuple[Part, ...] | None:
    """Where the most of what is looked for is found, in the first of the texts that has as much; None for nowhere."""
    wanted = [one for one in terms if not one.excluded]
    best: list[_Hit] = []
    best_text, most = "", 0
    for given in texts:
        text = unicodedata.normalize("NFC", given).replace("\u00ad", "")
        hits = _hits(wanted, text)
        number = len({hit.term for hit in hits})
        if number > most:
            best, best_text, most = hits, text, number
    return _shown(best_text, _fullest(best)) if best else None


@dataclass(frozen=True)
class _Hit:
    """Where a term was found in a text."""

    start: int
    end: int
    term: int


def _hits(terms: Sequence[Term], text: str) -> list[_Hit]:
    places = [(one.start(), one.end(), _folded(one.group())) for one in words.spans(text)]
    found = []
    for number, term in enumerate(terms):
        for rank, (start, _, word) in enumerate(places):
            if _begins(term, word):
                following = places[rank : rank + len(term.words)]
                if len(term.words) == 1 or _is_phrase(term, [one for _, _, one in following]):
                    found.append(_Hit(start, following[-1][1], number))
    return sorted(found, key=lambda hit: (hit.start, -hit.end))


@lru_cache(maxsize=65_536)
def _folded(word: str) -> str:
    return "".join(words.words(word))


def _begins(term: Term, word: str) -> bool:
    """Whether a word is the first of the term."""
    if len(term.words) > 1 or not (term.exact or term.prefix):
        return word == term.words[0] if term.exact else words.stem(word) == words.stem(term.words[0])
    return word.startswith(term.words[0]) if term.prefix else word == term.words[0]


def _is_phrase(term: Term, found: Sequence[str]) -> bool:
    if len(found) != len(term.words) or tuple(found[:-1]) != term.words[:-1]:
        return False
    return found[-1].startswith(term.words[-1]) if term.prefix else found[-1] == term.words[-1]


def _fullest(hits: Sequence[_Hit]) -> Sequence[_Hit]:
    """The hits from the one on that has the most different terms shown after it."""

    def terms_from(rank: int) -> int:
        last = hits[rank].start + AFTER
        return len({hit.term for hit in takewhile(lambda hit: hit.end <= last, islice(hits, rank, None))})

    return hits[max(range(min(len(hits), 200)), key=terms_from) :]


def _shown(text: str, hits: Sequence[_Hit]) -> tuple[Part, ...]:
    """The text around the first hit, cut between words, with all the hits that are in it."""
    first = hits[0]
    start = max(0, first.start - BEFORE)
    if start:
        blank = re.compile(r"\s").search(text, start - 1, first.start)
        start = blank.end() if blank else first.start
    end = min(len(text), max(first.end, first.start + AFTER))
    if end < len(text):
        end = max(first.end, text.rfind(" ", first.end, end), text.rfind("\n", first.end, end))
    pieces, here = [("…" if start else "", False)], start
    for hit in takewhile(lambda hit: hit.end <= end, hits):
        if hit.start >= here:
            pieces += [(text[here : hit.start], False), (text[hit.start : hit.end], True)]
            here = hit.end
    pieces += [(text[here:end], False), ("…" if end < len(text) else "", False)]
    return tuple(_joined(pieces))


def _joined(pieces: Iterable[tuple[str, bool]]) -> Iterator[Part]:
    """The pieces that say something, those that follow each other alike made one, their blanks too."""
    for is_marked, alike in groupby(pieces, key=itemgetter(1)):
        text = re.sub(r"\s+", " ", "".join(piece for piece, _ in alike))
        if text:
            yield Part(text, is_marked)

"""The graph as it is told: everything described, lists paged, the file in the repository the one that is served."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from backend.schema import build

ROOT = Path(__file__).resolve().parents[2]
GRAPH = build.schema()._schema
TYPES = {name: one for name, one in GRAPH.type_map.items() if not is_introspection_type(one)}

BOUNDED = {
    "NonReader.readers": "at most 20",
    "Query.services": "the catalogue of services, some tens, those that have closed included",
    "Query.courrierTypes": "the public catalogue of models, some tens",
    "Query.termsVersions": "one each year or so",
    "Viewer.establishmentsToAccept": "at most 500, those one person administers",
    "Query.nodes": "at most 100, as asked by id",
    "Establishment.administrators": "a few people",
    "Delegation.members": "a few people",
    "Delegation.history": "what happened to one delegation itself: asked, decided, extended, ended",
    "User.delegatedAccess": "of one person",
    "Viewer.recentEstablishments": "at most 20",
    "ViewerChange.delegationsBegun": "at most 50",
    "ViewerChange.delegationsEnded": "at most 50",
    "Courrier.notifications": "of one letter",
    "AccessExplanation.askWhom": "a few people",
    "Found.establishments": "at most 20",
    "Found.users": "at most 20",
    "Found.courriers": "at most 20",
    "MarkCourriersPayload.courriers": "at most 500, as asked by id",
    "SetRightsPayload.users": "at most 500, as asked by id",
    "CopyRightsPayload.users": "at most 500, as asked by id",
    "ConfirmRightsPayload.users": "at most 500, as asked by id",
    "RenewUsersPayload.users": "at most 500, as asked by id",
}
"""Lists of nodes that are not paged, and why they need not be. A new list is paged, or argued here."""


def described() -> Iterator[tuple[str, Any]]:
    """Everything that has a description of its own, by its name."""
    for name, one in TYPES.items():
        if is_specified_scalar_type(one):
            continue
        yield name, one
        if isinstance(one, GraphQLEnumType):
            yield from ((f"{name}.{value}", it) for value, it in one.values.items())
        elif isinstance(one, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", it) for field, it in one.fields.items())
        elif isinstance(one, GraphQLObjectType | GraphQLInterfaceType):
            for field, it in one.fields.items():
                yield f"{name}.{field}", it
                yield from ((f"{name}.{field}({argument}:)", that) for argument, that in it.args.items())


def test_everything_is_described() -> None:
    assert [name for name, one in described() if not (one.description or "").strip()] == []


def test_descriptions_are_sentences_in_french() -> None:
    odd = [
        name
        for name, one in described()
        if not one.description[0].isupper() or one.description.rstrip()[-1] not in ".?"
    ]
    assert [name for name in odd if not name.startswith(("Date", "DateTime"))] == []


def test_the_file_in_the_repository_is_what_is_served() -> None:
    assert (ROOT / "backend/schema/schema.graphql").read_text() == build.sdl()


def fields() -> Iterator[tuple[str, Any]]:
    for name, one in TYPES.items():
        if isinstance(one, GraphQLObjectType):
            yield from ((f"{name}.{field}", it) for field, it in one.fields.items())


def _unwrapped(one: Any) -> Any:
    return one.of_type if isinstance(one, GraphQLNonNull) else one


def test_lists_of_nodes_are_connections() -> None:
    node = TYPES["Node"]
    plain = {
        name
        for name, field in fields()
        if isinstance(_unwrapped(field.type), GraphQLList)
        and (get_named_type(field.type) is node or node in getattr(get_named_type(field.type), "interfaces", ()))
    }
    assert plain == set(BOUNDED), "a list of nodes is paged by a connection, or argued in BOUNDED"


@pytest.mark.parametrize(
    "name", sorted(name for name, field in fields() if get_named_type(field.type).name.endswith("Connection"))
)
def test_a_connection_takes_first_after_last_and_before(name: str) -> None:
    taken = {argument: str(it.type) for argument, it in dict(fields())[name].args.items()}
    relay = {"first": "Int", "after": "String", "last": "Int", "before": "String"}
    assert {argument: taken.get(argument) for argument in relay} == relay


@pytest.mark.parametrize("name", sorted(name for name in TYPES if name.endswith("Connection")))
def test_a_connection_has_edges_a_page_and_a_count(name: str) -> None:
    told = {field: str(it.type) for field, it in TYPES[name].fields.items()}
    edge = f"{name.removesuffix('Connection')}Edge"
    counts = {"totalCount": "Int!", "countUpTo": "Int!"}
    assert told == {"edges": f"[{edge}!]!", "pageInfo": "PageInfo!", **counts}


def test_mutations_take_one_input_and_answer_with_errors() -> None:
    mutations = {name: field for name, field in fields() if name.startswith("Mutation.")}
    assert {name: list(field.args) for name, field in mutations.items() if list(field.args) != ["input"]} == {
        f"Mutation.{name}": []
        for name in ("logOut", "startConfirmation", "regenerateRecoveryCodes", "openDueCalendar", "closeDueCalendar")
    }
    assert [n for n, field in mutations.items() if "errors" not in get_named_type(field.type).fields] == []

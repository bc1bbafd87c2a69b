"""Limits a document must keep to, judged before anything runs: depth, aliases, tokens, cost."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.utilities import value_from_ast_untyped
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache


@dataclass(frozen=True)
class Limits:
    """The caps. `cost` counts the objects a document may have the server fetch."""

    depth: int = 16
    aliases: int = 30
    tokens: int = 3000
    cost: int = 6000
    page: int = 100
    default_page: int = 20
    steps: int = 20_000
    """Selections looked at while measuring: fragments that spread others twice each would be looked at for ever."""


@dataclass
class _Measure:
    depth: int = 0
    aliases: int = 0
    cost: int = 0
    steps: int = 0


class _Measuring:
    """Walks an operation once, fragments followed, stopping as soon as a cap is passed."""

    def __init__(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any], limits: Limits
    ) -> None:
        self.fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self.variables = {
            **{
                one.variable.name.value: value_from_ast_untyped(one.default_value)
                for one in operation.variable_definitions or ()
                if one.default_value is not None
            },
            **variables,
        }
        self.limits = limits
        self.measure = _Measure()

    def walk(self, selections: SelectionSetNode, depth: int, times: int, within: frozenset[str]) -> None:
        """Measure a selection set reached `times` times, inside the fragments `within`."""
        for one in selections.selections:
            self.measure.steps += 1
            if self.measure.steps > self.limits.steps:
                raise _too_much("COST", f"jusqu’à plus de {self.limits.cost} objets")
            if isinstance(one, FieldNode):
                self._field(one, depth, times, within)
            elif isinstance(one, InlineFragmentNode):
                self.walk(one.selection_set, depth, times, within)
            elif isinstance(one, FragmentSpreadNode):
                name = one.name.value
                # A fragment that spreads itself is refused by validation; here it must only not loop.
                if name in self.fragments and name not in within:
                    self.walk(self.fragments[name].selection_set, depth, times, within | {name})

    def _field(self, field: FieldNode, depth: int, times: int, within: frozenset[str]) -> None:
        if field.name.value.startswith("__"):
            return  # introspection has its own bound: the schema
        measure, limits = self.measure, self.limits
        measure.depth = max(measure.depth, depth)
        if field.alias is not None:
            measure.aliases += 1
        if measure.depth > limits.depth:
            raise _too_much("DEPTH", f"plus de {limits.depth} niveaux")
        if measure.aliases > limits.aliases:
            raise _too_much("ALIASES", f"plus de {limits.aliases} alias")
        if field.selection_set is None:
            return
        size = self._size(field)
        measure.cost += times
        if measure.cost > limits.cost:
            raise _too_much("COST", f"jusqu’à plus de {limits.cost} objets")
        self.walk(field.selection_set, depth + 1, times * size, within)

    def _size(self, field: FieldNode) -> int:
        """How many objects a field may answer with: its page if it is paged, as many as the ids it is given, or one.

        The edges and nodes below a connection share its size.
        """
        for argument in field.arguments or ():
            name, value = argument.name.value, value_from_ast_untyped(argument.value, self.variables)
            if name in {"first", "last"} and isinstance(value, int):
                return min(max(value, 1), self.limits.page)
            if name == "ids" and isinstance(value, list):
                return min(max(len(value), 1), self.limits.page)
        return self.limits.default_page if _is_connection(field) else 1


def _is_connection(field: FieldNode) -> bool:
    """Whether a field selects edges: then it is paged, by default size where the client names none."""
    if field.selection_set is None:
        return False
    return any(isinstance(one, FieldNode) and one.name.value == "edges" for one in field.selection_set.selections)


def _too_much(what: str, limit: str) -> GraphQLError:
    return GraphQLError(
        f"Cette requête demande {limit} : demandez moins à la fois, par pages plus petites.",
        extensions={"code": f"TOO_MUCH_{what}"},
    )


def check(document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any], limits: Limits) -> int:
    """The cost of an operation; raises GraphQLError where it passes a cap."""
    cost = 0
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            if operation_name and (one.name is None or one.name.value != operation_name):
                continue
            measuring = _Measuring(document, one, variables, limits)
            measuring.walk(one.selection_set, 1, 1, frozenset())
            cost = max(cost, measuring.measure.cost)
    return cost


class Parsing(ParserCache):
    """Parses each document once, of the last 512.

    A document that does not parse is parsed again where Strawberry expects its error: raised by the cache, the error
    would leave without its code, and over a socket it would not leave at all.
    """

    def __init__(self) -> None:
        super().__init__(maxsize=512)

    def on_parse(self) -> Iterator[None]:
        """Before parsing: the document as remembered."""
        with contextlib.suppress(GraphQLSyntaxError):
            next(iter(super().on_parse()))
        yield


def limiting(limits: Limits, remembered: int = 512) -> type[SchemaExtension]:
    """A schema extension that refuses what passes the caps, before validation spends time on it; what passes them is
    validated, once for each document of the last `remembered` ones.

    One extension does both: Strawberry's ValidationCache alone would put its own verdict in the place of ours.
    """

    class Limiting(ValidationCache):
        """Judges each document."""

        def __init__(self) -> None:
            super().__init__(maxsize=remembered)

        def on_validate(self) -> Iterator[None]:
            """In the place of validation: a refused document is not validated, nor executed."""
            context = self.execution_context
            try:
                if context.graphql_document is not None:
                    check(context.graphql_document, context.operation_name, context.variables or {}, limits)
            except GraphQLError as error:
                context.pre_execution_errors = [error]
                yield
            else:
                yield from super().on_validate()

    return Limiting

"""The GraphQL endpoint: GraphQL over HTTP as its specification says, graphql-transport-ws for subscriptions.

Strawberry's own view, with what the study of it found missing: `application/graphql-response+json` and its status
codes (61 of 61 audits), JSON bodies for every refusal, a context of its own for each operation of a socket (finding
L), text frames (finding J), no multipart (finding N).
"""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeGuard

import orjson
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from starlette.websockets import WebSocketDisconnected as Gone
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.utils.aio import aclosing

from backend.engine.errors import INTERNAL

logger = logging.getLogger(__name__)

RESPONSE = "application/graphql-response+json"
JSON = "application/json"

INIT_WAIT = timedelta(seconds=10)
"""How long a socket may stay open without saying who it is."""

MAXIMUM_BODY = 1024 * 1024
"""Bytes of a request: a document and its variables, never a file."""

ContextOf = Callable[[HTTPConnection, Response | None, Mapping[str, Any]], Awaitable[Any]]
"""Makes the context of one operation: from the connection, the response to write headers to (HTTP only), and the
parameters of `connection_init` (WebSocket only)."""


class Socket:
    """What lives as long as a WebSocket: who connected and what it said. Operations get contexts of their own."""

    def __init__(self, connection: HTTPConnection) -> None:
        self.connection = connection
        self.connection_params: Mapping[str, Any] = {}


class _Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """Runs each operation of a socket with a context of its own, so that nothing stale is seen (finding L)."""

    async def handle_message(self, message: Any) -> None:
        """One message; what is not one of the protocol closes the socket, rather than failing half-way."""
        if _is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Failed to parse message")

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> None:
        """A document that cannot be run ends its own operation, not the whole socket."""

    async def send_message(self, message: Any) -> None:
        """One message. Whoever has left is told nothing: that is no error, whichever way it is found out."""
        try:
            await super().send_message(message)
        except Gone as gone:
            raise WebSocketDisconnected from gone

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """One operation, from its message to its last result."""
        from strawberry.subscriptions.protocols.graphql_transport_ws import handlers

        view: Any = self.view
        try:
            context = await view.context_of(self.context.connection, None, self.context.connection_params)
            results = await self.schema.stream(
                operation.query,
                variable_values=operation.variables,
                context_value=context,
                root_value=None,
                operation_name=operation.operation_name,
            )
            async with aclosing(results):
                await self._send_result_stream(operation, results)
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except (handlers._OperationStreamClosed, WebSocketDisconnected):
            return
        except Exception as error:
            await self.handle_task_exception(error)
            with contextlib.suppress(Exception):
                await operation.send_initial_errors([GraphQLError(INTERNAL, extensions={"code": "INTERNAL"})])
            self.operations.pop(operation.id, None)
            raise


def _is_message(message: Any) -> bool:
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    if message["type"] not in {"subscribe", "complete"}:
        return True
    if not isinstance(message.get("id"), str):
        return False
    payload = message.get("payload")
    return message["type"] == "complete" or (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )


class Endpoint(GraphQL[Any, None]):
    """The ASGI application of `/graphql`."""

    graphql_transport_ws_handler_class = _Handler

    def __init__(self, schema: Schema, context_of: ContextOf, accepts: Callable[[Any], bool]) -> None:
        """`accepts` tells from a context whether a socket may stay; a refused one is closed with 4403."""
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_WAIT,
            multipart_uploads_enabled=False,
        )
        self.context_of = context_of
        self.accepts = accepts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or serve a socket."""
        if scope["type"] == "websocket":
            await self.run(WebSocket(scope, receive=receive, send=send))
            return
        request = Request(scope, receive=_measured(receive))
        try:
            response = await self.run(request)
        except HTTPException as error:
            response = _refusal(request, error.reason, error.status_code)
        except Exception:
            logger.exception("an operation could not be run at all")
            response = _refusal(request, INTERNAL, 500, "INTERNAL")
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Any) -> Any:
        """The context of an HTTP operation, or of a socket."""
        if isinstance(request, WebSocket):
            return Socket(request)
        return await self.context_of(request, response, {})

    async def on_ws_connect(self, context: Socket) -> Any:
        """Judge a socket on its `connection_init`."""
        if not self.accepts(await self.context_of(context.connection, None, context.connection_params)):
            raise ConnectionRejectionError
        return {}

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """The response that resolvers may put headers on."""
        response = await super().get_sub_response(request)
        request.state.sub_response = response
        request.state.is_request_error = False
        return response

    async def parse_http_body(self, request: Any) -> Any:
        """The request in a body; one whose JSON is no request is refused."""
        try:
            return await super().parse_http_body(request)
        except (AttributeError, TypeError) as error:
            raise HTTPException(400, "The body is not a GraphQL request") from error

    async def process_result(self, request: Request, result: Any) -> Any:
        """A result as JSON. Where nothing was executed there is no `data` entry, as the specification asks."""
        data: Any = await super().process_result(request, result)
        if result.data is None and result.errors and all(error.path is None for error in result.errors):
            request.state.is_request_error = True
            data = {key: value for key, value in data.items() if key != "data"}
        return data

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        """The HTTP response, in the media type the client asked for."""
        response: Response = super().create_response(response_data, sub_response)
        return response

    async def run(self, request: Any, context: Any = None, root_value: Any = None) -> Any:
        """Run a request, and give its answer the media type and status the specification asks for."""
        answer = await super().run(request)
        if isinstance(request, Request) and isinstance(answer, Response):
            as_response = accepts_response(request.headers.get("accept", ""))
            answer.headers["content-type"] = f"{RESPONSE if as_response else JSON}; charset=utf-8"
            answer.headers["vary"] = "Accept"
            answer.headers["cache-control"] = "no-store"
            if as_response and request.state.is_request_error and answer.status_code == 200:
                answer.status_code = 400
        return answer

    def encode_json(self, data: object) -> str:
        """JSON as text: bytes would leave as binary frames, which clients refuse (finding J)."""
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> object:
        """JSON from a client; raises json.JSONDecodeError as the view expects, for text that is not Unicode too.

        Half a surrogate pair could be neither stored nor sent back.
        """
        return orjson.loads(data)

    def is_websocket_request(self, request: Request | WebSocket) -> TypeGuard[WebSocket]:
        """Whether this is a socket."""
        return isinstance(request, WebSocket)

    def _get_stream_transport_from_headers(self, headers: Any) -> Any:
        """Plain JSON for clients that list every media type they know, as urql does (finding I)."""
        accept = headers.get("accept", "").lower()
        if RESPONSE in accept or JSON in accept:
            return None
        return super()._get_stream_transport_from_headers(headers)


def _measured(receive: Receive) -> Receive:
    """The body as it comes, refused as soon as it is too long."""
    size = 0

    async def measured() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAXIMUM_BODY:
            raise HTTPException(413, "Cette requête est trop longue : un fichier s’envoie à PUT /uploads.")
        return message

    return measured


def accepts_response(accept: str) -> bool:
    """Whether a client would rather have `application/graphql-response+json` than `application/json`."""
    for part in accept.split(","):
        media_type = part.split(";")[0].strip().lower()
        if media_type == RESPONSE:
            return True
        if media_type in {JSON, "*/*", "application/*"}:
            return False
    return False


def _refusal(request: Request, reason: str, status: int, code: str = "BAD_REQUEST") -> Response:
    """A request that is not one of GraphQL, refused in JSON with a code."""
    as_response = accepts_response(request.headers.get("accept", ""))
    headers = {"vary": "Accept", "cache-control": "no-store"}
    if status == 405:
        headers["allow"] = "GET, POST"
    return Response(
        orjson.dumps({"errors": [{"message": reason, "extensions": {"code": code}}]}),
        status_code=status,
        media_type=f"{RESPONSE if as_response else JSON}; charset=utf-8",
        headers=headers,
    )

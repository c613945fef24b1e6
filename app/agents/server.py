"""The Model Context Protocol over the tools: what an agent may list, call and read. Nothing here changes anything."""

from typing import Any

import mcp_types as types
import orjson
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from app.agents.client import Api, RefusedError, names
from app.agents.guide import INSTRUCTIONS, safety_prompt
from app.agents.tools import TOOLS

RELEASES = "immunofacts://releases"
VOCABULARY = "immunofacts://vocabularies/{name}"
VOCABULARIES = ("classes", "targets", "conditions", "events", "endpoints", "biomarkers")
PROMPT = "compare_safety_honestly"
BY_NAME = {tool.name: tool for tool in TOOLS}
_NO_RESOURCE = -32002
"""The protocol's code for a resource that is not there."""


def definitions() -> list[types.Tool]:
    """The tools, as agents see them."""
    reading = types.ToolAnnotations(read_only_hint=True)
    return [
        types.Tool(
            name=tool.name,
            description=tool.description,
            input_schema=tool.input_schema(),
            output_schema=tool.output_schema(),
            annotations=reading,
        )
        for tool in TOOLS
    ]


def make(app: Starlette) -> Server[Any]:
    """The server of the protocol, which asks the API that is given."""
    api = Api(app)

    async def list_tools(_: Any, __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=definitions())

    async def call_tool(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name not in BY_NAME:
            return _failed(f"There is no tool {params.name[:100]!r}, but {', '.join(BY_NAME)}.")
        tool = BY_NAME[params.name]
        try:
            answer = await tool.run(api, tool.arguments.model_validate(params.arguments or {}))
        except ValidationError as error:
            return _failed(_error_text(error, list(tool.input_schema()["properties"])))
        except RefusedError as error:
            return _failed(str(error))
        text = types.TextContent(text=orjson.dumps(answer).decode())
        return types.CallToolResult(content=[text], structured_content=answer)

    async def list_resources(_: Any, __: Any) -> types.ListResourcesResult:
        there = [("releases", RELEASES, "The releases, newest first.")]
        there += [(name, VOCABULARY.format(name=name), f"Ids and names of {name}.") for name in VOCABULARIES]
        found = [types.Resource(name=name, uri=uri, description=text) for name, uri, text in there]
        return types.ListResourcesResult(resources=found)

    async def read_resource(_: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        name = uri.removeprefix(VOCABULARY.format(name=""))
        if uri == RELEASES:
            text, kind = await api.text("/releases", {}), "application/json"
        elif name in VOCABULARIES:
            text, kind = await names(api, f"/{name}"), "text/tab-separated-values"
        else:
            raise MCPError(_NO_RESOURCE, f"There is no resource {uri[:200]!r}.")
        contents = types.TextResourceContents(uri=uri, text=text, mime_type=kind)
        return types.ReadResourceResult(contents=[contents])

    async def list_prompts(_: Any, __: Any) -> types.ListPromptsResult:
        arguments = [
            types.PromptArgument(name="therapies", description="Names of therapies, with commas.", required=True),
            types.PromptArgument(name="event", description="A kind of adverse event.", required=False),
        ]
        text = "Compare the safety of therapies without saying more than the facts do."
        return types.ListPromptsResult(prompts=[types.Prompt(name=PROMPT, description=text, arguments=arguments)])

    async def get_prompt(_: Any, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        given = params.arguments or {}
        if params.name != PROMPT or not given.get("therapies"):
            raise MCPError(types.INVALID_PARAMS, f"The prompt is {PROMPT}, and wants `therapies`.")
        text = types.TextContent(text=safety_prompt(given["therapies"], given.get("event", "")))
        return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=text)])

    return Server(
        "immunofacts",
        title="ImmunoFacts",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )


def _failed(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=True)


def _error_text(error: ValidationError, allowed: list[str]) -> str:
    """What is wrong with arguments, and which there are."""
    wrong = [f"{'.'.join(map(str, part['loc'])) or 'arguments'}: {part['msg']}." for part in error.errors()]
    return " ".join([*wrong[:10], f"Arguments are {', '.join(allowed)}."])


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one message by HTTP, without a session."""
    state = scope["app"].state
    if not hasattr(state, "agents"):
        state.agents = make(scope["app"])
    manager = StreamableHTTPSessionManager(app=state.agents, json_response=True, stateless=True)
    async with manager.run():
        await manager.handle_request(scope, receive, send)


async def serve_stdio(app: Starlette) -> None:
    """Answer messages over standard input and output until the input ends."""
    server = make(app)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())

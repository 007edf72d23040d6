"""``/docs``: the OpenAPI document as a page to read.

Our own page rather than Swagger UI: that loads scripts from a server elsewhere, and nothing here
may leave the machine or need the network.
"""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from askscwru.api.forwarded import base_of
from askscwru.api.html import page
from askscwru.api.replies import Json

Object = dict[str, Any]
Tokens = list[tuple[str, str]]
"""Text in pieces, each ``code``, ``strong`` or neither."""
router = APIRouter(include_in_schema=False)
_MARKED = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*")


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The document, with the address at which its client found it."""
    return Json({**request.app.openapi(), "servers": [{"url": base_of(request)}]})


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The manual."""
    shown = manual(request.app.openapi(), base_of(request))
    return page(request, "manual.html", here="docs", manual=shown)


def manual(api: Object, base: str) -> Object:
    """What the manual shows of an OpenAPI document.

    Args:
        api: the document.
        base: the service's address, for the examples.
    """
    info, schemas = api["info"], api["components"]["schemas"]
    return {
        "title": f"{info['title']} {info['version']}",
        "about": prose(info["description"]),
        "sections": [
            {
                "name": tag["name"],
                "about": prose(tag["description"]),
                "operations": _operations(api, tag["name"], base),
            }
            for tag in api["tags"]
        ],
        "objects": [_schema(name, schemas[name]) for name in sorted(schemas)],
    }


def _operations(api: Object, tag: str, base: str) -> list[Object]:
    return [
        _operation(api, path, method, operation, base)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
        if tag in operation.get("tags", [])
    ]


def _operation(api: Object, path: str, method: str, operation: Object, base: str) -> Object:
    return {
        "method": method.upper(),
        "path": path,
        "about": prose(f"**{operation['summary']}.** {operation.get('description', '')}"),
        "parameters": [_parameter(parameter) for parameter in operation.get("parameters", [])],
        "curl": _curl(api, path, method, operation, base),
        "example": _answer(api, operation["responses"]),
        "statuses": [
            (status, inline(response["description"]))
            for status, response in operation["responses"].items()
        ],
    }


def _parameter(parameter: Object) -> tuple[str, str, Tokens]:
    where = parameter["in"] if parameter.get("required") else f"{parameter['in']}, optional"
    return parameter["name"], where, inline(parameter.get("description", ""))


def _curl(api: Object, path: str, method: str, operation: Object, base: str) -> str:
    verb = "curl" if method in ("get", "post") else f"curl -X {method.upper()}"
    words = [f"{verb} {base}{path}"]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        example = json.dumps(_example(api, content["schema"]), ensure_ascii=False)
        words += ["-H 'Content-Type: application/json'", f"-d '{example}'"]
    return " \\\n  ".join(words)


def _answer(api: Object, responses: Object) -> str:
    """An example of what is answered when all is well; empty where none is given."""
    shown = ""
    for status, response in responses.items():
        content = response.get("content", {}).get("application/json", {})
        if status.startswith("2") and "schema" in content:
            example = _example(api, content["schema"])
            shown = json.dumps(example, ensure_ascii=False, indent=2) if example else ""
    return shown


def _example(api: Object, schema: Object) -> Any:
    schema = _resolved(api, schema)
    examples = schema.get("examples")
    if examples:
        return examples[0]
    named = schema.get("properties", {})
    return {
        name: field["examples"][0] for name, field in named.items() if field.get("examples")
    } or None


def _resolved(api: Object, schema: Object) -> Object:
    if "$ref" in schema:
        found: Object = api["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _schema(name: str, schema: Object) -> Object:
    needed = set(schema.get("required", []))
    fields = [
        (
            field,
            _type(about) + ("" if field in needed else ", optional"),
            inline(about.get("description", "–")),
        )
        for field, about in schema.get("properties", {}).items()
    ]
    return {"name": name, "about": prose(schema.get("description", "")), "fields": fields}


def _type(schema: Object) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "anything"))


def prose(text: str) -> list[Tokens]:
    """Paragraphs of the little Markdown that our descriptions use."""
    return [inline(" ".join(part.split())) for part in text.split("\n\n") if part.strip()]


def inline(text: str) -> Tokens:
    """A paragraph in pieces."""
    pieces: Tokens = []
    at = 0
    for match in _MARKED.finditer(text):
        pieces.append(("", text[at : match.start()]))
        kind = match.lastgroup or ""
        pieces.append((kind, match[kind]))
        at = match.end()
    pieces.append(("", text[at:]))
    return [piece for piece in pieces if piece[1]]

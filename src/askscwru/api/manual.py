"""``/docs``: the OpenAPI document as a page to read.

Our own page rather than Swagger UI: that loads scripts from a server elsewhere, and nothing here
may leave the machine or need the network.
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import Response

from askscwru.api.forwarded import base_of, path_of
from askscwru.api.post_page import PAGE_POLICY, document
from askscwru.api.replies import Json

Object = dict[str, Any]
router = APIRouter(include_in_schema=False)
_CODE = re.compile(r"`([^`]+)`")


@router.get("/")
async def root(request: Request) -> Response:
    """Leads to the manual."""
    return Response(status_code=307, headers={"Location": f"{path_of(request)}/docs"})


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The document, with the address at which its client found it."""
    return Json({**request.app.openapi(), "servers": [{"url": base_of(request)}]})


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The manual."""
    page = manual(request.app.openapi(), base_of(request))
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": PAGE_POLICY})


def manual(api: Object, base: str) -> str:
    """An OpenAPI document as HTML.

    Args:
        api: the document.
        base: the service's address, for the examples.
    """
    info = api["info"]
    sections = [_section(api, tag, base) for tag in api["tags"]]
    schemas = api["components"]["schemas"]
    objects = [_schema(name, schemas[name]) for name in sorted(schemas)]
    heading = f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
    body = (
        f"<header>{heading}{_prose(info['description'])}"
        f'<p><a href="{escape(urlsplit(base).path)}/openapi.json">'
        "The same for programs (OpenAPI)</a></p>"
        "</header>\n<main>\n"
        + "\n".join(sections)
        + "\n<h2>Objects</h2>\n"
        + "\n".join(objects)
        + "\n</main>"
    )
    return document("askscwru: manual", body)


def _section(api: Object, tag: Object, base: str) -> str:
    rows = [
        _operation(api, path, method, operation, base)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
        if tag["name"] in operation.get("tags", [])
    ]
    heading = f"<h2>{escape(tag['name'])}</h2>{_prose(tag['description'])}"
    return heading + "\n".join(rows)


def _operation(api: Object, path: str, method: str, operation: Object, base: str) -> str:
    parts = [
        f"<section><h3><code>{method.upper()} {escape(path)}</code></h3>",
        _prose(f"**{operation['summary']}.** {operation.get('description', '')}"),
        _parameters(operation.get("parameters", [])),
        f"<pre>{escape(_curl(api, path, method, operation, base))}</pre>",
        _responses(api, operation["responses"]),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _parameters(parameters: list[Object]) -> str:
    if not parameters:
        return ""
    rows = []
    for parameter in parameters:
        where = parameter["in"] if parameter.get("required") else f"{parameter['in']}, optional"
        about = _inline(parameter.get("description", ""))
        rows.append(f"<li><code>{escape(parameter['name'])}</code> ({where}) {about}</li>")
    return "<ul>" + "".join(rows) + "</ul>"


def _curl(api: Object, path: str, method: str, operation: Object, base: str) -> str:
    verb = "curl" if method in ("get", "post") else f"curl -X {method.upper()}"
    words = [f"{verb} {base}{path}"]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        example = json.dumps(_example(api, content["schema"]), ensure_ascii=False)
        words += ["-H 'Content-Type: application/json'", f"-d '{example}'"]
    return " \\\n  ".join(words)


def _responses(api: Object, responses: Object) -> str:
    rows, shown = [], ""
    for status, response in responses.items():
        content = response.get("content", {}).get("application/json", {})
        rows.append(f"<li><code>{status}</code> {_inline(response['description'])}</li>")
        if status.startswith("2") and "schema" in content:
            example = _example(api, content["schema"])
            text = json.dumps(example, ensure_ascii=False, indent=2)
            shown = f"<p>For example:</p><pre>{escape(text)}</pre>" if example else ""
    return shown + "<p>Statuses:</p><ul>" + "".join(rows) + "</ul>"


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


def _schema(name: str, schema: Object) -> str:
    needed = set(schema.get("required", []))
    rows = [
        f"<li><code>{escape(field)}</code> {escape(_type(about))}"
        f"{'' if field in needed else ', optional'}: {_inline(about.get('description', '–'))}</li>"
        for field, about in schema.get("properties", {}).items()
    ]
    about = _prose(schema.get("description", ""))
    heading = f"<h3>{escape(name)}</h3>"
    return f'<section id="{escape(name)}">{heading}{about}<ul>{"".join(rows)}</ul></section>'


def _type(schema: Object) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "anything"))


def _prose(text: str) -> str:
    """Paragraphs of the little Markdown that our descriptions use."""
    paragraphs = (part for part in text.split("\n\n") if part.strip())
    return "".join(f"<p>{_inline(' '.join(part.split()))}</p>" for part in paragraphs)


def _inline(text: str) -> str:
    bold = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(text, quote=False))
    return _CODE.sub(r"<code>\1</code>", bold)

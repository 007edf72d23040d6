"""The web page's routes: ask, read, browse, and what was asked before.

They ask the same service as the contract's routes, and show what it gives by ``web/``. Forms are
answered with a redirect to the page that shows what they did; our script asks for that part alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from askscwru.api import problems
from askscwru.api.forwarded import base_of
from askscwru.api.html import (
    COOKIE,
    links_of,
    page,
    problem_page,
    read_form,
    redirect,
    sign_in_page,
    token_of,
    wants_part,
)
from askscwru.api.post_text import PostText
from askscwru.api.service import Service
from askscwru.api.sight import Sight
from askscwru.assistant import Assistant
from askscwru.days import long_date
from askscwru.errors import AskscwruError, NotFoundError
from askscwru.show.post_text import Paragraph
from askscwru.show.references import day_of
from askscwru.show.search_posts import FoundPost
from askscwru.show.transcript import as_markdown, file_name
from askscwru.types import Conversation, Filters, Query
from askscwru.web import limits, posts
from askscwru.web.evidence import EvidenceView, evidence_view
from askscwru.web.render import MEDIA_TYPES, asset
from askscwru.web.turns import TalkUrl, turn_view

Object = dict[str, Any]
router = APIRouter(include_in_schema=False)
_A_PAGE = 40
"""Posts or conversations on one page."""
_NEAR = 5
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_SIGNED_IN_SECONDS = 90 * 24 * 3600
_WRONG_TOKEN = "This token does not count here."  # noqa: S105 - it is what is said of one


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Ours = Annotated[Service, Depends(_service)]


# -- asking ----------------------------------------------------------------------------------------


@router.get("/")
async def ask_page(request: Request, service: Ours) -> Response:
    """The page: a conversation with the evidence beside it, or what a newcomer sees."""
    given = request.query_params
    held = limits.read(given)
    known = given.get("conversation")
    turns = (await service.conversation(known))["turns"] if known else []
    if not turns:
        return await _first_page(request, service, held, given.get("question", ""))
    at = _number(given.get("turn"), len(turns)) or len(turns)
    turn = dict(turns[at - 1])
    if not turn["citations"] and not turn.get("nearest"):
        turn["passages"] = await _near(service, turn, held)
    place = TalkUrl(links_of(request.scope), known, held)
    what, number = _chosen(given, turn)
    evidence = await _evidence(service, turn, place, what, number)
    if wants_part(request):
        return page(request, "fragment.html", turn=None, problem="", evidence=evidence)
    shown = [
        turn_view(turn if n == at else kept, place, (what, number) if n == at else None)
        for n, kept in enumerate(turns, start=1)
    ]
    sight, title = await _sight(service, held)
    return page(
        request,
        "ask.html",
        **_form(held, title, place, sight),
        turns=shown,
        evidence=evidence,
        question=given.get("question", ""),
        problem="",
        examples=(),
    )


@router.post("/")
async def ask(request: Request, service: Ours) -> Response:
    """Asks the question of the form."""
    form = await read_form(request)
    held = limits.read(form)
    known = form.get("conversation") or None
    question = form.get("question", "")
    filters = Filters(**held)
    try:
        answer = await service.ask(Query(question, filters=filters), known, owner=token_of(request))
    except (AskscwruError, problems.Problem) as error:
        return await _refused(request, service, error, form)
    request.state.noted = {"answered": answer["answered"]}
    place = TalkUrl(links_of(request.scope), answer["conversation_id"], held)
    where = place.to(answer["turn"], "")
    if not wants_part(request):
        return redirect(f"{where}#turn-{answer['turn']}")
    what, number = ("citation", 1) if answer["citations"] else ("", 0)
    evidence = await _evidence(service, answer, place, what, number)
    sight, title = await _sight(service, held)
    return page(
        request,
        "fragment.html",
        headers={"X-Location": where},
        **_form(held, title, place, sight),
        turn=turn_view(answer, place, (what, number)),
        problem="",
        evidence=evidence,
    )


async def _first_page(
    request: Request,
    service: Service,
    held: Mapping[str, str],
    question: str,
    problem: problems.Problem | None = None,
) -> Response:
    sight, title = await _sight(service, held, examples=True)
    return page(
        request,
        "ask.html",
        problem.status if problem else 200,
        **_form(held, title, TalkUrl(links_of(request.scope), None, held), sight),
        turns=(),
        question=question,
        problem=problem.message if problem else "",
        examples=() if held else sight.examples,
    )


async def _refused(
    request: Request, service: Service, error: Exception, form: Mapping[str, str]
) -> Response:
    """The page with the question as it was typed, and why it was not answered."""
    problem = problems.of_error(error) if isinstance(error, AskscwruError) else error
    assert isinstance(problem, problems.Problem)  # noqa: S101 - the caller caught these two
    if wants_part(request) or form.get("conversation") or problem.status >= 500:
        return problem_page(request, problem, form.get("question", ""))
    held = limits.read(form)
    held.pop(str(problem.param).removeprefix("filters."), None)  # it would be refused again
    return await _first_page(request, service, held, form.get("question", ""), problem)


def _form(
    held: Mapping[str, str], title: str | None, place: TalkUrl, sight: Sight
) -> dict[str, Any]:
    """What the form for questions shows."""

    def lifted(limit: limits.Held) -> str:
        return place.links.to("", conversation=place.conversation, **limit.without)

    return {
        "here": "",
        "place": place,
        "form": held,
        "held": limits.held(held, title),
        "lifted": lifted,
        "choices": sight.choices,
        "overview": sight.overview,
    }


async def _sight(
    service: Service, held: Mapping[str, str], *, examples: bool = False
) -> tuple[Sight, str | None]:
    """The posts at first sight, and the title of the post that questions are limited to."""

    def job(assistant: Assistant) -> tuple[Sight, str | None]:
        title = None
        if "post" in held:
            try:
                title = assistant.post(held["post"]).title
            except NotFoundError:
                title = None
        return service.sights.of(assistant, examples=examples), title

    return await service.desk.run(job)


async def _near(service: Service, turn: Object, held: Mapping[str, str]) -> list[Object]:
    """The passages nearest to a question that was kept without its answer."""
    try:
        found = await service.search(Query(turn["searched_for"], _NEAR, Filters(**held)))
    except AskscwruError:
        return []
    passages: list[Object] = found["passages"]
    return passages


async def _evidence(
    service: Service, turn: Object, place: TalkUrl, what: str, number: int
) -> EvidenceView | None:
    found = _found(turn, what)
    if not 1 <= number <= len(found):
        return None
    return await service.desk.run(
        lambda assistant: evidence_view(assistant, turn, place, what, number, found)
    )


def _found(turn: Object, what: str) -> Sequence[Object]:
    """What can be stepped through: the citations, or of the near passages one of each post."""
    if what == "citation":
        return list(turn["citations"])
    near = turn.get("nearest") or turn.get("passages") or ()
    return list({found["post_id"]: found for found in reversed(near)}.values())[::-1]


def _chosen(given: Mapping[str, str], turn: Object) -> tuple[str, int]:
    """Which evidence an address names: the first citation where it names none."""
    for what in ("citation", "near"):
        if what in given:
            return what, _number(given[what], len(_found(turn, what)))
    return ("citation", 1) if turn["citations"] else ("", 0)


def _number(text: str | None, most: int) -> int:
    """A number from 1 to ``most``; 0 where it is none."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        return 0
    return int(text) if 1 <= int(text) <= most else 0


# -- posts -----------------------------------------------------------------------------------------


async def posts_page(request: Request, service: Service) -> Response:
    """The list of posts, or of those with the words of ``q``, within limits."""
    given = request.query_params
    held = limits.read(given)
    words = " ".join(given.get("q", "").split())
    found = await service.found_posts(words, Filters(**held))
    links = links_of(request.scope)
    first = max(0, _number(given.get("first"), len(found)) - 1)
    some: Sequence[FoundPost] = found[first : first + _A_PAGE]
    sight, title = await _sight(service, held)

    def at(position: int) -> str:
        return links.to("posts", q=words, **held, first=position + 1)

    def lifted(limit: limits.Held) -> str:
        return links.to("posts", q=words, **limit.without)

    return page(
        request,
        "posts.html",
        headers={"Vary": "Accept"},
        here="posts",
        q=words,
        form=held,
        held=limits.held(held, title),
        lifted=lifted,
        choices=sight.choices,
        overview=sight.overview,
        found=[posts.result(one, words, links) for one in some],
        first=first + 1,
        total=len(found),
        before=at(max(0, first - _A_PAGE)) if first else "",
        after=at(first + _A_PAGE) if first + _A_PAGE < len(found) else "",
    )


async def post_page(request: Request, service: Service, text: PostText) -> Response:
    """A post to read."""
    links = links_of(request.scope)
    also = await service.posts_named(text.post.see_also)
    blocks = [Paragraph(b.kind, b.start, b.end, words) for b, words in text.blocks]
    return page(
        request,
        "post.html",
        headers={"Vary": "Accept"},
        here=None,
        **posts.post_shown(text.post, blocks, text.marked, text.around, links),
        references=posts.references(text.post, text.marked, text.words),
        see_also=posts.others(also, links),
    )


# -- conversations ---------------------------------------------------------------------------------


@router.get("/conversations")
async def conversations(request: Request, service: Ours) -> Response:
    """What was asked before."""
    given = request.query_params
    words = " ".join(given.get("q", "").split())
    skip = max(0, _number(given.get("first"), 10**6) - 1)
    found = await service.conversations(words, _A_PAGE + 1, skip, token_of(request))
    links = links_of(request.scope)
    rows = [
        {
            "id": one.id,
            "title": one.title,
            "count": one.count,
            "day": long_date(day_of(one.updated_at)),
            "href": links.to("", conversation=one.id),
        }
        for one in found[:_A_PAGE]
    ]
    return page(
        request,
        "conversations.html",
        here="conversations",
        q=words,
        deleted=given.get("deleted", ""),
        problem="",
        found=rows,
        after=links.to("conversations", q=words, first=skip + _A_PAGE + 1)
        if len(found) > _A_PAGE
        else "",
    )


@router.get("/conversations/{conversation_id}/export")
async def export(conversation_id: str, service: Ours) -> Response:
    """A conversation as a Markdown file."""
    kept: Conversation = await service.kept(conversation_id)
    name = file_name(kept).encode("ascii", "ignore").decode() or "conversation.md"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    text = as_markdown(kept).encode("utf-8", "replace")
    return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)


@router.post("/conversations/{conversation_id}/{change}")
async def change(request: Request, conversation_id: str, change: str, service: Ours) -> Response:
    """Renames a conversation, deletes it, or brings it back."""
    form = await read_form(request)
    links = links_of(request.scope)
    if change == "rename":
        await service.rename(conversation_id, form.get("title", ""))
    elif change == "delete":
        await service.delete(conversation_id)
        return redirect(links.to("conversations", deleted=conversation_id))
    elif change == "restore":
        await service.restore(conversation_id)
    else:
        raise problems.of_status(404)
    return redirect(links.to("conversations"))


# -- signing in ------------------------------------------------------------------------------------


@router.get("/sign-in")
async def sign_in(request: Request) -> Response:
    """The form that asks for a token."""
    then = request.query_params.get("next", "")
    return sign_in_page(request.scope, request.headers, 200, "", then)


@router.post("/sign-in")
async def signed_in(request: Request, service: Ours) -> Response:
    """Takes a token and keeps it in a cookie that no script can read."""
    form = await read_form(request)
    token = form.get("token", "").strip()
    then = form.get("next", "")
    if service.tokens.name_of(token) is None:
        return sign_in_page(request.scope, request.headers, 401, _WRONG_TOKEN, then)
    response = redirect(_inside(then, links_of(request.scope).to("")))
    response.set_cookie(
        COOKIE,
        token,
        max_age=_SIGNED_IN_SECONDS,
        path=links_of(request.scope).to(""),
        secure=base_of(request).startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Forgets the token."""
    await read_form(request)
    home = links_of(request.scope).to("")
    response = redirect(home)
    response.delete_cookie(COOKIE, path=home, httponly=True, samesite="lax")
    return response


def _inside(address: str, home: str) -> str:
    """An address of this service, or its first page where it is one of another place."""
    local = address.startswith(home) and address[1:2] not in ("/", "\\")
    return address if local and address.isprintable() else home


# -- files -----------------------------------------------------------------------------------------


@router.get("/static/{tag}/{name}")
async def static(tag: str, name: str) -> Response:
    """One of the files that pages load; its address changes with its content."""
    try:
        content, known = asset(name)
    except KeyError:
        raise problems.of_status(404) from None
    headers = _FOR_EVER if tag == known else {}
    return Response(content, media_type=MEDIA_TYPES[name], headers=headers)

"""Journeys through the page in a real browser: Debian's Chromium, driven by Playwright.

Skipped, saying so, where no Chromium is installed (``apt-get install chromium``).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from askscwru.api.tokens import Tokens
from askscwru.assistant import Assistant, no_progress
from askscwru.conversation.store import Store
from askscwru.index.build import build
from askscwru.settings import Settings
from serving import FACT, Site, ready, serve

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")

AXE = Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 760}
SHARED = "Shared Lives: a new health and care system"
_SECONDS = 20_000.0


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@contextmanager
def opened(chromium: Browser, site: Site, **choices: Any) -> Iterator[Page]:
    """A page with a profile of its own, in which nothing may go wrong unseen."""
    wrong: list[str] = []
    given = {"viewport": DESK, "base_url": site.url, "reduced_motion": "reduce", **choices}
    context = chromium.new_context(**given)
    context.set_default_timeout(_SECONDS)
    expect.set_options(timeout=_SECONDS)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda sent: None if _is_ours(sent.url, site) else wrong.append(sent.url))
    try:
        yield page
    finally:
        context.close()
    assert wrong == []


def _is_ours(url: str, site: Site) -> bool:
    return url.startswith((f"{site.url}/", "data:", "blob:"))


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def answered(page: Page, number: int) -> Any:
    turn = page.locator(f"#turn-{number}")
    expect(turn).to_be_visible()
    return turn


def widest(page: Page) -> int:
    """By how much the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wide


# -- ask, follow up, read the evidence ------------------------------------------------------------


def test_asking_on_with_the_evidence_beside_it_and_going_back(
    chromium: Browser, site: Site
) -> None:
    with opened(chromium, site) as page:
        page.goto("/")
        ask(page, FACT)
        first = answered(page, 1)
        expect(first.locator("mark.words")).to_have_text("14,000")
        expect(page.get_by_role("status").first).to_contain_text("Confidence: very sure, 0.9")
        evidence = page.locator("#evidence")
        expect(evidence).to_contain_text(SHARED)
        expect(evidence.locator("#quote")).to_be_in_viewport()
        one = page.url
        ask(page, "Who wrote that?")
        second = answered(page, 2)
        expect(second).to_contain_text(f"Searched for: Who wrote “{SHARED}”?")
        assert page.url != one
        second.get_by_text("Edit", exact=True).click()
        expect(page.get_by_label("Your question")).to_have_value(f"Who wrote “{SHARED}”?")
        page.go_back()
        expect(page).to_have_url(one)
        expect(evidence.locator("mark.words")).to_have_text("14,000")
        with opened(chromium, site) as colleague:  # the address alone is enough
            colleague.goto(page.url)
            expect(colleague.locator("#turn-1")).to_contain_text("14,000")
            expect(colleague.locator("#evidence")).to_contain_text(SHARED)


def test_typing_is_never_blocked_and_questions_are_answered_in_their_order(
    chromium: Browser, site: Site
) -> None:
    with opened(chromium, site) as page:
        page.goto("/")
        page.route("**/", lambda route: (page.wait_for_timeout(300), route.continue_()))
        ask(page, FACT)
        ask(page, "Who wrote that?")
        ask(page, "Is the moon a cheese?")
        page.get_by_label("Your question").fill("meanwhile")
        answered(page, 3)
        asked = page.locator(".asked").all_inner_texts()
        assert asked == [FACT, "Who wrote that?", "Is the moon a cheese?"]
        expect(page.get_by_label("Your question")).to_have_value("meanwhile")


def test_citations_are_stepped_through_by_the_keyboard_alone(chromium: Browser, site: Site) -> None:
    with opened(chromium, site) as page:
        page.goto("/")
        page.keyboard.type("What is the boiling point of nitrogen?")
        page.keyboard.press("Enter")
        turn = answered(page, 1)
        links = turn.locator(".ref, .near a")
        if links.count() < 2:
            pytest.fail("one near passage only: nothing to step through")
        links.first.focus()
        page.keyboard.press("Enter")
        evidence = page.locator("#evidence")
        expect(evidence).to_be_focused()
        on = evidence.locator("[data-step=on]")
        on.focus()
        page.keyboard.press("Enter")
        expect(evidence.locator(".which")).to_contain_text("2 of")
        focused = page.evaluate("document.activeElement.dataset.step ?? document.activeElement.id")
        assert focused in ("on", "evidence"), "the focus stays where one steps"


# -- copying --------------------------------------------------------------------------------------


def test_the_answer_the_quote_and_a_link_are_copied(chromium: Browser, site: Site) -> None:
    with opened(chromium, site, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto("/")
        ask(page, FACT)
        turn = answered(page, 1)

        def copied(button: str) -> str:
            page.get_by_role("button", name=button).first.click()
            expect(page.get_by_role("button", name="Copied")).to_be_visible()
            text: str = page.evaluate("navigator.clipboard.readText()")
            expect(page.get_by_role("button", name="Copied")).to_have_count(0)
            return text

        answer = copied("Copy the answer")
        assert "14,000 people in almost every UK area.” [1]" in answer
        assert "[1] Alex Fox, “Shared Lives" in answer
        page.get_by_label("Style of the reference").select_option("APA")
        assert copied("Copy the quote").endswith(
            "Fox, A. (n.d.). Shared Lives: a new health and care system. Policy Press blog."
        )
        page.goto(copied("Copy a link"))
        expect(page.locator("#quote")).to_be_in_viewport()
        expect(page.get_by_label("Style of the reference")).to_have_value("apa")
        assert turn is not None


# -- limits, posts, conversations -----------------------------------------------------------------


def test_a_limit_is_set_kept_shown_and_lifted(chromium: Browser, site: Site) -> None:
    with opened(chromium, site) as page:
        page.goto("/")
        page.get_by_text("Limit to …").click()
        page.get_by_label("Author").select_option("John Woolham")
        ask(page, FACT)
        turn = answered(page, 1)
        expect(turn.locator("blockquote")).to_have_count(0)
        held = page.get_by_role("list", name="Limits that hold")
        expect(held).to_contain_text("Only posts by John Woolham")
        page.reload()
        expect(held).to_contain_text("Only posts by John Woolham")
        page.get_by_role("link", name="Lift the limit").click()
        expect(held).to_have_count(0)
        ask(page, FACT)
        expect(answered(page, 2).locator("mark.words")).to_have_text("14,000")


def test_posts_are_searched_read_and_asked_within(chromium: Browser, site: Site) -> None:
    with opened(chromium, site) as page:
        page.goto("/")
        page.get_by_role("link", name="Posts", exact=True).click()
        page.get_by_role("searchbox").fill("helicopter")
        page.keyboard.press("Enter")
        expect(page.locator(".results li")).to_have_count(1)
        page.locator(".results a").click()
        expect(page.locator("#quote")).to_be_in_viewport()
        page.get_by_role("link", name="Ask within this post").click()
        ask(page, "Where has he been?")
        answered(page, 1)
        expect(page.get_by_role("list", name="Limits that hold")).to_contain_text(SHARED)


def test_a_conversation_is_named_deleted_brought_back_and_saved(
    chromium: Browser, site: Site
) -> None:
    with opened(chromium, site) as page:
        page.goto("/")
        ask(page, "Is Trieste a port?")
        answered(page, 1)
        expect(page.get_by_role("link", name="Begin a new conversation")).to_be_visible()
        page.get_by_role("link", name="Conversations").click()
        page.get_by_label("Rename: Is Trieste a port?").first.click()
        page.get_by_label("New name").first.fill("On ports")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Delete: On ports").click()
        expect(page.get_by_role("link", name="On ports", exact=True)).to_have_count(0)
        page.get_by_role("button", name="Undo").click()
        with page.expect_download() as saved:
            page.get_by_role("link", name="Save as Markdown: On ports").click()
        assert saved.value.suggested_filename == "on-ports.md"
        page.get_by_role("link", name="On ports", exact=True).click()
        expect(page.locator("#turn-1")).to_contain_text("Is Trieste a port?")


def test_a_conversation_goes_on_after_a_restart(
    chromium: Browser, site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "kept.sqlite3"
    with started(site, path) as before, opened(chromium, before) as page:
        page.goto("/")
        ask(page, FACT)
        answered(page, 1)
        where = page.url.removeprefix(before.url)
    with started(site, path) as after, opened(chromium, after) as page:
        page.goto(where)
        expect(page.locator("#evidence mark.words")).to_have_text("14,000")
        ask(page, "Who wrote that?")
        expect(answered(page, 2)).to_contain_text("Alex Fox")


@contextmanager
def started(site: Site, path: Path) -> Iterator[Site]:
    """A service of its own over conversations in a file; the models need no loading again."""
    loaded: Any = site.service.live._load
    store = Store(path)
    parts = loaded._index, loaded._encoder, loaded._reader
    with serve(Assistant(loaded.settings, *parts, store), store, loaded.settings) as own:
        yield own
    store.close()


# -- tokens, no JavaScript, a phone ---------------------------------------------------------------


def test_signing_in_and_out(chromium: Browser, site: Site, tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "tokens.json")
    token = tokens.add("ann")
    loaded = site.service.live._load
    with (
        serve(loaded, site.service.store, site.service.settings, tokens=tokens.path) as closed,
        opened_refused(chromium, closed) as page,
    ):
        page.goto("/posts")
        page.get_by_label("Token").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("This token does not count here.")
        page.get_by_label("Token").fill(token)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Posts")).to_be_visible()
        assert page.evaluate("document.cookie") == "", "no script can read the token"
        page.get_by_role("link", name="Ask", exact=True).click()
        ask(page, FACT)
        expect(answered(page, 1)).to_contain_text("14,000")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Token")).to_be_visible()


@contextmanager
def opened_refused(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page that may be refused: the browser logs a 401 as an error."""
    context = chromium.new_context(base_url=site.url)
    context.set_default_timeout(_SECONDS)
    yield context.new_page()
    context.close()


def test_asking_and_reading_need_no_javascript(chromium: Browser, site: Site) -> None:
    with opened(chromium, site, java_script_enabled=False) as page:
        page.goto("/")
        ask(page, FACT)
        turn = answered(page, 1)
        expect(turn.locator("mark.words")).to_have_text("14,000")
        ask(page, "Who wrote that?")
        answered(page, 2)
        page.locator("#turn-1 .ref").click()
        expect(page.locator("#evidence mark.words")).to_have_text("14,000")
        page.get_by_text("Cite these words").click()
        expect(page.locator("#style-harvard")).to_contain_text("Fox, A. (no date)")
        page.get_by_role("link", name="Open the post", exact=True).click()
        expect(page.locator("#quote")).to_be_in_viewport()


def test_on_a_phone_the_evidence_is_below_and_nothing_sticks_out(
    chromium: Browser, site: Site
) -> None:
    with opened(chromium, site, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        page.goto("/")
        assert widest(page) <= 0
        ask(page, FACT)
        turn = answered(page, 1)
        assert widest(page) <= 0
        turn.locator(".ref").tap()
        expect(page.locator("#evidence #quote")).to_be_in_viewport()
        page.get_by_role("link", name="Back to the answer").tap()
        expect(turn).to_be_in_viewport()
        for path in ("/posts?q=care", "/conversations", "/docs"):
            page.goto(path)
            assert widest(page) <= 0, path


# -- accessibility --------------------------------------------------------------------------------


def test_axe_is_the_file_that_was_looked_at() -> None:
    known = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == known


def test_axe_finds_nothing_on_any_page_in_either_theme(chromium: Browser, site: Site) -> None:
    source = AXE.read_text(encoding="utf-8")
    with opened(chromium, site) as page:
        for path, question in _PAGES:
            page.emulate_media(color_scheme="light")
            page.goto(path)
            if question:
                ask(page, question)
                answered(page, 1)
            page.evaluate(source)
            found = page.evaluate(_EVERYTHING)
            page.emulate_media(color_scheme="dark")
            found += page.evaluate(_CONTRAST)
            assert found == [], f"{path} {question}"


_AXE = """
async () => {
  const where = { include: [["header"], ["main > :nth-child(-n+9)"]] };
  const found = await axe.run(where, { runOnly: %s });
  return found.violations.map((fault) => [
    fault.id, fault.nodes[0].html.slice(0, 200), fault.nodes[0].failureSummary]);
}
"""
"""The manual is long and of one kind: of every page the first parts of its content are enough."""
_EVERYTHING = _AXE % "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
_CONTRAST = _AXE % "['color-contrast']"
_PAGES = (
    ("/", ""),
    ("/", FACT),
    ("/", "How many moons does Saturn have?"),
    ("/?author=Alex+Fox", ""),
    ("/posts?q=care", ""),
    ("/posts/5d952f4cc1c4?start=3652&end=3795#quote", ""),
    ("/conversations", ""),
    ("/docs", ""),
    ("/sign-in", ""),
)


def test_at_twice_the_size_nothing_is_lost(chromium: Browser, site: Site) -> None:
    # 200 % zoom of a window of 1280 by 800 leaves 640 by 400 of the page's own pixels.
    with opened(chromium, site, viewport={"width": 640, "height": 400}) as page:
        page.goto("/")
        ask(page, FACT)
        turn = answered(page, 1)
        assert widest(page) <= 0
        turn.locator(".ref").click()
        expect(page.locator("#quote").last).to_be_in_viewport()


def test_a_print_has_questions_answers_and_full_references(chromium: Browser, site: Site) -> None:
    with opened(chromium, site) as page:
        page.goto("/")
        ask(page, FACT)
        turn = answered(page, 1)
        expect(turn.locator(".reference")).to_be_hidden()
        page.emulate_media(media="print")
        expect(turn.locator(".reference")).to_be_visible()
        expect(turn.locator(".reference")).to_contain_text("characters 3,652–3,795, retrieved")
        for gone in (".top", "#ask", "#evidence", ".tools"):
            expect(page.locator(gone).first).to_be_hidden()


# -- hostile posts and questions ------------------------------------------------------------------

_HOSTILE = f"""# <img src=x onerror=alert(1)> \u202e gnirts </title><script>alert(2)</script>

by Ann <b>Gardener</b>

Compost heaps </mark></p><script>alert(3)</script> are kept warm by worms \u202ereversed\u202c here.
"><svg onload=alert(4)> {{{{ 7*7 }}}} javascript:alert(5) and the worms eat {"w" * 10_000} daily.

{"The gardeners turn the heaps once a week so that they stay warm. " * 150}
"""


def test_hostile_posts_and_questions_break_nothing(
    chromium: Browser, tmp_path: Path, fake_model: Path
) -> None:
    settings = Settings(
        seeds=tmp_path / "seeds", embeddings=tmp_path / "emb", model=str(fake_model), threads=1
    )
    settings.seeds.mkdir()
    (settings.seeds / "a<b>&.md").write_text(_HOSTILE, encoding="utf-8")
    build(settings, no_progress)
    store = Store.in_memory()
    with (
        serve(lambda: Assistant.load(settings, store=store), store, settings) as site,
        opened(chromium, site, viewport=PHONE) as page,
    ):
        ready(site)
        page.goto("/")
        asked = ("What are compost heaps kept warm by?", _HOSTILE[:400], "w" * 1900)
        for number, question in enumerate(asked, start=1):
            ask(page, question)
            answered(page, number)
            assert widest(page) <= 0
        page.goto("/posts?q=worms")
        assert widest(page) <= 0
        page.locator(".results a").first.click()
        expect(page.locator("h1")).to_be_visible()
        assert widest(page) <= 0
        assert page.evaluate("document.scripts.length") == 1

"""How light and how quick the web page is.

``python benchmarks/web.py`` serves the index in this process, opens the page in Chromium, and
measures:

* weight: the bytes over the wire and the requests of the first page, by the browser's own count;
* answer: from the Enter key until the answer is painted, less the milliseconds that
  ``Assistant.ask`` takes for the same question, asked in turn; the median and the slowest.

``--json FILE`` keeps the figures. Needs Chromium (``apt-get install chromium``).
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import threading
import time
from pathlib import Path

import uvicorn
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from askscwru import Assistant
from askscwru.api.app import create_app
from askscwru.api.config import Serving
from askscwru.api.protocol import Deadlines
from askscwru.conversation.store import Store
from askscwru.settings import Settings

QUESTIONS = (
    "How many people use Shared Lives?",
    "Who wrote “Personal budgets in Finland”?",
    "Why is it hard to recruit trained care staff?",
    "How many moons does Saturn have?",
)
REPEATS = 5
WEIGHT, REQUESTS, OVER_MS = 60_000, 3, 60.0
"""What is wanted at most."""

_WATCH = """
() => {
  const field = document.getElementById("question");
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const began = performance.now();
    const count = document.querySelectorAll(".turn[id]").length;
    const watch = new MutationObserver(() => {
      if (document.querySelectorAll(".turn[id]").length <= count) return;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => { window.took = performance.now() - began; }));
    });
    watch.observe(document.getElementById("turns"), { childList: true });
  });
}
"""
_TOOK = """
() => new Promise((told) => {
  const look = () => (window.took === null ? setTimeout(look, 5) : told(window.took));
  look();
})
"""
_WEIGHT = """
() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter((entry) => !entry.name.startsWith("data:")).map((entry) => entry.transferSize)
"""


def main() -> None:
    """Serve, open, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    options = parser.parse_args()
    settings, store = Settings(), Store.in_memory()
    assistant = Assistant.load(settings, store=store)
    config = uvicorn.Config(
        create_app(assistant, store, settings, Serving(rate=0)),
        port=0,
        http=Deadlines,
        log_config=None,
    )
    server, sock = uvicorn.Server(config), config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        figures = measured(f"http://127.0.0.1:{sock.getsockname()[1]}", assistant)
    finally:
        server.should_exit = True
        thread.join()
        assistant.close()
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def measured(url: str, assistant: Assistant) -> dict[str, float]:
    """All the figures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(reduced_motion="reduce")
        page.goto(url)
        page.wait_for_load_state("networkidle")
        sizes = page.evaluate(_WEIGHT)
        page.evaluate(_WATCH)
        over, alone = [], []
        for question in QUESTIONS * (REPEATS + 1):
            began = time.perf_counter()
            assistant.ask(question)
            alone.append((time.perf_counter() - began) * 1000)
            over.append(painted(page, question) - alone[-1])
        browser.close()
    over, alone = over[len(QUESTIONS) :], alone[len(QUESTIONS) :]  # the first round warms up
    return {
        "bytes": sum(sizes),
        "requests": len(sizes),
        "ask_ms": round(statistics.median(alone), 1),
        "over_ms": round(statistics.median(over), 1),
        "slowest_over_ms": round(max(over), 1),
    }


def painted(page: Page, question: str) -> float:
    """Milliseconds from Enter until the answer is painted."""
    page.fill("#question", question)
    page.evaluate("window.took = null")
    page.press("#question", "Enter")
    took: float = page.evaluate(_TOOK)
    return took


def show(figures: dict[str, float]) -> None:
    """The figures beside what is wanted."""
    table = Table("", "measured", "at most")
    table.add_row("first page, bytes over the wire", f"{figures['bytes']:,.0f}", f"{WEIGHT:,}")
    table.add_row("first page, requests", f"{figures['requests']:.0f}", str(REQUESTS))
    table.add_row(
        "Enter to painted, over Assistant.ask, median",
        f"{figures['over_ms']} ms",
        f"{OVER_MS:g} ms",
    )
    table.add_row("the slowest of them", f"{figures['slowest_over_ms']} ms", "")
    table.add_row("Assistant.ask, median", f"{figures['ask_ms']} ms", "")
    Console().print(table)


if __name__ == "__main__":
    main()

"""``askscwru mcp``: the MCP server on standard input and output.

Nothing else may be written to standard output: the SDK points it at standard error for as long as
it speaks, and the log goes there too.
"""

from __future__ import annotations

import anyio
from anyio.to_thread import run_sync

from askscwru.api import logs
from askscwru.api.config import Serving
from askscwru.api.live import Live
from askscwru.api.mcp_server import mcp_server
from askscwru.api.service import Service
from askscwru.assistant import Assistant
from askscwru.conversation.opening import open_store
from askscwru.settings import Settings

_PATIENCE = 5.0
"""Seconds that a client waits at most for the index before it may connect; a build takes longer."""


def speak(settings: Settings) -> None:
    """Serves until standard input ends; the models are loaded meanwhile."""
    logs.set_up()
    anyio.run(_speak, settings, Serving())


async def _speak(settings: Settings, serving: Serving) -> None:
    store = open_store(settings)
    live = Live(lambda: Assistant.load(settings, store=store), settings, interval=serving.watch)
    service = Service(live, store, settings, serving, patient=True)
    live.start()
    # A client is told once, when it connects, what there is to ask about.
    await run_sync(live.wait, _PATIENCE)
    try:
        await mcp_server(service).run_stdio_async()
    finally:
        await service.desk.close()
        await run_sync(live.stop)

"""Runs the Milvus server of the wheel ``milvus`` where only one door leads to it.

The server listens on every address of its machine. So it is started in a network of its own
(``unshare --net``), in which there is nothing but the loopback, and what speaks to it goes through
a socket in a folder::

    python milvus_relay.py lead PORT DOOR      outside: from 127.0.0.1:PORT to the door
    python milvus_relay.py serve FOLDER DOOR   inside: the server, and from the door to it
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_GET, _SET, _UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    writer.close()


def _relay(there: Callable[[], Awaitable[Ends]]) -> Callable[..., Awaitable[None]]:
    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await there()
        except OSError:
            writer.close()
            return
        await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))

    return met


async def _lead(port: int, door: str) -> None:
    relay = _relay(lambda: asyncio.open_unix_connection(door))
    server = await asyncio.start_server(relay, "127.0.0.1", port)
    await server.serve_forever()


async def _open_door(door: str, port: int) -> None:
    Path(door).unlink(missing_ok=True)
    relay = _relay(lambda: asyncio.open_connection("127.0.0.1", port))
    server = await asyncio.start_unix_server(relay, door)
    await server.serve_forever()


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = struct.pack("16sh", b"lo", 0)
        (flags,) = struct.unpack("16xh", fcntl.ioctl(control, _GET, name)[:18])
        fcntl.ioctl(control, _SET, struct.pack("16sh", b"lo", flags | _UP))


def main(mode: str, where: str, door: str) -> None:
    if mode == "lead":
        asyncio.run(_lead(int(where), door))
        return
    from milvus import MilvusServer

    _raise_loopback()
    server = MilvusServer(wait_for_started=False)
    server.set_base_dir(where)
    server.start()
    asyncio.run(_open_door(door, server.listen_port))


if __name__ == "__main__":
    main(*sys.argv[1:])

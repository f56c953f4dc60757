"""A server in a process of its own, and a client that costs it as little as can be."""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import psutil

from bench.measure import AT_ONCE

PATIENCE: Final = 120.0
"""Seconds that a server may take to start."""
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class CannotMeasure(Exception):
    """The server did not start, or did not answer as it should."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens, and connections to it that are kept open."""

    process: psutil.Process
    idle: asyncio.Queue[Stream]

    def cpu(self) -> float:
        """Return the processor time that the server has used, in seconds."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    async def ask(self, request: bytes) -> bytes:
        """Send a request as it goes over the wire; return the body of a 200."""
        reader, writer = stream = await self.idle.get()
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r")[0])
            body = await reader.readexactly(length)
        finally:
            self.idle.put_nowait(stream)
        if not head.startswith(b"HTTP/1.1 200 "):
            raise CannotMeasure(f"{request[:60]!r} gave {head[:60]!r} {body[:200]!r}")
        return body


@asynccontextmanager
async def serving(*command: str) -> AsyncIterator[Server]:
    """Run `python -m command --port …` on this machine until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command, "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        streams = [await _connected(process, port) for _ in range(AT_ONCE)]
        idle: asyncio.Queue[Stream] = asyncio.Queue()
        for stream in streams:
            idle.put_nowait(stream)
        yield Server(psutil.Process(process.pid), idle)
        for _, writer in streams:
            writer.close()
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _connected(process: asyncio.subprocess.Process, port: int) -> Stream:
    ends = time.monotonic() + PATIENCE
    while process.returncode is None and time.monotonic() < ends:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
    raise CannotMeasure("The server did not start.")


def request(
    target: str,
    *,
    method: str = "GET",
    headers: Sequence[tuple[str, str]] = (),
    body: str = "",
) -> bytes:
    """Write a request of HTTP/1.1."""
    lines = [
        f"{method} {target} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "", body]).encode()

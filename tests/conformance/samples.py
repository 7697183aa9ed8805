"""The smallest contents of each kind."""

from __future__ import annotations

import base64
import struct
import zlib

from mcp_types import (
    AudioContent,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)


def png() -> bytes:
    """One red dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def wav() -> bytes:
    """Eight samples of silence."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    data = struct.pack("<4sI", b"data", 8) + b"\x80" * 8
    body = b"WAVE" + form + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def said(text: str) -> TextContent:
    return TextContent(type="text", text=text)


def image() -> ImageContent:
    data = base64.b64encode(png()).decode()
    return ImageContent(type="image", data=data, mime_type="image/png")


def sound() -> AudioContent:
    data = base64.b64encode(wav()).decode()
    return AudioContent(type="audio", data=data, mime_type="audio/wav")


def embedded(uri: str, text: str, mime_type: str = "text/plain") -> EmbeddedResource:
    contents = TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    return EmbeddedResource(type="resource", resource=contents)

"""Headers that every answer carries, after OWASP's REST Security Cheat Sheet and Secure Headers Project."""

import base64
import hashlib
import re

from starlette.types import Message, Scope

NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""Policy of answers for programs: a browser that shows one runs nothing, loads nothing, and frames it nowhere."""

HARDENED: dict[str, str] = {
    "Content-Security-Policy": NOTHING,
    "Cross-Origin-Resource-Policy": "cross-origin",  # every origin may read: see CORS
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_RAW = [(name.lower().encode(), value.encode()) for name, value in HARDENED.items()]
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


def harden(message: Message, scope: Scope) -> Message:
    """The start of an answer with these headers; those that the answer sets itself stay."""
    given = {name for name, _ in message["headers"]}
    headers = [*message["headers"], *(pair for pair in _RAW if pair[0] not in given)]
    if scope["scheme"] == "https":
        headers.append(_HTTPS_ONLY)
    return {**message, "headers": headers}


def page_policy(html: str) -> str:
    """The policy under which a page of the documentation works: its own files, and exactly its own inline scripts.

    Swagger UI and ReDoc write styles into the page, draw icons from `data:` and search in a worker from `blob:`.
    """
    inline = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline]
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )

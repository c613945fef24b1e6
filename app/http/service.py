"""The outermost layer, with the short way of a cached answer past all others."""

from time import perf_counter

from starlette.types import Scope

from app.http.cache import Answer, ResponseCache
from app.http.headers import CompleteHeaders, complete, wrong_host
from app.http.origins import Origins
from app.http.telemetry import Telemetry, new_id


class Service(CompleteHeaders):
    """What every request comes to first, and every answer leaves by."""

    def __init__(self, telemetry: Telemetry, origins: Origins, cache: ResponseCache | None) -> None:
        super().__init__(telemetry, origins)
        self._telemetry = telemetry
        self._cache = cache
        """None where a setting makes layers look at each request."""

    def lookup_cached(self, scope: Scope) -> tuple[int, bytes, bytes] | None:
        """Status, headers and body, ready to be written, of what the layers would answer from the cache; else None.

        The answer is the same to the byte, and recorded as it would be; it is only not passed through each layer.
        """
        began = perf_counter()
        headers = dict(scope["headers"])
        repeated = len(headers) < len(scope["headers"])
        has_body = b"content-length" in headers or b"transfer-encoding" in headers
        if self._cache is None or repeated or has_body or wrong_host(scope, headers):
            return None
        answer = self._cache.lookup(scope, headers)
        if answer is None:
            return None
        status = answer.status(headers.get(b"if-none-match"))
        request_id = new_id(headers.get(b"x-request-id"))
        head = b"%sx-request-id: %s\r\n" % (
            answer.serialized.get(status) or self._serialize(answer, status, scope),
            request_id,
        )
        body = answer.body if status == 200 and scope["method"] == "GET" else b""
        self._telemetry.record(scope, request_id, status, perf_counter() - began)
        return status, head, body

    def _serialize(self, answer: Answer, status: int, scope: Scope) -> bytes:
        """The headers of an answer as the layers complete them, but for the id of the request."""
        headers = answer.headers if status == 200 else answer.not_modified
        head = b"".join(b"%s: %s\r\n" % pair for pair in complete(headers, scope, self._origins))
        answer.serialized[status] = head
        return head

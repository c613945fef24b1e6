"""What the service refuses, as an exception."""

from __future__ import annotations

import httpx

from .generated.models import ProblemDocument


class ApiError(Exception):
    """An answer that is an error, with the problem document (RFC 9457) that says what is wrong.

    Attributes:
        status: HTTP status.
        problem: The problem document; None where something on the way answered, such as a proxy.
        retry_after: Seconds after which to ask again, where the answer says so.
        request_id: By which the operator of the service finds the request in the log.

    """

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.problem = _problem(response)
        seconds = response.headers.get("Retry-After", "")
        self.retry_after = float(seconds) if seconds.isdecimal() else None
        self.request_id = response.headers.get("X-Request-ID")
        super().__init__(self._text(response.url))

    def _text(self, url: httpx.URL) -> str:
        if self.problem is None:
            return f"{self.status} from {url}"
        lines = [f"{self.status} {self.problem.title}: {self.problem.detail}"]
        for error in self.problem.errors or []:
            nearest = f" Nearest: {', '.join(error.suggestions)}." if error.suggestions else ""
            lines.append(f"{error.parameter}: {error.detail}{nearest}")
        return "\n".join(lines)


def _problem(response: httpx.Response) -> ProblemDocument | None:
    if response.headers.get("Content-Type", "").split(";")[0] != "application/problem+json":
        return None
    return ProblemDocument.from_dict(response.json())

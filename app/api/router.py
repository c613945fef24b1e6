"""The router: the first route that matches answers, as in Starlette, but of those alone that begin as the path does."""

from collections.abc import Sequence
from functools import cached_property

from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import Receive, Scope, Send


class RouterByBeginning(Router):
    """Starlette's router, which would try a hundred patterns before that of the last path."""

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request over to its route; whatever no route takes fully is left to Starlette."""
        if scope["type"] == "http":
            prefix, path = scope.get("root_path", ""), scope["path"]
            path = path.removeprefix(prefix) if path.startswith(f"{prefix}/") else path
            for route in self.beginning(path):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope["router"], scope["route"] = self, route
                    scope.update(found)
                    await route.handle(scope, receive, send)
                    return
        await super().app(scope, receive, send)

    def beginning(self, path: str) -> Sequence[BaseRoute]:
        """The routes whose first part may be that of a path, in their order."""
        part = _first_part(path)
        return self._by_part.get(part, self._of_any)

    @cached_property
    def _of_any(self) -> list[BaseRoute]:
        """Those whose first part is a parameter, or that say nothing of it."""
        return [route for route in self.routes if "{" in _own_part(route)]

    @cached_property
    def _by_part(self) -> dict[str, list[BaseRoute]]:
        parts = {_own_part(route) for route in self.routes}
        return {
            part: [route for route in self.routes if _own_part(route) == part or "{" in _own_part(route)]
            for part in parts
        }


def _first_part(path: str) -> str:
    return path.split("/", 2)[1] if path.startswith("/") else path


def _own_part(route: BaseRoute) -> str:
    path = route.path if isinstance(route, Route | Mount) else "/{any}"
    return _first_part(path or "/{any}")

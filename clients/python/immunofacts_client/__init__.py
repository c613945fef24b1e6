"""A client of ImmunoFacts: facts on therapies that work through the immune system, each with its source.

ImmunoFacts is a reference for research and development. It is not medical advice.
"""

from .client import Answer, AsyncClient, Client
from .errors import ApiError
from .generated import models

__all__ = ["Answer", "ApiError", "AsyncClient", "Client", "models"]

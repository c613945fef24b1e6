"""A client of ImmunoFacts: facts on therapies that work through the immune system, each with its source.

ImmunoFacts is a reference for research and development. It is not medical advice.
"""

from .client import Answer, AsyncClient, Client
from .errors import ApiError
from .generated import models
from .generated.types import UNSET

__all__ = ["UNSET", "Answer", "ApiError", "AsyncClient", "Client", "models"]

"""What a closed vocabulary is."""

from enum import StrEnum
from typing import Self


class Vocabulary(StrEnum):
    """A closed list of values; each member carries the sentence shown in the API documentation."""

    description: str

    def __new__(cls, value: str, description: str) -> Self:
        """Make a member of its value and its sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member

    @classmethod
    def documentation(cls) -> str:
        """All values with their sentences, as a Markdown list."""
        return "\n".join(f"- `{member.value}`: {member.description}" for member in cls)

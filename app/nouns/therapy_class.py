"""Classes of therapies, in a tree."""

from sqlmodel import Field

from app.nouns.base import Record, RecordTable, Slug, Text, unique_position
from app.nouns.declaration import Noun, Reference, Sublist
from app.nouns.term import Term, TermBase, below, by_name, link_and_count, term_names, term_text


class ClassBase(TermBase):
    """A node of the class tree."""

    definition: Text = Field(description="What belongs to the class, in our own words.")


class ClassRecord(ClassBase, Record):
    """A class in the fact files."""

    id: Slug
    parents: list[Slug] = Field(default=[])


class ClassTable(ClassBase, RecordTable, table=True):
    """The table of classes."""

    __tablename__ = "class"
    __table_args__ = (unique_position(),)


class TherapyClass(ClassBase, Term):
    """A class, as the API answers it."""

    therapies: int = Field(description="Therapies of this class and of the classes below it.")


NOUN = Noun(
    name="classes",
    singular="class",
    order=110,
    record=ClassRecord,
    table=ClassTable,
    public=TherapyClass,
    references=(Reference("parents", "classes"),),
    compute=lambda *_: {"therapies": 0},
    finish=link_and_count(
        "classes", "therapies", lambda forms: ([item.id for item in form.classes] for form in forms["therapies"])
    ),
    sort_key=by_name,
    standards=("jsonld",),
    list_summary="Find classes",
    list_description="The class tree of therapies.",
    record_summary="Get one class",
    record_description="One class with its parents and children.",
    sublists=(Sublist("therapies", "class", ("target", "condition", "agency", "status")),),
    filters=(below("classes", "immunosuppressive-biologic"),),
    sorts={"name": None},
    text=term_text("definition"),
    names=term_names,
    resolved_order=4,
)

"""The list of sources."""

import datetime as dt

from app.models.source import Source, SourceForm
from app.queries.filters import Bound, List, Tagged
from app.vocabulary import Level, SourceKind, Standing

SOURCES = List(
    name="sources",
    noun="source",
    table=Source,
    form=SourceForm,
    filters=(
        Tagged("kind", "Kind of source.", lambda source: [source.kind], example="label", vocabulary=SourceKind),
        Tagged(
            "standing", "Standing of the revision.", lambda source: [source.standing], "current", vocabulary=Standing
        ),
        Tagged("level", "Level of evidence.", lambda source: [source.level], "regulatory_label", vocabulary=Level),
        Tagged("pmid", "PubMed id.", lambda source: [source.pmid], example="37459141"),
        Tagged(
            "doi", "Digital object identifier.", lambda source: [source.doi], example="10.35248/1745-7580.25.21.293"
        ),
        Tagged(
            "set_id", "Set id of the label.", lambda source: [source.set_id], "9333c79b-d487-4538-a9f0-71b91a02b287"
        ),
        Bound("date_from", "Dated this day or later.", Source.date, dt.date, "2023-01-01"),
        Bound("date_to", "Dated this day or earlier.", Source.date, dt.date, "2024-12-31", lower=False),
    ),
    sorts={"date": Source.date, "title": Source.position},
    text=lambda source: (source.title, *source.authors, source.container),
)

"""The closed vocabularies of the fact base: every value with the sentence that documents it."""

from app.vocabulary.base import Vocabulary
from app.vocabulary.clinical import (
    Action,
    AgeGroup,
    Area,
    BiomarkerState,
    Effect,
    Intent,
    Line,
    Setting,
    TargetKind,
)
from app.vocabulary.efficacy import (
    Analysed,
    Analysis,
    Assessor,
    Better,
    Blinding,
    EndpointKind,
    EndpointRole,
    Measure,
    Phase,
    TimeUnit,
    ValueStatus,
)
from app.vocabulary.evidence import (
    AuthorKind,
    Coverage,
    CurieMatch,
    Level,
    MappingJustification,
    MappingPredicate,
    SourceKind,
    Standing,
    StatementTopic,
)
from app.vocabulary.regulatory import (
    Agency,
    ApprovalAction,
    ApprovalType,
    IndicationStatus,
    ProductStatus,
    TherapyStatus,
)
from app.vocabulary.safety import (
    Causality,
    EventKind,
    FrequencyBand,
    Grades,
    OrganSystem,
    Part,
    WarningLevel,
)

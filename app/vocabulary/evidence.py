"""Vocabularies of evidence: sources, statements, mappings and what is curated."""

from app.vocabulary.base import Vocabulary


class SourceKind(Vocabulary):
    """Kind of source."""

    LABEL = "label", "Prescribing information at one revision."
    LABEL_COPY = "label_copy", "Copy of prescribing information that neither a regulator nor the holder publishes."
    ASSESSMENT_REPORT = "assessment_report", "European public assessment report (EPAR) and its medicine record."
    TRIAL_PUBLICATION = "trial_publication", "Publication of a trial."
    REGISTRY = "registry", "Trial registry record."
    REVIEW = "review", "Review article or evidence summary."
    WEB_PAGE = "web_page", "Public web page."
    DATABASE = "database", "Reference database or register at one release."


class Standing(Vocabulary):
    """Standing of a source."""

    CURRENT = "current", "The newest revision known to the fact base."
    SUPERSEDED = "superseded", "A newer revision is known."
    RETRACTED = "retracted", "Retracted."


class AuthorKind(Vocabulary):
    """Who the authors of a source are."""

    PEOPLE = "people", "People."
    ORGANISATIONS = "organisations", "Organisations, such as a company, an agency or a study group."


class Level(Vocabulary):
    """Level of evidence of a source."""

    REGULATORY_LABEL = "regulatory_label", "Text or record approved or published by a regulator."
    LABEL_COPY = "label_copy", "Text of a label as a third party copied it."
    RANDOMISED_TRIAL = "randomised_trial", "Randomised trial."
    SINGLE_ARM_TRIAL = "single_arm_trial", "Trial without a randomised comparison."
    OBSERVATIONAL = "observational", "Observational study or case series."
    REVIEW = "review", "Review, evidence summary or secondary page."
    REFERENCE = "reference", "Reference database."


class StatementTopic(Vocabulary):
    """What a statement is about."""

    MECHANISM = "mechanism", "How it works."
    APPLICATION = "application", "Where it is used."
    BENEFIT = "benefit", "What it achieves."
    LIMITATION = "limitation", "What limits it."
    OUTLOOK = "outlook", "What is expected or explored."


class MappingPredicate(Vocabulary):
    """What a term of another vocabulary is to ours."""

    EXACT = "skos:exactMatch", "It means the same."
    CLOSE = "skos:closeMatch", "It means nearly the same."
    BROAD = "skos:broadMatch", "It is broader than ours."
    NARROW = "skos:narrowMatch", "It is narrower than ours."


class MappingJustification(Vocabulary):
    """How a mapping was found."""

    LEXICAL = "semapv:LexicalMatching", "A name of ours is its label, or one of its exact synonyms."
    MANUAL = "semapv:ManualMappingCuration", "A curator compared both."
    CHAINED = "semapv:MappingChaining", "It means the same as a term above, or below, ours in our tree."


class CurieMatch(Vocabulary):
    """What a CURIE is to the event that it is given for."""

    EXACT = "exact", "It means the same."
    BROADER = "broader", "No vocabulary that was read has the event: the CURIE is of a broader term."


class Coverage(Vocabulary):
    """What the fact base knows about one kind of fact of a therapy."""

    CURATED = "curated", "Facts of this kind are in the fact base."
    NONE_REPORTED = "curated, none reported", "A source was read for it and reports none."
    NOT_CURATED = "not curated", "No source was read for it; nothing can be concluded."

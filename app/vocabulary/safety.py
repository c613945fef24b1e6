"""Vocabularies of safety: warnings, and adverse events as sources count them."""

from app.vocabulary.base import Vocabulary


class WarningLevel(Vocabulary):
    """Level at which a label warns."""

    BOXED = "boxed", "Boxed warning."
    WARNING = "warning", "Warnings and precautions."
    CONTRAINDICATION = "contraindication", "Contraindication."


class Grades(Vocabulary):
    """Group of CTCAE grades that a rate counts."""

    ANY = "any", "All grades."
    G1 = "1", "Grade 1."
    G2 = "2", "Grade 2."
    G3 = "3", "Grade 3."
    G4 = "4", "Grade 4."
    G5 = "5", "Grade 5 (death)."
    G1_2 = "1-2", "Grades 1 and 2."
    G1_4 = "1-4", "Grades 1 to 4: without deaths."
    G2_UP = ">=2", "Grade 2 or higher."
    G3_4 = "3-4", "Grades 3 and 4."
    G3_UP = ">=3", "Grade 3 or higher."
    G3_5 = "3-5", "Grades 3 to 5."
    G4_5 = "4-5", "Grades 4 and 5."


class EventKind(Vocabulary):
    """How an adverse event was found."""

    CLINICAL = "clinical", "Reported as an adverse event or reaction."
    LABORATORY = "laboratory", "From laboratory values, with the denominator of those tested."


class Causality(Vocabulary):
    """Causality that the source states for a rate."""

    ALL_CAUSE = "all_cause", "Regardless of cause, or the source makes no restriction."
    TREATMENT_RELATED = "treatment_related", "Judged related to treatment."
    IMMUNE_MEDIATED = "immune_mediated", "Counted by the source as immune-mediated."


class Part(Vocabulary):
    """What sets a part of an event apart from the whole."""

    WHOLE = "whole", "The whole event: nothing does."
    SEVERITY = "severity", "A class of severity in words: mild, moderate, severe, not serious."
    THRESHOLD = "threshold", "A laboratory value, temperature or size beyond a limit that is not the event's own."
    MRI_GRADE = "mri_grade", "Radiographic severity."
    SYMPTOMS = "symptoms", "With symptoms, or without."
    TIME = "time", "A window of time, such as the day of the infusion."
    SUBGROUP = "subgroup", "Some of the patients, such as carriers of a gene."
    COLLECTION = "collection", "One way of collecting events, such as unsolicited reports."
    OUTCOME = "outcome", "An outcome: fatal, nonfatal, leading to hospital or to the end of treatment."
    TYPE = "type", "A narrower type of the event, or the event without some of its types."


class FrequencyBand(Vocabulary):
    """Frequency band where the source publishes no figure (CIOMS bands)."""

    VERY_COMMON = "very_common", "At least 1 in 10."
    COMMON = "common", "At least 1 in 100, under 1 in 10."
    UNCOMMON = "uncommon", "At least 1 in 1,000, under 1 in 100."
    RARE = "rare", "At least 1 in 10,000, under 1 in 1,000."
    VERY_RARE = "very_rare", "Under 1 in 10,000."
    UNKNOWN = "unknown", "Cannot be estimated from the available data."


class OrganSystem(Vocabulary):
    """System organ class, named as in CTCAE."""

    BLOOD = "blood-and-lymphatic-system", "Blood and lymphatic system disorders."
    CARDIAC = "cardiac", "Cardiac disorders."
    CONGENITAL = "congenital-familial-and-genetic", "Congenital, familial and genetic disorders."
    EAR = "ear-and-labyrinth", "Ear and labyrinth disorders."
    ENDOCRINE = "endocrine", "Endocrine disorders."
    EYE = "eye", "Eye disorders."
    GASTROINTESTINAL = "gastrointestinal", "Gastrointestinal disorders."
    GENERAL = "general-and-administration-site", "General disorders and administration site conditions."
    HEPATOBILIARY = "hepatobiliary", "Hepatobiliary disorders."
    IMMUNE = "immune-system", "Immune system disorders."
    INFECTIONS = "infections-and-infestations", "Infections and infestations."
    INJURY = "injury-and-procedural-complications", "Injury, poisoning and procedural complications."
    INVESTIGATIONS = "investigations", "Investigations."
    METABOLISM = "metabolism-and-nutrition", "Metabolism and nutrition disorders."
    MUSCULOSKELETAL = "musculoskeletal-and-connective-tissue", "Musculoskeletal and connective tissue disorders."
    NEOPLASMS = "neoplasms", "Neoplasms benign, malignant and unspecified (incl cysts and polyps)."
    NERVOUS = "nervous-system", "Nervous system disorders."
    PREGNANCY = "pregnancy-puerperium-and-perinatal", "Pregnancy, puerperium and perinatal conditions."
    PSYCHIATRIC = "psychiatric", "Psychiatric disorders."
    RENAL = "renal-and-urinary", "Renal and urinary disorders."
    REPRODUCTIVE = "reproductive-system-and-breast", "Reproductive system and breast disorders."
    RESPIRATORY = "respiratory-thoracic-and-mediastinal", "Respiratory, thoracic and mediastinal disorders."
    SKIN = "skin-and-subcutaneous-tissue", "Skin and subcutaneous tissue disorders."
    SOCIAL = "social-circumstances", "Social circumstances."
    SURGICAL = "surgical-and-medical-procedures", "Surgical and medical procedures."
    VASCULAR = "vascular", "Vascular disorders."

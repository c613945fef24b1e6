"""The closed vocabularies of the fact base: every value with the sentence that documents it."""

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


class Area(Vocabulary):
    """Area of medicine that a condition belongs to."""

    ONCOLOGY = "oncology", "Solid and haematological cancers."
    AUTOIMMUNE = "autoimmune", "Autoimmune and immune-mediated inflammatory diseases."
    INFECTIOUS = "infectious", "Infections and their prevention."
    NEURODEGENERATIVE = "neurodegenerative", "Neurodegenerative diseases."
    ALLERGIC = "allergic", "Allergic diseases and asthma."
    TRANSPLANT = "transplant", "Rejection, graft-versus-host disease and other conditions of transplantation."
    HAEMATOLOGICAL = "haematological", "Non-malignant diseases of blood and haematopoiesis."
    METABOLIC = "metabolic", "Metabolic and endocrine diseases."
    CARDIOVASCULAR = "cardiovascular", "Diseases of heart and vessels."
    OPHTHALMIC = "ophthalmic", "Diseases of the eye."
    RENAL = "renal", "Diseases of the kidney."
    RESPIRATORY = "respiratory", "Non-allergic diseases of the airways and lungs."
    MUSCULOSKELETAL = "musculoskeletal", "Non-autoimmune diseases of bone, joint and muscle."
    IMMUNODEFICIENCY = "immunodeficiency", "Inborn and acquired immune deficiencies."
    TOXICITY = "toxicity", "Poisoning, envenomation, overdose and treatment-related toxicity."
    OTHER = "other", "Conditions outside the other areas."


class Agency(Vocabulary):
    """Authority that decided on a product or an indication."""

    FDA = "FDA", "United States Food and Drug Administration."
    EMA = "EMA", "European Medicines Agency (decision of the European Commission)."
    MHRA = "MHRA", "Medicines and Healthcare products Regulatory Agency, United Kingdom."
    PMDA = "PMDA", "Pharmaceuticals and Medical Devices Agency, Japan."
    NMPA = "NMPA", "National Medical Products Administration, China."
    HEALTH_CANADA = "HC", "Health Canada."
    TGA = "TGA", "Therapeutic Goods Administration, Australia."
    CDSCO = "CDSCO", "Central Drugs Standard Control Organisation, India."


class ProductStatus(Vocabulary):
    """Standing of a product's licence with its agency, as the register states it."""

    AUTHORISED = "authorised", "Licensed and not marked as discontinued."
    DISCONTINUED = "discontinued", "Licensed, but marked as discontinued from marketing."
    WITHDRAWN = "withdrawn", "Licence given up by its holder (withdrawn, voluntarily revoked, expired or lapsed)."
    REVOKED = "revoked", "Licence revoked by the authority."
    SUSPENDED = "suspended", "Licence suspended."
    REFUSED = "refused", "Application refused."
    EMERGENCY_USE = "emergency_use", "Emergency use authorised, without a licence."
    EMERGENCY_USE_ENDED = "emergency_use_ended", "Emergency use authorisation revoked or paused."


class TherapyStatus(Vocabulary):
    """Standing of a therapy over all its products (computed), or as stated where it has none."""

    APPROVED = "approved", "At least one product is licensed and on the market."
    EMERGENCY_USE = "emergency_use", "No such product, but at least one emergency use authorisation in force."
    DISCONTINUED = "discontinued", "No product is on the market any more, but at least one licence stands."
    WITHDRAWN = "withdrawn", "Every licence or authorisation was withdrawn, revoked, suspended or ended."
    REFUSED = "refused", "Only refused applications."
    INVESTIGATIONAL = "investigational", "In clinical development, without a licence known to the fact base."


class ApprovalType(Vocabulary):
    """Kind of approval an indication has or had."""

    REGULAR = "regular", "Regular (full, standard) approval."
    ACCELERATED = "accelerated", "FDA accelerated approval; continued approval may depend on confirmatory trials."
    CONDITIONAL = "conditional", "Conditional marketing authorisation (EMA) or conditional approval (NMPA)."
    EXCEPTIONAL = "exceptional", "EMA authorisation under exceptional circumstances."
    EMERGENCY = "emergency", "Emergency use authorisation."


class ApprovalAction(Vocabulary):
    """What an agency, or the holder of a licence, did about an indication."""

    APPROVED = "approved", "Approved for this use."
    CONVERTED = "converted", "Accelerated or conditional approval made regular."
    EXPANDED = "expanded", "Widened to further patients, without a new indication."
    NARROWED = "narrowed", "Restricted to fewer patients."
    WITHDRAWN = "withdrawn", "Use, licence or authorisation withdrawn or revoked; a note where only that was announced."
    DISCONTINUED = "discontinued", "Taken off the market; the licence may stand."
    REFUSED = "refused", "Application refused."


class IndicationStatus(Vocabulary):
    """Standing of an indication, as it follows from its history."""

    ACTIVE = "active", "Approved, and not ended since."
    WITHDRAWN = "withdrawn", "Withdrawn, removed from the label, or of a product whose licence has ended."
    DISCONTINUED = "discontinued", "The product was taken off the market; its licence may stand."
    REFUSED = "refused", "Application refused."


class Setting(Vocabulary):
    """Place of a treatment in the course of the disease."""

    ADVANCED = "advanced", "Advanced disease, not further divided by the source."
    METASTATIC = "metastatic", "Metastatic disease."
    UNRESECTABLE = "unresectable", "Disease that cannot be removed by surgery."
    LOCALLY_ADVANCED = "locally_advanced", "Locally advanced disease."
    RECURRENT = "recurrent", "Recurrent disease."
    EARLY = "early", "Early or localised disease."
    NEOADJUVANT = "neoadjuvant", "Before surgery."
    ADJUVANT = "adjuvant", "After surgery or other definitive treatment."
    PERIOPERATIVE = "perioperative", "Before and after surgery as one treatment."
    CONSOLIDATION = "consolidation", "After response or without progression after initial treatment."
    MAINTENANCE = "maintenance", "To keep a response or remission."
    NEWLY_DIAGNOSED = "newly_diagnosed", "Newly diagnosed or previously untreated disease."
    RELAPSED = "relapsed", "Disease that came back after a response."
    REFRACTORY = "refractory", "Disease that did not respond, or no longer responds."
    MINIMAL_RESIDUAL_DISEASE = "minimal_residual_disease", "Remission with minimal (measurable) residual disease."
    ACTIVE_DISEASE = "active_disease", "Active disease, in diseases with activity and remission."
    MODERATE_TO_SEVERE = "moderate_to_severe", "Moderate to severe disease."
    SEVERE = "severe", "Severe disease."
    MILD_TO_MODERATE = "mild_to_moderate", "Mild to moderate disease."
    INADEQUATE_RESPONSE = "inadequate_response", "After inadequate response or intolerance to other treatment."
    PRE_EXPOSURE = "pre_exposure", "Before exposure to a pathogen or toxin."
    POST_EXPOSURE = "post_exposure", "After exposure to a pathogen or toxin."
    CHRONIC = "chronic", "Chronic disease or infection."
    ADD_ON = "add_on", "Added to continued standard treatment."


class Line(Vocabulary):
    """Line of therapy an indication is limited to."""

    FIRST = "first", "First line."
    SECOND = "second", "Second line."
    SECOND_OR_LATER = "second_or_later", "After at least one earlier line."
    THIRD_OR_LATER = "third_or_later", "After at least two earlier lines."
    FOURTH_OR_LATER = "fourth_or_later", "After at least three earlier lines."
    FIFTH_OR_LATER = "fifth_or_later", "After at least four earlier lines."


class Intent(Vocabulary):
    """What the treatment is meant to do."""

    TREATMENT = "treatment", "Treats an existing disease."
    PREVENTION = "prevention", "Prevents a disease."
    POST_EXPOSURE_PROPHYLAXIS = "post_exposure_prophylaxis", "Prevents disease after exposure."
    DIAGNOSIS = "diagnosis", "Serves diagnosis."


class BiomarkerState(Vocabulary):
    """What an indication asks a biomarker to be."""

    POSITIVE = "positive", "Found: expressed or overexpressed, or in serology."
    NEGATIVE = "negative", "Not found, or below the cut-off for positive."
    HIGH = "high", "At a level that the source calls high, raised or elevated."
    LOW = "low", "At a level that the source calls low."
    ULTRALOW = "ultralow", "At a level that the source calls ultralow."
    MUTATED = "mutated", "The gene has a mutation, of the kind that `alteration` names where the source does."
    WILD_TYPE = "wild-type", "The gene has no mutation."
    FUSION = "fusion", "The gene is fused to another."
    HETEROZYGOUS = "heterozygous", "One copy of the variant."
    PRESENT = "present", "There: a state, a genotype or a pathology."
    ABSENT = "absent", "Not there: no aberration of the gene, no copy of the variant, not the state."


class AgeGroup(Vocabulary):
    """Age groups named by an indication."""

    ADULT = "adult", "Adults."
    ADOLESCENT = "adolescent", "Adolescents (from about 12 to under 18 years)."
    CHILD = "child", "Children (from about 2 to under 12 years)."
    INFANT = "infant", "Infants and toddlers (under 2 years)."


class Action(Vocabulary):
    """What a therapy does at its target."""

    INHIBITOR = "inhibitor", "Blocks a receptor, its ligand's binding or its signal."
    NEUTRALISER = "neutraliser", "Binds and neutralises a soluble mediator, toxin or pathogen."
    TRAP = "trap", "Decoy receptor that captures a soluble ligand."
    AGONIST = "agonist", "Activates a receptor."
    DEPLETER = "depleter", "Marks cells that carry the target for destruction."
    ENGAGER = "engager", "Binds the target and an effector cell, and brings them together."
    CAR_ANTIGEN = "car_antigen", "Antigen that a chimeric antigen receptor recognises."
    TCR_ANTIGEN = "tcr_antigen", "Antigen that a transferred T-cell receptor or T-cell line recognises."
    IMMUNOGEN = "immunogen", "Antigen against which an immune response is raised."
    TOLEROGEN = "tolerogen", "Allergen or antigen to which tolerance is built."
    PAYLOAD_DELIVERY = "payload_delivery", "Target that carries a drug, toxin or radionuclide to the cell."
    CLEARANCE = "clearance", "Binds deposits or aggregates and promotes their removal."
    ONCOLYSIS = "oncolysis", "Virus that replicates in and lyses tumour cells."
    GENE_DELIVERY = "gene_delivery", "Vector that delivers a gene for an immune mediator."
    REPLACEMENT = "replacement", "Replaces or supplements immune cells or an immune mediator."
    MODULATOR = "modulator", "Changes the target's activity in another way, given in the description."
    BINDER = "binder", "Binds the target; the source read does not say more."


class Effect(Vocabulary):
    """Effect on immunity."""

    STIMULATES = "stimulates", "Strengthens an immune response."
    REDIRECTS = "redirects", "Directs immune cells or antibodies to a target."
    REPLACES = "replaces", "Replaces or supplements immune cells, antibodies or mediators."
    SUPPRESSES = "suppresses", "Weakens an immune response."
    NEUTRALISES = "neutralises", "Neutralises a pathogen, toxin or mediator."
    TRAINS = "trains", "Raises specific immunity or memory."
    RESTORES_TOLERANCE = "restores_tolerance", "Builds or restores tolerance."
    DELIVERS = "delivers", "Carries a payload by an antibody."
    CLEARS = "clears", "Promotes the removal of deposits."
    BLOCKS_SIGNAL = "blocks_signal", "Blocks a growth or vascular signal by an antibody."
    NOT_STATED = "not_stated", "The source read does not say."


class TargetKind(Vocabulary):
    """Kind of target."""

    PROTEIN = "protein", "Human protein, under its HGNC symbol."
    PROTEIN_COMPLEX = "protein_complex", "Complex of human proteins."
    CARBOHYDRATE = "carbohydrate", "Ganglioside or other carbohydrate antigen."
    VIRAL_PROTEIN = "viral_protein", "Protein of a virus."
    BACTERIAL = "bacterial", "Toxin or antigen of a bacterium."
    PATHOGEN = "pathogen", "Whole pathogen or several of its antigens."
    ALLERGEN = "allergen", "Allergen."
    AGGREGATE = "aggregate", "Deposit or aggregate of a protein."
    TUMOUR_ANTIGENS = "tumour_antigens", "Tumour antigens that are not singled out."
    OTHER = "other", "Other antigen (lipid, venom, drug)."


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


class EndpointKind(Vocabulary):
    """What kind of thing an endpoint measures."""

    TIME_TO_EVENT = "time_to_event", "Time to an event, such as death or progression."
    RESPONSE = "response", "Whether a patient meets criteria, such as a response or a remission."
    SCORE = "score", "A score or a measurement, and its change."
    EVENT_RATE = "event_rate", "Events in a time, such as relapses or exacerbations a year."
    DISEASE_CASES = "disease_cases", "Cases of a disease that is to be prevented."
    IMMUNOGENICITY = "immunogenicity", "Antibodies or other immune responses to a vaccine or a treatment."


class Better(Vocabulary):
    """Which way an endpoint is better for patients."""

    HIGHER = "higher", "More, or longer, is better."
    LOWER = "lower", "Less is better."


class Measure(Vocabulary):
    """What a figure of an outcome is."""

    PROPORTION = "proportion", "Share of patients who met the endpoint."
    WITH_EVENT = "with_event", "Patients who had the event that the endpoint counts: deaths, relapses, cases."
    PROBABILITY_AT_TIME = "probability_at_time", "Estimated share of patients without the event at a time."
    MEDIAN = "median", "Median, such as a survival time."
    MEAN = "mean", "Mean."
    MEAN_CHANGE = "mean_change", "Mean change from the beginning."
    MEDIAN_CHANGE = "median_change", "Median change from the beginning."
    PERCENT_CHANGE = "percent_change", "Mean change from the beginning, in percent of it."
    EVENT_RATE = "event_rate", "Events for each patient in a time."
    COUNT = "count", "Number of events, where a patient can have several."
    GEOMETRIC_MEAN = "geometric_mean", "Geometric mean, such as of titres."
    HAZARD_RATIO = "hazard_ratio", "Hazard ratio, arm over the other."
    RELATIVE_RISK = "relative_risk", "Ratio of risks, arm over the other."
    ODDS_RATIO = "odds_ratio", "Ratio of odds, arm over the other."
    RATE_RATIO = "rate_ratio", "Ratio of rates of events, arm over the other."
    DIFFERENCE = "difference", "Arm less the other: of percents, medians or means, in the unit of these."
    RELATIVE_REDUCTION = "relative_reduction", "Reduction against the other arm, in percent."
    VACCINE_EFFICACY = "vaccine_efficacy", "Reduction of cases against the other arm, in percent."
    GEOMETRIC_MEAN_RATIO = "geometric_mean_ratio", "Ratio of geometric means, arm over the other."
    TEST = "test", "Only the result of a statistical test is printed."

    @property
    def compares(self) -> bool:
        """Whether it is between two arms."""
        return self in _BETWEEN_ARMS

    @property
    def counts_patients(self) -> bool:
        """Whether it is a share of patients: n of N."""
        return self in {Measure.PROPORTION, Measure.WITH_EVENT}


_BETWEEN_ARMS = frozenset(Measure) - frozenset(list(Measure)[: list(Measure).index(Measure.HAZARD_RATIO)])


class ValueStatus(Vocabulary):
    """Why a source prints a word instead of a figure."""

    NOT_REACHED = "not_reached", "Not reached."
    NOT_ESTIMABLE = "not_estimable", "Not estimable, or not evaluable."


class TimeUnit(Vocabulary):
    """Unit of a time."""

    HOURS = "hours", "Hours."
    DAYS = "days", "Days."
    WEEKS = "weeks", "Weeks."
    MONTHS = "months", "Months."
    YEARS = "years", "Years."


class Assessor(Vocabulary):
    """Who judged an endpoint."""

    INDEPENDENT = "independent", "Independent review, blinded or central, or a committee."
    INVESTIGATOR = "investigator", "Investigators."
    PATIENT = "patient", "Patients themselves."


class Analysed(Vocabulary):
    """Which patients an outcome is of."""

    INTENTION_TO_TREAT = "intention_to_treat", "All who were randomised or enrolled."
    MODIFIED_INTENTION_TO_TREAT = "modified_intention_to_treat", "All who were randomised, with exceptions."
    TREATED = "treated", "All who were treated."
    EVALUABLE = "evaluable", "Those in whom the endpoint could be judged."
    PER_PROTOCOL = "per_protocol", "Those who kept to the protocol."
    RESPONDERS = "responders", "Those who had responded."
    SUBGROUP = "subgroup", "A part of the patients: by biomarker, age, region or disease."


class Analysis(Vocabulary):
    """Which analysis of a trial an outcome is of."""

    INTERIM = "interim", "An interim analysis."
    PRIMARY = "primary", "The primary analysis."
    FINAL = "final", "The final analysis."
    UPDATE = "update", "A later, descriptive analysis."


class EndpointRole(Vocabulary):
    """Place of an endpoint in a trial."""

    PRIMARY = "primary", "Primary or co-primary endpoint."
    SECONDARY = "secondary", "Secondary endpoint, key or other."
    EXPLORATORY = "exploratory", "Exploratory endpoint, or analysis after the fact."


class Phase(Vocabulary):
    """Phase of a trial."""

    P1 = "1", "Phase 1."
    P1_2 = "1/2", "Phase 1/2."
    P2 = "2", "Phase 2."
    P2_3 = "2/3", "Phase 2/3."
    P3 = "3", "Phase 3."
    P4 = "4", "Phase 4."


class Blinding(Vocabulary):
    """Who does not know the treatment in a trial."""

    OPEN_LABEL = "open_label", "Everybody knows."
    SINGLE_BLIND = "single_blind", "Patients, or assessors, do not know."
    DOUBLE_BLIND = "double_blind", "Neither patients nor investigators know."


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


class Coverage(Vocabulary):
    """What the fact base knows about one kind of fact of a therapy."""

    CURATED = "curated", "Facts of this kind are in the fact base."
    NONE_REPORTED = "curated, none reported", "A source was read for it and reports none."
    NOT_CURATED = "not curated", "No source was read for it; nothing can be concluded."

"""Vocabularies of medicine: diseases, patients and what therapies do."""

from app.vocabulary.base import Vocabulary


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

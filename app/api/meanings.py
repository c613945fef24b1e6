"""Words that people use for what is called otherwise here: of parameters, of values, and in paths. Data, and lookup.

They serve suggestions and redirects only: what is answered is asked for by its own name.
"""

import re
from collections.abc import Iterable, Mapping

PARAMETERS: Mapping[str, str] = {
    "therapy": "drug drugs medicine medicines medication compound compounds molecule agent product biologic inn brand "
    "treatment treatments therapies intervention substance active_substance active_ingredient generic_name",
    "condition": "disease diseases indication indications disorder diagnosis illness conditions phenotype cancer "
    "tumour tumor cancer_type tumour_type tumor_type mondo",
    "target": "gene genes antigen antigens protein receptor ligand symbol gene_symbol hgnc targets",
    "event": "adverse_event adverse_events adverse_reaction adverse_reactions reaction reactions side_effect "
    "side_effects ae toxicity term symptom pt meddra events",
    "class": "category classes drug_class drug_classes therapy_class modality moa mechanism_of_action type",
    "trial": "study studies nct nct_id clinical_trial trials protocol",
    "cohort": "arm arms group groups cohorts population",
    "organ_system": "soc system_organ_class body_system organ",
    "agency": "authority regulator regulatory_authority region country jurisdiction agencies approved_by",
    "area": "therapeutic_area therapy_area specialty field domain areas",
    "line": "line_of_therapy treatment_line therapy_line lot lines",
    "setting": "stage settings disease_setting",
    "biomarker": "marker mutation biomarkers",
    "biomarker_state": "marker_state biomarker_status marker_status mutation_status expression",
    "age_group": "age age_range paediatric pediatric age_groups",
    "route": "administration route_of_administration roa routes",
    "status": "state approval_status marketing_status standing",
    "level": "severity evidence_level boxed",
    "boxed_warning": "black_box black_box_warning boxed has_boxed_warning",
    "warning": "warnings precaution precautions",
    "monotherapy": "single_agent mono alone",
    "comparator": "control placebo",
    "serious": "sae",
    "source": "reference references citation citations label document publication sources",
    "approved_from": "approved_after approved_since since approval_date_from start_date from min_date",
    "approved_to": "approved_before until approval_date_to end_date to max_date",
    "on_from": "approved_after since date_from start_date from min_date",
    "on_to": "approved_before until date_to end_date to max_date",
    "date_from": "published_after since start_date from min_date",
    "date_to": "published_before until end_date to max_date",
    "first_approved_from": "approved_after first_approved_after first_approval_from approval_year year",
    "first_approved_to": "approved_before first_approved_before first_approval_to",
    "any_percent_from": "min_percent percent_from incidence min_incidence frequency",
    "severe_percent_from": "min_severe_percent grade grades severity",
    "cursor": "page offset skip start after page_token next next_token page_number",
    "limit": "per_page page_size size count rows top max max_results first take n",
    "q": "search query text keyword keywords term find s name",
    "sort": "order order_by sort_by ordering",
    "fields": "select columns only attributes keys",
    "include": "expand embed with populate",
    "facets": "facet aggregate aggregations aggs group_by counts",
    "format": "output output_format fmt accept filetype",
    "release": "version snapshot",
    "as_of": "date at on_date",
    "id": "ids identifier identifiers",
    "name": "names q term query drug",
    "names": "name drugs terms queries",
    "severity": "grade grades severe",
    "comparators": "control controls placebo comparator",
}
"""By parameter, what it may be called instead."""

VALUES: Mapping[str, Mapping[str, str]] = {
    "area": {
        "oncology": "cancer cancers oncological onc tumour tumours tumor tumors neoplasm neoplasms malignancy "
        "malignant haemato-oncology hemato-oncology",
        "autoimmune": "rheumatology rheumatological inflammatory inflammation immunology dermatology gastroenterology",
        "infectious": "infection infections infectious-disease infectious-diseases virology vaccine vaccines viral",
        "neurodegenerative": "neurology neurological alzheimer alzheimers dementia cns",
        "allergic": "allergy allergies allergology asthma atopy",
        "transplant": "transplantation rejection gvhd",
        "haematological": "hematological haematology hematology blood",
        "metabolic": "endocrine endocrinology metabolism diabetes",
        "cardiovascular": "cardiology cardiac heart",
        "ophthalmic": "ophthalmology eye eyes",
        "renal": "nephrology kidney",
        "respiratory": "pulmonology lung lungs airways",
        "musculoskeletal": "bone bones orthopaedics orthopedics muscle",
        "toxicity": "toxicology poisoning overdose antivenom",
    },
    "line": {
        "first": "1l 1 1st first-line frontline upfront untreated",
        "second": "2l 2 2nd second-line",
        "second_or_later": "2l 2l+ 2+ second-line previously-treated pretreated later",
        "third_or_later": "3l 3l+ 3+ 3 3rd third third-line",
        "fourth_or_later": "4l 4l+ 4+ 4 4th fourth fourth-line",
        "fifth_or_later": "5l 5l+ 5+ 5 5th fifth fifth-line",
    },
    "route": {
        "intravenous": "iv infusion iv-infusion injection",
        "subcutaneous": "sc sq subq subcut injection",
        "intramuscular": "im injection",
        "intradermal": "id",
        "intravesical": "bladder instillation",
        "intravitreal": "ivt eye",
        "intralesional": "intratumoural intratumoral it",
        "oral": "po by-mouth tablet",
        "sublingual": "sl",
        "topical": "cream skin dermal",
    },
    "agency": {
        "FDA": "us usa united-states america cder cber food-and-drug-administration",
        "EMA": "eu europe european-union ec chmp european-medicines-agency",
        "MHRA": "uk gb united-kingdom britain england",
        "PMDA": "japan jp mhlw",
        "NMPA": "china cn cfda",
        "HC": "canada ca health-canada",
        "TGA": "australia au",
        "CDSCO": "india in dcgi",
    },
    "status": {
        "approved": "licensed marketed authorised authorized active current",
        "active": "approved current licensed authorised authorized marketed",
        "emergency_use": "eua emergency",
        "withdrawn": "revoked removed",
        "discontinued": "off-market",
        "investigational": "experimental pipeline trial unapproved",
    },
    "approval_type": {
        "regular": "full standard traditional",
        "accelerated": "aa fast-track provisional",
        "conditional": "cma provisional",
        "emergency": "eua emergency-use",
    },
    "action": {
        "inhibitor": "antagonist blocker blocking blocks inhibits antibody",
        "agonist": "activator activates stimulator",
        "engager": "bispecific bite engages",
        "neutraliser": "neutralizer neutralises neutralizes neutralizing",
        "depleter": "depletes depletion cytotoxic",
        "car_antigen": "car car-t",
        "immunogen": "vaccine antigen",
        "payload_delivery": "adc conjugate",
        "approved": "approval granted",
        "withdrawn": "revoked withdrawal removed",
        "expanded": "extended expansion",
    },
    "effect": {
        "stimulates": "activates stimulation stimulating activation enhances boosts",
        "suppresses": "inhibits suppression immunosuppressive immunosuppression dampens",
        "neutralises": "neutralizes neutralization neutralisation",
    },
    "age_group": {
        "adult": "adults 18+ elderly",
        "adolescent": "adolescents teenager teenagers teen paediatric pediatric",
        "child": "children kids paediatric pediatric paediatrics pediatrics",
        "infant": "infants baby babies newborn neonate paediatric pediatric",
    },
    "setting": {
        "relapsed": "r/r rr relapse",
        "refractory": "r/r rr resistant",
        "recurrent": "recurrence",
        "newly_diagnosed": "untreated naive treatment-naive",
        "metastatic": "stage-4 stage-iv iv metastases mets",
        "locally_advanced": "stage-3 stage-iii",
        "neoadjuvant": "preoperative",
        "adjuvant": "postoperative",
    },
    "level": {
        "boxed": "black-box boxed-warning black",
        "warning": "warnings precaution precautions",
        "contraindication": "contraindications contraindicated",
        "regulatory_label": "label labels",
        "label_copy": "copy copies",
        "randomised_trial": "randomized rct randomised randomized-trial",
        "single_arm_trial": "single-arm",
    },
    "causality": {
        "all_cause": "all any teae treatment-emergent all-causality",
        "treatment_related": "trae related drug-related treatment_emergent",
        "immune_mediated": "irae immune-related immune autoimmune imae",
    },
    "kind": {
        "clinical": "symptom adverse-event",
        "laboratory": "lab labs laboratory-abnormality biochemistry",
        "label": "smpc prescribing-information uspi package-insert",
        "trial_publication": "paper article journal publication",
        "assessment_report": "epar",
        "web_page": "website web url",
    },
    "organ_system": {
        "gastrointestinal": "gi gut bowel stomach digestive",
        "skin-and-subcutaneous-tissue": "skin dermatological cutaneous dermatologic",
        "hepatobiliary": "liver hepatic",
        "respiratory-thoracic-and-mediastinal": "lung lungs respiratory pulmonary",
        "cardiac": "heart cardiovascular",
        "nervous-system": "neurological neurologic neuro nervous cns",
        "renal-and-urinary": "kidney renal urinary",
        "blood-and-lymphatic-system": "blood haematological hematological",
        "immune-system": "immune immunological",
        "infections-and-infestations": "infection infections",
        "endocrine": "thyroid hormonal",
        "eye": "ocular ophthalmic",
        "metabolism-and-nutrition": "metabolic metabolism",
        "musculoskeletal-and-connective-tissue": "joint muscle musculoskeletal",
        "psychiatric": "mental",
    },
    "intent": {"prevention": "prophylaxis preventive vaccine", "treatment": "therapeutic cure therapy"},
    "topic": {"limitation": "limitations drawback cost", "benefit": "benefits advantage", "outlook": "future outlooks"},
    "format": {"csv": "excel xlsx xls tsv spreadsheet", "jsonl": "ndjson jsonlines", "bibtex": "bib",
               "csl-json": "csl citeproc"},
    "release": {"latest": "current newest last", "previous": "prior before"},
    "sort": {"first_approval": "date approval newest approved", "-first_approval": "newest latest recent",
             "name": "alphabetical title"},
}  # fmt: skip
"""By parameter and value, what the value may be called instead."""

PATHS: Mapping[str, str] = {
    "therapies": "therapy drug drugs medicine medicines compound compounds molecules products biologics treatments",
    "conditions": "disease diseases disorders cancers",
    "targets": "gene genes antigen antigens proteins receptors",
    "biomarkers": "marker markers",
    "events": "terms adverse-event-terms symptoms",
    "adverse-events": "ae aes side-effect side-effects adverse-reaction adverse-reactions toxicities safety",
    "classes": "drug-class drug-classes categories category modalities",
    "sources": "reference references citations publications labels documents",
    "cohorts": "arm arms groups",
    "approvals": "approval-actions decisions",
    "statements": "reviews claims",
    "mechanisms": "moa mechanism-of-action mechanisms-of-action",
    "suggest": "autocomplete typeahead complete",
    "resolve": "lookup map normalise normalize",
    "service-info": "info about version",
    "openapi.json": "openapi swagger.json swagger api-docs",
    "docs": "documentation swagger-ui help",
    "ready": "readiness readyz",
    "live": "liveness livez health healthz ping",
    "compare": "comparison comparisons",
    "releases": "versions snapshots",
}
"""By part of a path, what it may be called instead; the singular of a list is known besides."""


def squashed(word: str) -> str:
    """A word without case and without what parts its parts: `perPage` is `per_page`, `1 L` is `1l`."""
    return re.sub(r"[\s._-]", "", word.casefold())


def meant_by(word: str, meanings: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """What a word may mean of what is known, in the order of the table."""
    wanted, known = squashed(word), set(known)
    return [right for right, others in meanings.items() if right in known and wanted in map(squashed, others.split())]

"""Folding: two ways of writing a name fold to the same, two names do not; shorthand is taken apart."""

import pytest

from app.nouns.folding import fold, fold_loosely
from app.nouns.identifier_forms import parsed
from app.nouns.shorthand import bracketed, combination_key, combination_keys, parts_of, readings
from app.nouns.spelling import words

GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
NAMES = [
    *(
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
    ),
    *("omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
]


@pytest.mark.parametrize(("letter", "name"), list(zip(GREEK, NAMES, strict=True)))
def test_any_greek_letter_is_its_name(letter: str, name: str) -> None:
    for written in (letter, letter.upper()):
        assert fold(f"IFN-{written}") == fold(f"IFN{written}") == fold(f"IFN {name}") == fold(f"ifn-{name.upper()}")
        assert words(f"IFN{written}1") == ["ifn", name, "1"]
    assert words(f"{letter}4{letter}7") == [name, "4", name, "7"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TGF-ß1", "TGF-β1"),  # a sharp s for a beta
        ("ɑ4", "α4"),  # letters of the phonetic alphabet
        ("𝐏𝐃-𝟏", "PD-1"),
        ("𝑇𝑁𝐹-𝛼", "TNFα"),
        ("ＩＬ－２", "IL-2"),
        ("CD3⁺", "CD3+"),
        ("IL‑2", "IL-2"),
        ("IL–2", "IL2"),
        ("ﬁbrosis", "fibrosis"),
        ("Behçet’s", "Behcet's"),
        ("Crohn's disease", "Crohns disease"),
        ("Sjögren", "SJÖGREN"),
        ("Guillain-Barré", "Guillain Barre"),
        ("œdema", "edema"),
        ("Keytruda®", "Keytruda™"),
        ("interferon alfa-2b", "interferon alpha 2b"),
        ("HER2+ breast cancer", "HER2-positive breast cancer"),
        ("HER2- breast cancer", "HER2-negative breast cancer"),
        ("hepatitis A & B", "hepatitis A and B"),
        ("ANC ≥ 1", "ANC >= 1"),
    ],
)
def test_what_is_written_otherwise_is_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("british", "american"),
    [
        *(("oedema", "edema"), ("lymphoedema", "lymphedema"), ("angio-oedema", "angioedema"), ("foetal", "fetal")),
        *(("oesophageal", "esophageal"), ("gastro-oesophageal", "gastroesophageal"), ("dyspnoea", "dyspnea")),
        *(("diarrhoea", "diarrhea"), ("haemophilia", "hemophilia"), ("anaemia", "anemia"), ("leukaemia", "leukemia")),
        *(("paediatric", "pediatric"), ("gynaecological", "gynecological"), ("anaesthetised", "anesthetized")),
        *(("tumour", "tumor"), ("behavioural", "behavioral"), ("discolouration", "discoloration")),
        *(("generalised", "generalized"), ("neovascularisation", "neovascularization"), ("analysed", "analyzed")),
        *(("fibres", "fibers"), ("centre", "center"), ("labelled", "labeled"), ("enrolment", "enrollment")),
        *(("analogue", "analog"), ("sulphonamide", "sulfonamide"), ("leucopenia", "leukopenia"), ("ageing", "aging")),
        *(("mould", "mold"), ("licence", "license"), ("coeliac", "celiac"), ("thalassaemia", "thalassemia")),
    ],
)
def test_british_is_american(british: str, american: str) -> None:
    assert fold(british) == fold(american)
    assert fold(british.upper()) == fold(american.title())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IL-1/2", "IL-12"),
        ("CD3/8", "CD38"),
        ("PD-(L)1", "PD-L1"),
        ("PD-(L)1", "PD-1"),
        ("HER2- breast cancer", "HER2+ breast cancer"),
        ("TSH < LLN", "TSH > LLN"),
        ("TSH < LLN", "TSH <= LLN"),
        ("EoE", "EE"),
        ("four", "for"),
        ("source", "sorce"),
        ("aerobic", "erobic"),
        ("intraepithelial", "intrepithelial"),
        ("IL-1 alpha", "IL-1 beta"),
        ("IL-17A", "IL-17F"),
        ("types 6 and 11", "types 61 and 1"),
    ],
)
def test_what_tells_names_apart_stays(one: str, other: str) -> None:
    assert fold(one) != fold(other)
    assert fold_loosely(one) != fold_loosely(other)
    assert fold_loosely(one) != fold_loosely(other, written=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PD-1 inhibitors", "PD-1 inhibitor"),
        ("antibodies", "antibody"),
        ("viruses", "virus"),
        ("Crohn's disease", "Crohn disease"),
        ("IL-1b", "IL-1β"),
        ("IFN-g", "IFN-gamma"),
        ("Fcg receptors", "Fcγ receptor"),
    ],
)
def test_what_is_often_left_out(one: str, other: str) -> None:
    assert fold_loosely(one) == fold_loosely(other, written=True)


@pytest.mark.parametrize("word", ["psoriasis", "virus", "abscess", "lupus", "MDS"])
def test_words_that_end_in_s_may_be_no_plurals(word: str) -> None:
    assert fold_loosely(word) == fold(word)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Opdivo + Yervoy", ["Opdivo", "Yervoy"]),
        ("a/b;c", ["a", "b", "c"]),
        ("a, b and c", ["a", "b", "c"]),
        ("a, b, and c", ["a", "b", "c"]),
        ("a in combination with b plus c", ["a", "b", "c"]),
        ("a co-packaged with b", ["a", "b"]),
        ("a – b", ["a", "b"]),
        ("android", []),
        ("a", []),
        ("", []),
        ("+".join("abcdefghijk"), []),
    ],
)
def test_combinations_are_taken_apart(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


def test_the_order_of_a_combination_does_not_matter() -> None:
    key = combination_key("casirivimab and imdevimab")
    for written in (
        "imdevimab/casirivimab",
        "Imdevimab; casirivimab",
        "imdevimab casirivimab",
        "imdevimab-casirivimab",
    ):
        assert list(combination_keys(written)) == [key]
    assert combination_key("nivolumab") is None


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("PD-(L)1", [["PD-1"], ["PD-L1"]]),
        ("anti-PD-(L)1 antibody", [["anti-PD-1 antibody"], ["anti-PD-L1 antibody"]]),
        ("IL-1/2", [["IL-1"], ["IL-2"]]),
        ("CD3/8", [["CD3"], ["CD8"]]),
        ("IL-12/23", [["IL-12"], ["IL-23"]]),
        ("PD-1/L1 inhibitors", [["PD-1 inhibitors"], ["PD-L1 inhibitors", "L1 inhibitors"]]),
        ("IL-17A/F", [["IL-17A"], ["IL-17F", "IL-F", "F"]]),
        ("lung and breast cancer", [["lung cancer"], ["breast cancer"]]),
    ],
)
def test_shorthand_has_readings(text: str, first: list[list[str]]) -> None:
    assert next(readings(text)) == first
    assert list(readings("PD-1")) == []


def test_a_name_in_brackets_is_another_name() -> None:
    assert bracketed("Keytruda (pembrolizumab)") == ("Keytruda", "pembrolizumab")
    assert bracketed("pembrolizumab [ Keytruda ] ") == ("pembrolizumab", "Keytruda")
    assert bracketed("PD-(L)1") is None
    assert bracketed("(pembrolizumab)") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hgnc:8760", ("hgnc", "8760")),
        ("HGNC:HGNC:8760", ("hgnc", "8760")),
        ("https://identifiers.org/hgnc:8760", ("hgnc", "8760")),
        ("http://identifiers.org/hgnc/HGNC:8760", ("hgnc", "8760")),
        ("https://www.genenames.org/data/gene-symbol-report/#!/hgnc_id/HGNC:8760", ("hgnc", "8760")),
        ("MONDO_0005105", ("MONDO", "0005105")),
        ("<http://purl.obolibrary.org/obo/MONDO_0005105>", ("MONDO", "0005105")),
        ("https://bioregistry.io/mondo:0005105/", ("MONDO", "0005105")),
        ("ncit:C3224", ("NCIT", "C3224")),
        ("HP_0002018", ("HP", "0002018")),
        ("https://hpo.jax.org/browse/term/HP:0002018", ("HP", "0002018")),
        ("rxcui:1547545", ("rxnorm", "1547545")),
        ("Rxnorm:1547545", ("rxnorm", "1547545")),
        ("chembl.compound:CHEMBL3137343", ("chembl", "CHEMBL3137343")),
        ("CHEMBL3137343", ("chembl", "CHEMBL3137343")),
        ("https://doi.org/10.1056/NEJMoa1", ("doi", "10.1056/NEJMoa1")),
        ("doi:10.1056/NEJMoa1", ("doi", "10.1056/NEJMoa1")),
        ("10.1056/NEJMoa1", ("doi", "10.1056/NEJMoa1")),
        ("PMID: 37459141", ("pubmed", "37459141")),
        ("https://pubmed.ncbi.nlm.nih.gov/37459141/", ("pubmed", "37459141")),
        ("unknown:1", None),
        ("https://example.org/1", None),
        ("melanoma", None),
        (":", None),
        ("", None),
    ],
)
def test_identifiers_are_read_in_any_form(text: str, found: tuple[str, str] | None) -> None:
    assert parsed(text) == found

"""Names as users write them: typed halfway, misspelled, brands of several regions, combinations."""

import time

import httpx
import pytest


def ids(client: httpx.Client, typed: str, **more: str) -> list[tuple[str, str]]:
    items = client.get("/suggest", params={"q": typed, **more}).json()["items"]
    return [(item["type"], item["id"]) for item in items]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("keyt", ("therapy", "pembrolizumab")),
        ("Keytrda", ("therapy", "pembrolizumab")),
        ("pembrolizumba", ("therapy", "pembrolizumab")),
        ("melnoma", ("condition", "melanoma")),
        ("melan", ("condition", "melanoma")),
        ("PD-1", ("target", "PDCD1")),
        ("car-t", ("class", "car-t")),
        ("colit", ("event", "colitis")),
        ("nivolumab", ("therapy", "nivolumab")),
        ("niv", ("therapy", "nivolumab")),
        ("ke", ("therapy", "pembrolizumab")),
        ("opd", ("therapy", "nivolumab")),
        ("il-1", ("target", "IL1")),
        ("diarrho", ("event", "diarrhea")),
        ("leukem", ("condition", "leukaemia")),
        ("humira biosimilar", ("therapy", "adalimumab")),
        ("covid antibody", ("class", "covid-19-antibody")),
        ("yescrata", ("therapy", "axicabtagene-ciloleucel")),
    ],
)
def test_the_best_suggestion_is_first(client: httpx.Client, typed: str, first: tuple[str, str]) -> None:
    assert ids(client, typed)[0] == first


def test_typing_errors_are_looked_for_only_where_nothing_begins_so(client: httpx.Client) -> None:
    assert all(found.startswith("nivolumab") for _, found in ids(client, "niv"))
    therapies = {therapy["id"]: therapy for therapy in client.get("/therapies?limit=500").json()["items"]}
    for therapy in therapies.values():
        for name in (therapy["name"], *therapy["brand_names"]):
            kind, first = ids(client, name, type="therapy", limit="1")[0]
            found = therapies[first]
            assert name.lower() in {called.lower() for called in (found["name"], *found["brand_names"])} or kind, name


def test_a_suggestion_may_be_what_several_words_mean(client: httpx.Client) -> None:
    found = ids(client, "ms drug", type="therapy", limit="50")
    assert {"ocrelizumab", "natalizumab", "alemtuzumab"} <= {record for _, record in found}


def test_a_suggestion_by_several_words_may_be_of_any_type(client: httpx.Client) -> None:
    """The words stand in another order than in the name: they are found in the text of the record."""
    for typed, found in (
        ("melanoma 006 keynote", ("trial", "keynote-006")),
        ("survival overall", ("endpoint", "overall-survival")),
    ):
        assert found in ids(client, typed, limit="50")
        assert found in ids(client, typed, type=found[0], limit="50")


def test_suggestions_are_narrowed_by_type_and_limit(client: httpx.Client) -> None:
    assert {kind for kind, _ in ids(client, "lymph", type="condition")} == {"condition"}
    assert len(ids(client, "a", limit="3")) == 3
    assert ids(client, "zzzzqqqq") == []


def test_a_suggestion_takes_little_time(client: httpx.Client) -> None:
    ids(client, "warm")
    begun = time.perf_counter()
    for typed in ("p", "pe", "pem", "pemb", "pembx", "qembro"):
        ids(client, typed)
    assert (time.perf_counter() - begun) / 6 < 0.5


@pytest.mark.parametrize(
    ("name", "how", "found"),
    [
        ("pembrolizumab", "id", "pembrolizumab"),
        ("KEYTRUDA", "brand", "pembrolizumab"),
        ("keytruda ", "brand", "pembrolizumab"),
        ("PDCD1", "id", "PDCD1"),
        ("unii:DPT0O3T46P", "identifier", "pembrolizumab"),
        ("BLA125514", "identifier", "pembrolizumab"),
        ("MONDO:0005105", "identifier", "melanoma"),
        ("mondo:0005105", "identifier", "melanoma"),
        ("rxnorm:1547545", "identifier", "pembrolizumab"),
        ("rxcui:1547545", "identifier", "pembrolizumab"),
        ("HGNC:HGNC:8760", "identifier", "PDCD1"),
        ("http://purl.obolibrary.org/obo/MONDO_0005105", "identifier", "melanoma"),
        ("TNFα", "name", "TNF"),
        ("IL-1b", "id", "IL1B"),
        ("𝐏𝐃-𝟏", "name", "PDCD1"),
        ("imdevimab and casirivimab", "name", "casirivimab-and-imdevimab"),
        ("casirivimab/imdevimab", "synonym", "casirivimab-and-imdevimab"),
        ("Keytruda (pembrolizumab)", "brand", "pembrolizumab"),
        ("checkpoint inhibitors", "synonym", "immune-checkpoint-inhibitor"),
    ],
)
def test_a_name_is_resolved_and_says_how(client: httpx.Client, name: str, how: str, found: str) -> None:
    item = client.get("/resolve", params={"name": name}).json()["items"][0]
    assert item["status"] == "matched", item
    assert (item["match"]["how"], item["match"]["id"]) == (how, found)


def test_curies_of_former_forms_are_still_taken(client: httpx.Client) -> None:
    item = client.get("/therapies/pembrolizumab").json()
    there = {each["id"]: each["former_id"] for each in item["identifiers"]}
    assert there["rxnorm:1547545"] == "rxcui:1547545"
    for curie in ("rxnorm:1547545", "rxcui:1547545", "RXCUI:1547545"):
        assert client.get(f"/therapies/{curie}", follow_redirects=True).json()["id"] == "pembrolizumab"
    condition = client.get("/conditions/mondo:0005105", follow_redirects=True).json()
    assert "MONDO:0005105" in condition["xrefs"]
    assert "mondo:0005105" in condition["former_xrefs"]
    totals = {curie: client.get("/therapies", params={"condition": curie, "limit": 1}).json()["total"]
              for curie in ("MONDO:0005105", "mondo:0005105", "melanoma")}  # fmt: skip
    assert len(set(totals.values())) == 1


def test_nothing_is_picked_among_equals_or_near_names(client: httpx.Client) -> None:
    item = client.get("/resolve", params={"name": "pembrolizumap"}).json()["items"][0]
    assert item["status"] == "fuzzy"
    assert item["match"] is None
    assert item["alternatives"][0]["id"] == "pembrolizumab"
    unknown = client.get("/resolve", params={"name": "aspirin tablets of yore"}).json()["items"][0]
    assert (unknown["status"], unknown["alternatives"]) == ("unknown", [])


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *(("cilta-cel", "ciltacabtagene-autoleucel"), ("ide-cel", "idecabtagene-vicleucel")),
        *(("liso-cel", "lisocabtagene-maraleucel"), ("axi-cel", "axicabtagene-ciloleucel")),
        *(("brexu-cel", "brexucabtagene-autoleucel"), ("Tisa-Cel", "tisagenlecleucel"), ("CTL019", "tisagenlecleucel")),
        *(("obe-cel", "obecabtagene-autoleucel"), ("afami-cel", "afamitresgene-autoleucel")),
        *(("KTE-C19", "axicabtagene-ciloleucel"), ("KTE-X19", "brexucabtagene-autoleucel")),
        *(("JCAR017", "lisocabtagene-maraleucel"), ("bb2121", "idecabtagene-vicleucel")),
        *(("T-VEC", "talimogene-laherparepvec"), ("T-DXd", "trastuzumab-deruxtecan")),
        *(("T-DM1", "trastuzumab-emtansine"), ("Dato-DXd", "datopotamab-deruxtecan")),
        *(("pembro", "pembrolizumab"), ("nivo", "nivolumab"), ("ipi", "ipilimumab"), ("durva", "durvalumab")),
        *(("IFX", "infliximab"), ("ETN", "etanercept"), ("TCZ", "tocilizumab"), ("CZP", "certolizumab-pegol")),
    ],
)
def test_common_abbreviations_are_known(client: httpx.Client, name: str, found: str) -> None:
    item = client.get("/resolve", params={"name": name}).json()["items"][0]
    assert (item["status"], (item["match"] or {}).get("id")) == ("matched", found), item


def test_several_meanings_are_ambiguous(client: httpx.Client) -> None:
    for name, meanings in (
        ("leukemia", {("condition", "leukaemia"), ("event", "leukemia")}),
        ("Leukaemia", {("condition", "leukaemia"), ("event", "leukemia")}),
        ("PSA", {("target", "KLK3"), ("condition", "psoriatic-arthritis")}),
        ("Enhertu (trastuzumab)", {("therapy", "trastuzumab-deruxtecan"), ("therapy", "trastuzumab")}),
    ):
        item = client.get("/resolve", params={"name": name}).json()["items"][0]
        assert (item["status"], item["match"]) == ("ambiguous", None), item
        assert {(found["type"], found["id"]) for found in item["alternatives"]} == meanings
    one = client.get("/resolve", params={"name": "leukemia", "type": "condition"}).json()["items"][0]
    assert one["match"]["id"] == "leukaemia"


def test_shorthand_is_resolved_part_by_part(client: httpx.Client) -> None:
    for name, parts in (
        ("PD-(L)1", ["PDCD1", "CD274"]),
        ("PD-(L)1 inhibitor", ["pd-1-inhibitor", "pd-l1-inhibitor"]),
        ("PD-1/L1 inhibitors", ["pd-1-inhibitor", "pd-l1-inhibitor"]),
        ("IL-12/23", ["IL12", "IL23A"]),
        ("IL-1/2", ["IL1", "IL2"]),
        ("IL-17A/F", ["IL17A", "IL17F"]),
    ):
        item = client.get("/resolve", params={"name": name}).json()["items"][0]
        assert (item["status"], item["match"]) == ("combination", None), item
        assert [part["match"]["id"] for part in item["parts"]] == parts
    item = client.get("/resolve", params={"name": "CD3/8", "type": "target"}).json()["items"][0]  # CD3 is a trial, too
    assert [part["match"]["id"] for part in item["parts"]] == ["CD3E", "CD8A"]


def test_filters_take_names_in_any_form(client: httpx.Client) -> None:
    def total(path: str, **filters: str) -> int:
        answer = client.get(path, params={**filters, "limit": "1"})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["total"])

    both = total("/therapies", **{"class": "pd-1-inhibitor,pd-l1-inhibitor"})
    for name in ("PD-(L)1 inhibitor", "PD-1/PD-L1 inhibitors", "PD-1 inhibitors,PD-L1 inhibitors"):
        assert total("/therapies", **{"class": name}) == both > 0
    assert (
        total("/therapies", target="TNFα") == total("/therapies", target="TNF-a") == total("/therapies", target="TNF")
    )
    assert total("/indications", condition="HEMOPHILIA A") == total("/indications", condition="haemophilia-a") > 0
    assert total("/sources", doi="https://doi.org/10.35248/1745-7580.25.21.293") == 1
    for name in ("IL-4/13", "IL-13,IL-4", "interleukin 4,interleukin-13"):
        assert total("/mechanisms", target=name) == total("/mechanisms", target="IL4,IL13") > 0
    unknown = client.get("/mechanisms", params={"target": "IL-12/999"})
    assert unknown.status_code == 422


def test_a_name_with_a_comma_is_tried_whole_before_it_is_cut(client: httpx.Client) -> None:
    therapies = client.get("/therapies?limit=500").json()["items"]
    named = [therapy for therapy in therapies if "," in therapy["name"]]
    assert len(named) > 5
    for therapy in named:
        for value in (therapy["name"], f"{therapy['name']},nivolumab", f"nivolumab, {therapy['name']}"):
            answer = client.get("/cohorts", params={"therapy": value, "limit": 1})
            assert answer.status_code == 200, (value, answer.text)
            assert therapy["id"] in answer.json()["query"]["therapy"]
    compared = client.get("/adverse-events/matrix", params={"therapies": f"{named[0]['name']},nivolumab"})
    assert compared.status_code == 200, compared.text


def test_a_combination_is_resolved_part_by_part(client: httpx.Client) -> None:
    for name in ("Opdivo + Yervoy", "nivolumab/ipilimumab", "nivolumab and ipilimumab"):
        item = client.get("/resolve", params={"name": name, "type": "therapy"}).json()["items"][0]
        assert item["status"] == "combination"
        assert [part["match"]["id"] for part in item["parts"]] == ["nivolumab", "ipilimumab"]


def test_a_thousand_names_are_resolved_and_ten_thousand_refused(client: httpx.Client) -> None:
    answer = client.post("/resolve", json={"names": ["Keytruda", "nothing"] * 500})
    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 1000
    refused = client.post("/resolve", json={"names": ["Keytruda"] * 10_000})
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert client.post("/resolve", content=b"x" * 2_000_000).status_code == 413
    for body in (b"{", b"[]", b'{"names": "Keytruda"}', b'{"names": ["a"], "x": 1}', b"\xff"):
        answer = client.post("/resolve", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_identifier_of_a_source_leads_to_it(client: httpx.Client) -> None:
    for written in (
        "https://doi.org/10.35248/1745-7580.25.21.293",
        "doi:10.35248/1745-7580.25.21.293",
        "DOI:10.35248/1745-7580.25.21.293",
    ):
        [item] = client.get("/resolve", params={"name": written}).json()["items"]
        assert (item["status"], item["match"]["type"], item["match"]["id"]) == ("matched", "source", "review.abaz-2025")
        assert client.get("/resolve", params={"name": written, "type": "therapy"}).json()["items"][0]["match"] is None
    [title] = client.get("/resolve", params={"name": "Harnessing the Power of the Immune System"}).json()["items"]
    assert title["match"] is None


def test_an_event_is_found_by_its_curies(client: httpx.Client) -> None:
    nausea = client.get("/events/nausea").json()
    assert nausea["xrefs"][0] == "NCIT:C146764"
    assert "HP:0002018" in nausea["xrefs"]
    counted = client.get("/adverse-events", params={"event": "nausea", "limit": 1}).json()["total"]
    for curie in (*nausea["xrefs"], "ncit:C146764", "http://purl.obolibrary.org/obo/NCIT_C146764"):
        if "/" not in curie:
            assert client.get(f"/events/{curie}", follow_redirects=True).json()["id"] == "nausea"
        found = client.get("/adverse-events", params={"event": curie, "limit": 1, "facets": "event"}).json()
        assert found["total"] == counted
        assert found["items"][0]["term"]["curie"] == "NCIT:C146764"
        item = client.get("/resolve", params={"name": curie}).json()["items"][0]
        assert (item["match"]["how"], item["match"]["id"]) == ("identifier", "nausea")

"""Texts for agents beside the tools: how facts are meant, where things are, and how to compare honestly."""

from collections.abc import Mapping

INSTRUCTIONS = (
    "A curated, cited fact base of immunotherapy; for research, not medical advice. Each fact carries its source and "
    "locator, each answer its release: cite them. Figures are as printed; `computed` names what is not. Nothing is "
    "pooled: never average percents of several cohorts, and compare arms of one trial only. What is missing is not "
    "curated, which is not the same as absent. Keys without a value are left out. Lists come in parts: ask again with "
    "`cursor` and the same arguments. Any known name is accepted as an id."
)

_GUIDE = """\
# ImmunoFacts

> A REST API over a curated, fully cited fact base of immunotherapy: therapies, mechanisms, indications, approvals,
> warnings, adverse events, outcomes and trials; for every fact its source, at a revision, and a locator.
> Release {release}. For research and development; not medical advice.

Any known name is accepted in filters (`PD-1`, `Keytruda`, `CRS`); filters combine with AND, values with commas are OR.
An unknown parameter or value is refused with what is allowed. `release={release}` pins any read for good.
Figures are as printed in the source; what is computed is named under `computed`.
Nothing is pooled: compare arms of one trial.
What is missing is `not curated`, which is not the same as absent.

## For programs

- [OpenAPI document]({prefix}/openapi.json): every path, parameter and answer
- [Documentation]({prefix}/docs): Swagger UI
{mcp}
## Lists

{lists}
## Questions that cross lists

- [Names]({prefix}/resolve?name=Keytruda): what names, brands, codes and CURIEs mean
- [Search]({prefix}/search?q=cytokine+release): everything that holds some words
- [Adverse events compared]({prefix}/adverse-events/compare?trial=CheckMate+067&event=colitis): cohorts side by side
- [Outcomes compared]({prefix}/outcomes/compare?trial=CheckMate+067&endpoint=overall-survival): by endpoint and trial
- [Releases]({prefix}/releases): what was published when, and what changed
"""

_MCP = (
    "- Model Context Protocol: streamable HTTP at `{prefix}/mcp`, or `immunofacts mcp` over standard input and output\n"
)

SAFETY_PROMPT = """\
Compare the safety of {therapies}{event}, by the tools of ImmunoFacts alone.

1. `resolve_names`: say what each name means; stop where one is ambiguous or unknown.
2. `compare_safety` with these therapies. Where too many cohorts match, narrow by condition, trial or monotherapy, \
and say so.
3. Compare directly only what `contrast` rows compare: arms of one trial. Rows of different trials stand side by side, \
with population, dose, N, grades and causality; do not average, pool or rank them.
4. Give each figure as printed, with n, N, grades and its interval, and mark what `computed` names.
5. `find_facts` of kind `warnings`: boxed warnings of each.
6. Repeat every caution of the answers that applies. What is missing is "not curated" or "not reported", never zero.
7. End with the sources (`cite`) and the release. This is no medical advice.
"""


def guide(prefix: str, release: str, counts: Mapping[str, int], *, mcp: bool) -> str:
    """The text of `/llms.txt`, by the convention of llmstxt.org."""
    lists = "".join(f"- [{name}]({prefix}/{name}): {count} records\n" for name, count in counts.items())
    way = _MCP.format(prefix=prefix) if mcp else ""
    return _GUIDE.format(prefix=prefix, release=release, lists=lists, mcp=way)


def safety_prompt(therapies: str, event: str = "") -> str:
    """The instructions for an honest comparison of safety."""
    return SAFETY_PROMPT.format(therapies=therapies, event=f" as to {event}" if event else "")

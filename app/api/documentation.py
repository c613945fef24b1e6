"""The pages that show the OpenAPI document, Swagger UI and ReDoc: their HTML, and how Swagger UI is laid out."""

import base64
import hashlib
import json
import re
from html import escape

from app.api.descriptions import TITLE

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{description}">
<title>{title}</title>
<link rel="icon" href="{prefix}/assets/favicon.png">
{head}
</head>
<body>
{body}
</body>
</html>
"""
LAYOUT = """
body { margin: 0; }
.swagger-ui .wrapper { box-sizing: border-box; padding: 0 16px; }
.swagger-ui { overflow-wrap: anywhere; }
.swagger-ui pre { white-space: pre-wrap; }
/* Parameters: a line each, in two columns where there is room; names, then what they are. */
.swagger-ui table.parameters > thead { position: absolute; clip-path: inset(50%); }
.swagger-ui table.parameters > tbody { display: block; columns: 2 440px; column-gap: 40px; }
.swagger-ui table.parameters > tbody > tr {
  display: grid; grid-template-columns: minmax(158px, 1fr) 3fr; gap: 0 12px; break-inside: avoid;
  border-bottom: 1px solid rgb(59 65 81 / 20%);
}
.swagger-ui table.parameters > tbody > tr > td { padding: 5px 0; min-width: 0; }
.swagger-ui table.parameters .parameter__name { font-size: 14px; padding: 0; }
.swagger-ui table.parameters .parameter__type { padding: 0; }
.swagger-ui table.parameters tr[data-param-in=query] .parameter__in { display: none; }
.swagger-ui table.parameters .renderedMarkdown p { margin: 0; font-size: 13px; line-height: 1.35; }
.swagger-ui .parameters-col_description { margin: 0; }
.swagger-ui table.parameters input[type=text], .swagger-ui table.parameters select { max-width: 100%; margin: 2px 0; }
.swagger-ui table.parameters select[multiple] { height: 84px; }
/* After the filters that are used most, and what shapes an answer: the rest, below a heading. */
.swagger-ui table.parameters tr:is([data-param-name=fields], [data-param-name=include])
  + tr:not([data-param-name=include])::before {
  content: "More filters"; grid-column: 1 / -1; padding: 18px 0 4px; font: bold 14px sans-serif; color: #3b4151;
}
/* Values are listed, or can be chosen: not both. */
.swagger-ui table.parameters :is(input, select, textarea):disabled { display: none; }
.swagger-ui table.parameters td:has(select:enabled) .parameter__enum { display: none; }
.swagger-ui table.parameters .parameter__enum p, .swagger-ui table.parameters .parameter__default p { margin: 0; }
/* Examples scroll; links are for programs. */
.swagger-ui .response-col_links { display: none; }
.swagger-ui table.responses-table:not(.live-responses-table) .highlight-code > .microlight { max-height: 220px; }
/* Words that are dark enough to read, links that are large enough to hit. */
.swagger-ui .info .title small pre.version { color: #fff; background: #4d5563; margin: 0; }
.swagger-ui .info .title small { background: #4d5563; }
.swagger-ui .info .title small.version-stamp { background: #3d6b0c; }
.swagger-ui .info .title small.version-stamp pre.version { background: none; }
.swagger-ui .info :is(a, .url), .swagger-ui .info__license__url a, .swagger-ui a.link { color: #1f5a96; }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #1f5a96; }
.swagger-ui .opblock.opblock-post .opblock-summary-method { background: #2d6a2d; }
.swagger-ui .opblock-summary-path a.nostyle { display: inline-block; min-height: 24px; }
@media (max-width: 760px) {
  .swagger-ui .opblock .opblock-summary, .swagger-ui .scheme-container .schemes { flex-wrap: wrap; }
  .swagger-ui table.parameters > tbody > tr { grid-template-columns: 1fr; }
  .swagger-ui :is(table.responses-table, .responses-table tbody, .responses-table tr, .responses-table td) {
    display: block;
  }
  .swagger-ui table.responses-table > thead { display: none; }
  .swagger-ui .responses-inner { padding: 12px; }
}
"""
"""Style of Swagger UI beside its own."""
ACCESSIBILITY_SCRIPT = """
const fields = "input, select, textarea";
let waiting = false;
function name() {
  waiting = false;
  for (const field of document.querySelectorAll(`#swagger-ui :is(${fields}):not([aria-label])`)) {
    const row = field.closest("tr[data-param-name]");
    field.setAttribute("aria-label", row ? row.dataset.paramName : field.id || "Request body");
  }
  for (const button of document.querySelectorAll("#swagger-ui button:not([aria-label])"))
    if (!button.textContent.trim()) button.setAttribute("aria-label", button.title || "Copy to clipboard");
  for (const [heads, level] of [["h3.opblock-tag", "2"], ["h4", "3"]])
    for (const head of document.querySelectorAll(`#swagger-ui ${heads}:not([aria-level])`))
      head.setAttribute("aria-level", level);
}
new MutationObserver(() => {
  if (!waiting) setTimeout(name, 100);
  waiting = true;
}).observe(document.getElementById("swagger-ui"), {childList: true, subtree: true});
"""
"""Script for screen readers: fields are named as their parameters, buttons that show a picture have a name, tags come
right below the title."""


def swagger_ui(prefix: str) -> str:
    """The page of Swagger UI, below a prefix that a proxy strips."""
    url = f"{prefix}/openapi-3.0.json"  # which it reads in half the time
    settings = {
        "url": url,
        "dom_id": "#swagger-ui",
        "deepLinking": True,
        "docExpansion": "list",
        "defaultModelsExpandDepth": 0,
        "displayRequestDuration": True,
    }
    assets = escape(f"{prefix}/assets")
    return _PAGE.format(
        title=f"{TITLE}: documentation",
        description="Every request of the ImmunoFacts API, with its parameters, to be tried here.",
        prefix=escape(prefix),
        head=f'<link rel="preload" href="{escape(url)}" as="fetch" crossorigin>\n'  # while scripts are read
        f'<link rel="stylesheet" href="{assets}/swagger-ui.css">\n<style>{LAYOUT}</style>',
        body='<main id="swagger-ui"></main>\n'
        f'<script src="{assets}/swagger-ui-bundle.js"></script>\n'
        f"<script>SwaggerUIBundle({json.dumps(settings)[:-1]}, "
        f"layout: 'BaseLayout', presets: [SwaggerUIBundle.presets.apis]}});{ACCESSIBILITY_SCRIPT}</script>",
    )


def redoc(prefix: str) -> str:
    """The page of ReDoc, below a prefix that a proxy strips."""
    return _PAGE.format(
        title=f"{TITLE}: reference",
        description="Every request of the ImmunoFacts API, with its parameters and answers.",
        prefix=escape(prefix),
        head="<style>body { margin: 0; }</style>",
        body=f'<redoc spec-url="{escape(prefix)}/openapi.json"></redoc>\n'
        f'<script src="{escape(prefix)}/assets/redoc.standalone.js"></script>',
    )


def content_security_policy(html: str) -> str:
    """The Content-Security-Policy of a page of the documentation: its own files, and exactly its own inline scripts.

    Swagger UI and ReDoc write styles into the page, draw icons from `data:` and search in a worker from `blob:`.
    """
    inline = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = "".join(
        f" 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline
    )
    return (
        f"default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )

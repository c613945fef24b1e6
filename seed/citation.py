"""`CITATION.cff`: how to cite the newest release that is published."""

import re
from pathlib import Path

from seed.bundles import Bundle

FILE = Path(__file__).parent.parent / "CITATION.cff"


def cite(bundle: Bundle, path: Path = FILE) -> None:
    """Let the file cite a release: its version, day and digest. Nothing is done where there is none, as in a wheel."""
    if not path.exists():
        return
    text = path.read_text(encoding="utf-8")
    for beginning, value in (
        ("version: ", bundle.version),
        ("date-released: ", bundle.released_on.isoformat()),
        ("    value: ", f"sha256:{bundle.digest}"),
    ):
        text = re.sub(f'^{beginning}".*"$', f'{beginning}"{value}"', text, count=1, flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")

"""What the project is built from: locked packages are audited, images are named by digest."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml
from packaging.markers import Marker

from tests.conftest import ROOT

VULNERABLE = "starlette"
DIGEST = re.compile(r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}")


class Database(BaseHTTPRequestHandler):
    """Answers as osv.dev does: one package has a vulnerability."""

    def do_POST(self) -> None:
        """Answer the vulnerabilities of one package."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = asked["package"]["name"]
        found = {
            "id": "PYSEC-2099-1",
            "summary": "Reads on behind the end.",
            "affected": [
                {
                    "package": {"name": name, "ecosystem": "PyPI"},
                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999.0"}]}],
                }
            ],
        }
        body = json.dumps({"vulns": [found]} if name in self.server.vulnerable else {}).encode()  # type: ignore[attr-defined]  # set below
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no log into the output of the tests."""


@pytest.fixture
def database() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Database) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def audit(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / ".ci" / "audit.py"],
        env=os.environ | {"OSV_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def locked() -> int:
    """The packages that the lock has for this system."""
    lines = re.findall(
        r"^([\w.-]+)==\S+(?: ; (.*?))? \\$", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE
    )
    return len({name for name, marker in lines if not marker or Marker(marker).evaluate()})


@pytest.mark.parametrize("vulnerable", [set(), {VULNERABLE}])
def test_the_audit_names_what_the_database_knows(database: ThreadingHTTPServer, vulnerable: set[str]) -> None:
    database.vulnerable = vulnerable  # type: ignore[attr-defined]  # read by its handler
    run = audit(f"http://127.0.0.1:{database.server_port}/v1/query")
    assert run.returncode == len(vulnerable), run.stdout + run.stderr
    audited, known = map(int, re.findall(r"\d+(?= locked| with)", run.stdout))
    assert (audited, known) == (locked(), len(vulnerable))
    assert ("PYSEC-2099-1, fixed in 999.0" in run.stdout) == bool(vulnerable)


def test_an_audit_that_reaches_no_database_says_so() -> None:
    run = audit("http://127.0.0.1:9/v1/query")
    assert (run.returncode, run.stdout) == (0, "Not audited: no database of vulnerabilities is reached from here.\n")


def test_images_are_named_by_digest() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    images = [service["image"] for service in composed.values() if "build" not in service]
    images += re.findall(r"^ARG PYTHON=(.*)$", dockerfile, re.MULTILINE)
    assert [image for image in images if not DIGEST.fullmatch(image)] == []
    assert len(images) == 3
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"${PYTHON}"}

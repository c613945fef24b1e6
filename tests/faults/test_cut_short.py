"""An export that cannot be read to its end is cut, so that no client takes it for whole; the log says why."""

from pathlib import Path

import httpx
import pytest

from app.release.store import BATCH
from tests import databases
from tests.conftest import filled
from tests.databases import ENGINE, execute
from tests.faults.serving import serving
from tests.seed.base import many, write


@pytest.mark.on_every_engine
@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_an_export_whose_release_goes_meanwhile_is_cut_and_no_fault(tmp_path: Path, format_: str) -> None:
    folder = write(many(BATCH + 50), tmp_path / "facts")
    database = filled(databases.create(ENGINE, tmp_path), "--facts", str(folder))
    with serving(database, tmp_path / "log") as (_, url), httpx.Client(base_url=url) as client:
        assert client.get("/mechanisms?limit=1").json()["total"] == BATCH + 50
        execute(database, f"DELETE FROM document WHERE list = 'mechanisms' AND position >= {BATCH}")  # noqa: S608  # a number of our own
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(f"/mechanisms?format={format_}")
        assert "immunofacts_faults_total 0.0" in client.get("/metrics").text
        assert client.get("/live").status_code == 200
    log = (tmp_path / "log").read_text()
    assert '"event":"cut short"' in log
    assert "being removed" in log
    assert "Traceback" not in log

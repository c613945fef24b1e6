"""A server is told to stop under load: every request that it has read gets its whole answer, and it ends well.

One worker, idle connections and the like are in tests/http/test_server.py.
"""

import itertools
import signal
from collections import Counter
from pathlib import Path

from tests.conftest import run
from tests.faults.serving import serving, wait_for
from tests.raw import KeepAliveClient
from tests.seed.base import many, write

CLIENTS = 16
PATH = "/mechanisms?limit=100&q=examplumab+{}"


def test_no_request_in_flight_is_lost(loaded: str, tmp_path: Path) -> None:
    done = run("seed", "load", "--facts", str(write(many(60), tmp_path / "facts")), database=loaded)
    assert done.returncode == 0, done.stderr
    numbers = itertools.count()
    with serving(loaded, tmp_path / "log", WORKERS="2", CACHE_BYTES="0") as (process, url):
        clients = [KeepAliveClient(url, PATH, numbers) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        wait_for(lambda: all(client.counts["answered"] > 5 for client in clients), 60)
        process.send_signal(signal.SIGTERM)
        for client in clients:
            client.join(60)
        assert process.wait(30) == 0
    counts: Counter[str] = sum((client.counts for client in clients), Counter())
    print(dict(counts))
    assert counts["torn"] == 0
    assert counts["unread on a kept connection"] == 0
    assert counts["refused"] == CLIENTS
    # A connection that the system took, and the server did not come to take over, was never read.
    assert counts["unread on a new connection"] + counts["reset while connecting"] <= CLIENTS
    assert "Traceback" not in (tmp_path / "log").read_text()

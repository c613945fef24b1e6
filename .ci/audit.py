"""Audit the locked dependencies against a public database of vulnerabilities, where one can be reached.

Exits with 1 where a locked version has a known vulnerability, with 0 where none has, or where no database is reached:
then it says so, since nothing was found out.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
OSV_URL = os.environ.get("OSV_URL")
SERVICES: dict[str, list[str]] = {"osv": ["--osv-url", OSV_URL]} if OSV_URL else {"pypi": [], "osv": []}
"""Databases that pip-audit knows, in the order in which they are tried, and their options. `OSV_URL` names a mirror."""


def audited(service: str) -> list[dict[str, object]]:
    """The packages of the lock that a service knows, each with its vulnerabilities; empty where it is not reached."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip"),
        *("--vulnerability-service", service, "--format", "json", "--progress-spinner", "off", "--timeout", "10"),
        *SERVICES[service],
    ]
    # Its packages are those of the lock, pinned by hashes; what it writes to the error channel is a traceback at most.
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)  # noqa: S603
    found = json.loads(run.stdout)["dependencies"] if run.stdout.startswith("{") else []
    return [package for package in found if "vulns" in package]


def main() -> int:
    """Say what was found, and answer the exit status."""
    packages = next(filter(None, map(audited, SERVICES)), [])
    if not packages:
        print("Not audited: no database of vulnerabilities is reached from here.")
        return 0
    vulnerable = [package for package in packages if package["vulns"]]
    for package in vulnerable:
        for one in package["vulns"]:
            fixed = ", ".join(one["fix_versions"]) or "no version yet"
            print(f"{package['name']} {package['version']}: {one['id']}, fixed in {fixed}")
    print(f"{len(packages)} locked packages audited, {len(vulnerable)} with known vulnerabilities.")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())

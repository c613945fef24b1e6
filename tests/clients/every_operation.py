"""Call each operation of a client that openapi-python-client generated. Run: every_operation.py URL < operations.json.

Each operation has a tag, an id, arguments by name, and the name of the model that it is to return, or `str`.
"""

import json
import sys
from importlib import import_module

from generated import models
from generated.client import Client

client = Client(sys.argv[1], timeout=60)
called = 0
for operation in json.load(sys.stdin):
    module = import_module(f"generated.api.{operation['tag'].replace('-', '_')}.{operation['id']}")
    arguments = operation["arguments"]
    if operation["body"]:
        arguments["body"] = models.ResolveBody.from_dict(operation["body"])
    answer = module.sync_detailed(client=client, **arguments)
    expected = str if operation["returns"] == "str" else getattr(models, operation["returns"])
    if answer.status_code != 200 or not isinstance(answer.parsed, expected):
        sys.exit(f"{operation['id']} returned {answer.status_code}, {type(answer.parsed)}")
    whole = json.loads(answer.content.replace(b'Z"', b'+00:00"')) if expected is not str else None  # one of two ways
    if whole and answer.parsed.to_dict() != whole:
        sys.exit(f"{operation['id']} lost something of its answer")
    called += 1
print(called, "operations returned their models")

"""Run by the environment of the validators: what the library of SSSOM says of files, each as the code of its exit."""

import json
import sys

from click.testing import CliRunner
from sssom.cli import main

KINDS = ("JsonSchema", "PrefixMapCompleteness", "StrictCurieFormat")

if __name__ == "__main__":
    options = [argument for kind in KINDS for argument in ("-V", kind)]
    print(json.dumps([CliRunner().invoke(main, ["validate", *options, path]).exit_code for path in sys.argv[1:]]))

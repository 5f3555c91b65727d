"""Writes what aws-sam-translator makes of each `*.in.json` beside it, as `*.out.json`.

Run by hand when a case is added: `pip install aws-sam-translator==1.115.0 && python regenerate.py`.
An input is {"parameters": {...}, "template": {...}}.
"""

import json
import os
import pathlib

os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

from samtranslator.parser.parser import Parser  # noqa: E402
from samtranslator.translator.translator import Translator  # noqa: E402

for source in sorted(pathlib.Path(__file__).parent.glob("*.in.json")):
    case = json.loads(source.read_text())
    translator = Translator(managed_policy_map={}, sam_parser=Parser())
    output = translator.translate(case["template"], case["parameters"])
    target = source.with_name(source.name.replace(".in.json", ".out.json"))
    target.write_text(json.dumps(output, indent=1, sort_keys=True) + "\n")

#!/usr/bin/env python3
"""Writes types.json and names.txt beside it from the resource schemas of AWS's CloudFormation registry, as cfn-lint
packs them (PyPI, MIT-0). Run it in an environment with cfn-lint: `python regenerate.py AWS::S3::Bucket …` adds types;
without arguments the types that are there are written anew. Only facts are kept: names, structure, required members,
enumerations, which properties need a new resource, which are attributes. No prose, no patterns."""

import importlib.util
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
KEPT = ("type", "properties", "items", "$ref", "enum", "required", "additionalProperties", "patternProperties")
LISTS = ("createOnlyProperties", "conditionalCreateOnlyProperties", "primaryIdentifier", "readOnlyProperties")


def pruned(schema):
    if not isinstance(schema, dict):
        return schema
    out = {}
    for key in KEPT:
        if key not in schema:
            continue
        value = schema[key]
        if key in ("properties", "patternProperties"):
            value = {name: pruned(one) for name, one in sorted(value.items())}
        elif key in ("items", "additionalProperties"):
            value = pruned(value)
        elif key == "$ref":
            value = value.rsplit("/", 1)[-1]
        out[key] = value
    return out


def main():
    package = pathlib.Path(importlib.util.find_spec("cfnlint").origin).parent / "data" / "schemas"
    from cfnlint.data.schemas.providers.us_east_1 import types

    wanted = set(sys.argv[1:])
    target = HERE / "types.json"
    if target.exists():
        wanted |= set(json.loads(target.read_text()))
    lines = []
    for name in sorted(wanted):
        schema = json.loads((package / "resources" / f"{types[name]}.json").read_text())
        kept = pruned(schema)
        kept["definitions"] = {key: pruned(one) for key, one in sorted(schema.get("definitions", {}).items())}
        for key in LISTS:
            paths = [path.removeprefix("/properties/") for path in schema.get(key, [])]
            if paths:
                kept[key] = paths if key == "primaryIdentifier" else sorted(paths)
        lines.append(f"{json.dumps(name)}: {json.dumps(kept, separators=(',', ':'))}")
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    (HERE / "names.txt").write_text("".join(f"{name}\n" for name in sorted(types)))


main()

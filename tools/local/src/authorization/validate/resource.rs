//! The form of resources in identity policies.

use serde_json::{Map, Value};

use super::malformed::{LEGACY, Malformed, texts};

const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// The first fault of a resource, which IAM reports later than other faults.
///
/// # Errors
/// Returns the refusal of the legacy parser, which it reports at once.
pub(super) fn first_fault(statements: &[&Map<String, Value>]) -> Result<Option<Malformed>, Malformed> {
    let mut fault = None;
    for element in ["Resource", "NotResource"] {
        for statement in statements {
            let mut resources: Vec<&str> = texts(statement, element).collect();
            let listed = statement.get(element).is_some_and(Value::is_array);
            if listed {
                // IAM looks at the last in order first, and passes over the empty ones of a list.
                resources.retain(|resource| !resource.is_empty());
                resources.sort_unstable_by(|a, b| b.cmp(a));
            }
            for resource in &resources {
                fault = format_fault(resource).map(Malformed).or(fault);
            }
            if fault.is_none() && !resources.iter().all(|resource| is_legacy_fit(resource)) {
                return Err(Malformed::because(LEGACY));
            }
        }
    }
    Ok(fault)
}

/// An ARN with `::` in it has all its parts, and a service.
fn is_legacy_fit(resource: &str) -> bool {
    let colons = resource.matches(':').count();
    resource == "*"
        || ((colons >= 5 || !resource.contains("::"))
            && resource.split(':').nth(2).is_some_and(|part| !part.is_empty()))
}

fn format_fault(resource: &str) -> Option<String> {
    if resource == "*" {
        return None;
    }
    let Some((_, rest)) = resource.split_once(':') else {
        return Some(format!("Resource {resource} must be in ARN format or \"*\"."));
    };
    let (partition, rest) = rest.split_once(':').map_or((rest, None), |(partition, rest)| (partition, Some(rest)));
    if partition != "*" && !PARTITIONS.contains(&partition) {
        return Some(partition_fault(partition, rest.unwrap_or_default()));
    }
    let Some(rest) = rest else {
        return Some("Resource vendor must be fully qualified and cannot contain regexes.".to_owned());
    };
    let (service, rest) = rest.split_once(':').unwrap_or((rest, ""));
    service_fault(resource, service, rest)
}

fn partition_fault(partition: &str, rest: &str) -> String {
    let mut parts = rest.splitn(4, ':');
    let first = parts.next().filter(|first| !first.is_empty() || rest.contains(':')).unwrap_or("*");
    let others: Vec<&str> = (0..3).map(|_| parts.next().unwrap_or("*")).collect();
    format!("Partition \"{partition}\" is not valid for resource \"arn:{partition}:{first}:{}\".", others.join(":"))
}

/// IAM and S3 have no regions; IAM's resources begin with their kind.
fn service_fault(resource: &str, service: &str, rest: &str) -> Option<String> {
    let path = rest.splitn(3, ':').nth(2).unwrap_or_default();
    let regional = !rest.starts_with(':');
    match service {
        "iam" if regional => Some(format!("IAM resource {resource} cannot contain region information.")),
        "iam" if path != "*" && !IAM_PATHS.iter().any(|kind| path.starts_with(kind)) => {
            let kinds = IAM_PATHS.join(", ");
            Some(format!("IAM resource path must either be \"*\" or start with {kinds}."))
        }
        "s3" if regional && !path.starts_with("accesspoint/") => {
            Some(format!("Resource {resource} can not contain region information."))
        }
        _ => None,
    }
}

//! Every declared operation is called, and done to what, as the Service Authorization Reference has it.

use std::sync::Arc;

use super::services;
use crate::authorization::reference;
use crate::core::testing::hub_in;

/// The actions that IAM does not know, or that the reference has otherwise than AWS's documentation of the service.
const EXCEPTIONS: &[&str] = &["dynamodb:SearchVectors"];

#[tokio::test]
async fn every_operation_is_called_and_placed_as_the_reference_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let hub = hub_in(directory.path());
    let mut wrong = Vec::new();
    for service in services(&hub, &Arc::default(), &Arc::default()) {
        for declared in service.declared() {
            for action in declared.actions.iter().filter(|action| !EXCEPTIONS.contains(&action.as_str())) {
                // A member that is an ARN by itself says nothing of its kind.
                let told = |arn: &&str| *arn == "*" || !(arn.ends_with(":*") || arn.ends_with("/tags/*"));
                let place = declared.resource.as_deref().filter(told);
                if reference::action(action).is_none() {
                    wrong.push(format!("{action} is no action"));
                } else if let Some(arn) = place.filter(|arn| !reference::fits(action, arn)) {
                    wrong.push(format!("{action} on {arn}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

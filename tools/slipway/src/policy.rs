//! `slipway policy`: the least policy that a role needed.

use crate::cli::PolicyOptions;
use crate::console;
use crate::failure::Failure;
use crate::rehearsal::{last_access, least_policy};

/// Prints the policy.
///
/// # Errors
/// Fails if no rehearsal has ended here, or if the role is not one of it.
pub fn run(options: &PolicyOptions) -> Result<(), Failure> {
    console::result(&least_policy(&last_access()?, &options.role)?);
    Ok(())
}

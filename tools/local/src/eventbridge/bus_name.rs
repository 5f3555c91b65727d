//! The names of buses.

use crate::core::{Arn, PlaneIdentity, ServiceError};

/// The bus that AWS's own events come over, and that is always there.
pub(super) const DEFAULT: &str = "default";

/// The bus that a request means by a name or an ARN. A bus of another account or region is none of the plane's.
pub(super) fn named<'a>(identity: &PlaneIdentity, given: Option<&'a str>) -> Result<&'a str, ServiceError> {
    let given = given.unwrap_or(DEFAULT);
    let Some(arn) = Arn::parse(given) else { return Ok(given) };
    let here = arn.region == identity.region && arn.account == identity.account;
    match given.split_once(":event-bus/") {
        Some((_, name)) if here => Ok(name),
        _ => Err(no_bus(given)),
    }
}

/// That there is no such bus.
pub(super) fn no_bus(name: &str) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", format!("Event bus {name} does not exist."))
}

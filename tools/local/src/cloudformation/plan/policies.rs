//! The fate of resources that are removed or replaced: two attributes that parameters and conditions may decide.

use super::prepared::Prepared;
use crate::cloudformation::errors::validation;
use crate::cloudformation::intrinsics::{Fault, NoResources, Scope, resolve_or_null};
use crate::cloudformation::template::{DELETION_POLICY, Policy, ResourceDeclaration, UPDATE_REPLACE_POLICY, policy};
use crate::core::ServiceError;

impl Prepared {
    /// The fate of the resource when it is removed, and when another takes its place.
    ///
    /// # Errors
    /// Fails if one of the attributes names no policy.
    pub fn policies(&self, id: &str, declaration: &ResourceDeclaration) -> Result<(Policy, Policy), Fault> {
        let scope = Scope { fixed: &self.fixed, resources: &NoResources };
        let one = |attribute, value| policy(id, attribute, &resolve_or_null(value, scope)?).map_err(Fault::Wrong);
        Ok((
            one(DELETION_POLICY, &declaration.deletion_policy)?,
            one(UPDATE_REPLACE_POLICY, &declaration.update_replace_policy)?,
        ))
    }

    /// Refuses values that name no policy.
    pub(super) fn check_policies(&self) -> Result<(), ServiceError> {
        let mut all = self.template.resources.iter();
        all.try_for_each(|(id, declaration)| self.policies(id, declaration).map(drop))
            .map_err(|fault| validation(fault.message()))
    }
}

//! `Fn::GetAtt` and `Fn::Sub` may ask for what a type has: another attribute is refused before anything is done.

use super::prepared::Prepared;
use crate::cloudformation::errors::{unsupported, validation};
use crate::cloudformation::intrinsics::references;
use crate::cloudformation::provider::ProviderLookup;
use crate::cloudformation::schema;
use crate::core::ServiceError;

impl Prepared {
    pub(super) fn check_attributes(&self, lookup: ProviderLookup) -> Result<(), ServiceError> {
        for (id, value) in self.values() {
            for reference in references(value, Some(&self.fixed.conditions)) {
                let Some(attribute) = reference.attribute.as_deref().filter(|name| *name != "?") else { continue };
                let Some(resource) = self.template.resources.get(&reference.logical_id) else { continue };
                let kind = resource.resource_type.as_str();
                if lookup(kind).is_none_or(|provider| provider.attributes().contains(&attribute)) {
                    continue;
                }
                // AWS gives a property that the resource has like an attribute.
                let known = schema::resource_type(kind);
                let property = attribute.split('.').next().filter(|name| known.is_some_and(|it| it.is_writable(name)));
                if property.is_some_and(|name| resource.properties.get(name).is_some()) {
                    continue;
                }
                if property.is_some() || known.is_some_and(|known| known.has_attribute(attribute)) {
                    let logical_id = &reference.logical_id;
                    let line = self.source.line_of_resource(if id.is_empty() { logical_id } else { id });
                    return Err(unsupported(format_args!(
                        "the attribute {attribute} of resource {logical_id} ({kind}), line {line}"
                    )));
                }
                return Err(validation(if reference.in_sub {
                    format!("Template error: instance of Fn::Sub references invalid resource attribute {reference}")
                } else {
                    format!(
                        "Template error: resource {} does not support attribute type {attribute} in Fn::GetAtt",
                        reference.logical_id
                    )
                }));
            }
        }
        Ok(())
    }
}

//! The form of a resource type: a module's functions as a provider, and their answers.

use crate::cloudformation::provider::Resource;
use crate::core::ServiceError;

/// Implements [`Provider`](crate::cloudformation::provider::Provider) for a type by the functions of its module.
macro_rules! resource_type {
    ($name:ident { properties: $properties:expr, replaced_by: $replaced_by:expr,
        $(attributes: $attributes:expr,)? $(objections: $objections:path,)? create: $create:path,
        update: $update:path, delete: $delete:path $(, cancel: $cancel:path)? $(,)? }) => {
        #[derive(Debug)]
        pub(super) struct $name;

        impl $crate::cloudformation::provider::Provider for $name {
            fn properties(&self) -> &'static [&'static str] {
                $properties
            }

            fn replaced_by(&self) -> &'static [&'static str] {
                $replaced_by
            }

            $(fn attributes(&self) -> &'static [&'static str] {
                $attributes
            })?

            $(fn objections(
                &self,
                old: Option<&serde_json::Value>,
                new: &serde_json::Value,
            ) -> Vec<$crate::cloudformation::provider::Objection> {
                $objections(old, new)
            })?

            fn create<'a>(
                &'a self,
                context: &'a $crate::cloudformation::provider::ResourceContext,
                properties: &'a serde_json::Value,
            ) -> futures::future::BoxFuture<'a, $crate::cloudformation::providers::resource_type::Made> {
                Box::pin($create(context, properties))
            }

            fn update<'a>(
                &'a self,
                context: &'a $crate::cloudformation::provider::ResourceContext,
                current: &'a $crate::cloudformation::provider::Resource,
                old: &'a serde_json::Value,
                new: &'a serde_json::Value,
            ) -> futures::future::BoxFuture<'a, $crate::cloudformation::providers::resource_type::Made> {
                Box::pin($update(context, current, old, new))
            }

            fn delete<'a>(
                &'a self,
                context: &'a $crate::cloudformation::provider::ResourceContext,
                current: &'a $crate::cloudformation::provider::Resource,
                properties: &'a serde_json::Value,
            ) -> futures::future::BoxFuture<'a, $crate::cloudformation::providers::resource_type::Removed> {
                Box::pin($delete(context, current, properties))
            }

            $(fn cancel<'a>(
                &'a self,
                context: &'a $crate::cloudformation::provider::ResourceContext,
                properties: &'a serde_json::Value,
            ) -> futures::future::BoxFuture<'a, ()> {
                Box::pin($cancel(context, properties))
            })?
        }
    };
}
pub(super) use resource_type;

/// The answer of a create or an update.
pub(super) type Made = Result<Resource, ServiceError>;
/// The answer of a delete.
pub(super) type Removed = Result<(), ServiceError>;

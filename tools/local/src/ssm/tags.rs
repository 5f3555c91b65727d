//! Tags of parameters.

use serde_json::{Value, json};

use super::name::{self, Reference};
use super::state::{ParameterService, ParameterStore, Parameters, named};
use super::tag_set::checked;
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

type Op = Operation<ParameterService>;

/// The operations on tags.
pub(super) const OPERATIONS: &[Op] = &[
    Op::now("AddTagsToResource", "ResourceType ResourceId Tags{Key Value}", |service, request| {
        service.store.add_tags(&request.input)
    })
    .on_found(named),
    Op::now("RemoveTagsFromResource", "ResourceType ResourceId TagKeys", |service, request| {
        service.store.remove_tags(&request.input)
    })
    .on_found(named),
    Op::now("ListTagsForResource", "ResourceType ResourceId", |service, request| {
        service.store.list_tags(&request.input)
    })
    .on_found(named),
];

impl ParameterStore {
    fn tags_of<T>(
        &self,
        input: &Input,
        act: impl FnOnce(&mut Vec<Value>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        // The plane has nothing else that Systems Manager keeps tags of.
        if input.str("ResourceType")? != "Parameter" {
            return Err(no_resource());
        }
        let id = input.str("ResourceId")?;
        let reference = Reference::read(&self.hub.identity, id).map_err(|_| no_resource())?;
        let mut parameters: Parameters<'_> = self.parameters();
        let parameter = parameters.get_mut(name::key(&reference.name)).ok_or_else(no_resource)?;
        act(&mut parameter.tags)
    }

    pub(super) fn add_tags(&self, input: &Input) -> Reply {
        self.tags_of(input, |tags| {
            *tags = checked(tags.clone(), input.list("Tags"))?;
            Ok(Value::Null)
        })
    }

    pub(super) fn remove_tags(&self, input: &Input) -> Reply {
        let keys = input.strings("TagKeys");
        self.tags_of(input, |tags| {
            tags.retain(|tag| tag["Key"].as_str().is_none_or(|key| !keys.iter().any(|k| k == key)));
            Ok(Value::Null)
        })
    }

    pub(super) fn list_tags(&self, input: &Input) -> Reply {
        self.tags_of(input, |tags| Ok(json!({ "TagList": tags })))
    }
}

fn no_resource() -> ServiceError {
    ServiceError::new("InvalidResourceId", "Invalid Resource Id")
}

//! The API over a real driver, with a resource type that only tests have.

mod creating;
mod ending;
mod reading;
mod refusing;

use serde_json::{Value, json};

use crate::cloudformation::world::World;
use crate::core::StoredObject;

pub(super) const TWO: &str = "
Parameters:
  Value: {Type: String, Default: one}
Resources:
  A: {Type: Test::Thing, Properties: {Value: !Ref Value}}
  B: {Type: Test::Thing, Properties: {Value: !Sub '${A.Value}-b'}}
Outputs:
  Arn: {Value: !GetAtt A.Arn, Description: of A, Export: {Name: !Sub '${AWS::StackName}-arn'}}
";

pub(super) fn value(value: &str) -> Value {
    json!([{ "ParameterKey": "Value", "ParameterValue": value }])
}

/// A world whose stack `s` is made of `template`.
pub(super) async fn created(template: &str) -> World {
    let world = World::new();
    world.ok("CreateStack", json!({ "StackName": "s", "TemplateBody": template })).await;
    world.until("s", "CREATE_COMPLETE").await;
    world
}

//! Tags of APIs and stages by their ARNs: `arn:aws:apigateway:REGION::/apis/ID`, and `…/stages/NAME` below it.

use serde_json::json;

use super::errors::{bad_request, not_found};
use super::members::{Members, check_tags, required, tags};
use super::state::{ApiGateway, DELETE, Declared, GET, POST};
use crate::core::{Arn, Input, Reply, ServiceError};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("TagResource", "ResourceArn Tags", |state, request| {
        let added = tags(&request.input)?;
        state.on_tags(&request.input, |held| {
            let mut all = held.clone();
            all.extend(added);
            check_tags(&all)?;
            *held = all;
            Ok(json!({}))
        })
    })
    .on("/tags/{ResourceArn}")
    .called(POST),
    Declared::now("UntagResource", "ResourceArn TagKeys", |state, request| {
        state.on_tags(&request.input, |held| {
            for key in request.input.strings("TagKeys") {
                held.shift_remove(&key);
            }
            Ok(json!({}))
        })
    })
    .on("/tags/{ResourceArn}")
    .called(DELETE),
    Declared::now("GetTags", "ResourceArn", |state, request| {
        state.on_tags(&request.input, |held| Ok(json!({ "Tags": held })))
    })
    .on("/tags/{ResourceArn}")
    .called(GET),
];

impl ApiGateway {
    /// Does something with the tags of the API or the stage that an ARN names.
    fn on_tags(
        &self,
        input: &Input,
        act: impl FnOnce(&mut Members) -> Result<serde_json::Value, ServiceError>,
    ) -> Reply {
        let text = required(input, "ResourceArn")?;
        let arn = Arn::parse(text).filter(|arn| arn.service == "apigateway");
        let arn = arn.ok_or_else(|| bad_request(format!("Invalid ARN specified in the request: {text}")))?;
        let absent = || not_found(format!("Invalid resource identifier specified: {text}"));
        let mut path = arn.resource.strip_prefix("/apis/").ok_or_else(absent)?.split('/');
        let mut apis = self.apis();
        let api = apis.get_mut(path.next().unwrap_or_default()).ok_or_else(absent)?;
        match (path.next(), path.next()) {
            (None, _) => act(&mut api.tags),
            (Some("stages"), Some(name)) => act(&mut api.stages.get_mut(name).ok_or_else(absent)?.tags),
            _ => Err(absent()),
        }
    }
}

//! Tags of pipelines.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::page::page;
use super::state::CodePipeline;
use crate::core::{Arn, Input as Members, ServiceError};
use crate::operations::Operation;

type Declared = Operation<CodePipeline>;
type Tags = BTreeMap<String, String>;

/// The most tags that a resource has.
const LIMIT: usize = 50;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("TagResource", "resourceArn tags", |codepipeline: &CodePipeline, request| {
        let name = codepipeline.tagged(&request.input)?;
        codepipeline.check_tags(&name, &request.input)?;
        codepipeline.set_tags(&name, &request.input);
        Ok(json!({}))
    })
    .on("{resourceArn}"),
    Declared::now("UntagResource", "resourceArn tagKeys", |codepipeline: &CodePipeline, request| {
        let name = codepipeline.tagged(&request.input)?;
        let gone = request.input.strings("tagKeys");
        codepipeline.all_tags().entry(name).or_default().retain(|key, _| !gone.contains(key));
        Ok(json!({}))
    })
    .on("{resourceArn}"),
    Declared::now("ListTagsForResource", "resourceArn nextToken maxResults", |codepipeline: &CodePipeline, request| {
        let name = codepipeline.tagged(&request.input)?;
        let all = codepipeline.all_tags();
        let tags = all.get(&name).into_iter().flatten();
        let shown: Vec<(String, Value)> =
            tags.map(|(key, value)| (key.clone(), json!({ "key": key, "value": value }))).collect();
        page(&request.input, "tags", &shown, &name)
    })
    .on("{resourceArn}"),
];

impl CodePipeline {
    fn all_tags(&self) -> MutexGuard<'_, BTreeMap<String, Tags>> {
        self.tags.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pipeline that a request's ARN names.
    fn tagged(&self, input: &Members) -> Result<String, ServiceError> {
        let arn = input.str("resourceArn")?;
        let name = Arn::parse(arn).map(|arn| arn.name().to_owned()).unwrap_or_default();
        let known = self.read(|engine| engine.pipeline(&name).map(drop)).is_ok();
        if !known || arn != self.hub.arn("codepipeline", &name) {
            let account = &self.hub.identity.account;
            let text = format!("The account with id '{account}' does not include a pipeline with the name '{name}'");
            return Err(ServiceError::new("ResourceNotFoundException", text));
        }
        Ok(name)
    }

    /// Refuses tags that AWS keeps for itself, and too many.
    pub(super) fn check_tags(&self, name: &str, input: &Members) -> Result<(), ServiceError> {
        let given = given(input);
        if given.keys().any(|key| key.starts_with("aws:")) {
            let text = "Not allowed to modify system tags. System tags start with 'aws:'. \
                        msg=[Caller is an end user and not allowed to mutate system tags]";
            return Err(ServiceError::new("InvalidTagsException", text));
        }
        let mut together = self.all_tags().get(name).cloned().unwrap_or_default();
        together.extend(given);
        if together.len() > LIMIT {
            let arn = self.hub.arn("codepipeline", name);
            let text = format!("Tag limit exceeded for resource [{arn}].");
            return Err(ServiceError::new("TooManyTagsException", text));
        }
        Ok(())
    }

    pub(super) fn set_tags(&self, name: &str, input: &Members) {
        self.all_tags().entry(name.to_owned()).or_default().extend(given(input));
    }

    pub(super) fn forget_tags(&self, name: &str) {
        self.all_tags().remove(name);
    }
}

fn given(input: &Members) -> Tags {
    let text = |tag: &Value, member: &str| tag[member].as_str().unwrap_or_default().to_owned();
    input.list("tags").iter().map(|tag| (text(tag, "key"), text(tag, "value"))).collect()
}

//! AWS's own models of the plane's services: what an operation is called, what its members are, and what they may hold.
//!
//! The files in `models` are facts from botocore (`models/NOTICE`). They drive routing, decoding, validation, encoding, errors
//! and pages, so that no service has to remember AWS's names and limits by hand. A model is parsed when it is first asked for,
//! once, and never changes.
//!
//! Nothing here knows a service of the plane.

mod check;
mod coerce;
#[cfg(test)]
pub(crate) mod example;
mod faults;
mod honours;
mod parse;
mod pattern;
mod shape;
mod uri;

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

pub use check::{Fault, Shown, check};
pub use coerce::{coerce, from_text};
pub use faults::{Dialect, Wording, refusal};
pub use honours::{Honours, HonoursError};
pub use shape::{
    ByName, Constraints, ErrorShape, Kind, Location, Member, Model, Operation, Pages, Shape, ShapeId, Structure,
    TimeFormat, WireProtocol,
};
pub use uri::PathMembers;

/// One model file and what became of it.
struct Entry {
    name: &'static str,
    text: &'static str,
    model: OnceLock<Model>,
}

macro_rules! models {
    ($count:literal: $($name:literal),* $(,)?) => {
        static MODELS: [Entry; $count] = [$(Entry {
            name: $name,
            text: include_str!(concat!("../../models/", $name, ".json")),
            model: OnceLock::new(),
        }),*];
    };
}

// In the order of the alphabet, by which they are found.
models![18:
    "apigateway",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "codecommit",
    "codedeploy",
    "codepipeline",
    "dynamodb",
    "dynamodbstreams",
    "events",
    "iam",
    "lambda",
    "logs",
    "monitoring",
    "s3",
    "sns",
    "ssm",
    "sts",
];

/// The model of the service that requests for `name` are signed for; none for a service that the plane does not know.
pub fn of(name: &str) -> Option<&'static Model> {
    let place = MODELS.binary_search_by_key(&name, |entry| entry.name).ok()?;
    let entry = &MODELS[place];
    Some(entry.model.get_or_init(|| parse::model(entry.name, entry.text)))
}

/// The model of the service whose targets have this part before the dot.
pub fn of_target(prefix: &str) -> Option<&'static Model> {
    static TARGETS: LazyLock<HashMap<&str, &Model>> = LazyLock::new(|| {
        let models = names().filter_map(of);
        models.filter_map(|model| Some((model.target_prefix.as_deref()?, model))).collect()
    });
    TARGETS.get(prefix).copied()
}

/// The names of every service that has a model.
pub fn names() -> impl Iterator<Item = &'static str> {
    MODELS.iter().map(|entry| entry.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_is_read_and_every_operation_has_its_shapes() {
        for name in names() {
            let model = of(name).unwrap();
            assert!(model.operations().count() > 3, "{name}");
            for operation in model.operations() {
                for shape in [operation.input, operation.output].into_iter().flatten() {
                    assert!(model.structure(shape).is_some(), "{name}:{}", operation.name);
                }
            }
        }
    }

    #[test]
    fn every_pattern_of_the_models_compiles() {
        let wrong: Vec<String> = names()
            .flat_map(|name| of(name).unwrap().shapes().map(move |shape| (name, shape)))
            .filter_map(|(name, shape)| Some((name, shape, shape.constraints.pattern.as_ref()?)))
            .filter(|(_, _, pattern)| !pattern.compiles())
            .map(|(name, shape, pattern)| format!("{name}:{} {}", shape.name, pattern.text()))
            .collect();
        assert_eq!(wrong, Vec::<String>::new());
    }
}

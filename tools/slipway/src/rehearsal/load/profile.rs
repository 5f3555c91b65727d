//! The requests of users: weighted, as one of several owners. The file's form is in `tools/slipway/load/README.md`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// Stands for what a request of the same owner captured.
pub(super) const PLACEHOLDER: &str = "${id}";

/// A load profile, as its file holds it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Subjects of the tokens that requests are sent with.
    #[serde(default)]
    pub(super) owners: Vec<String>,
    pub(super) requests: Vec<Template>,
}

/// One kind of request.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Template {
    pub(super) name: String,
    #[serde(default = "one")]
    pub(super) weight: u32,
    #[serde(default = "get")]
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: Option<Value>,
    #[serde(default)]
    pub(super) expect: Option<u16>,
    #[serde(default)]
    pub(super) captures: Option<String>,
    #[serde(default)]
    pub(super) removes: bool,
}

fn one() -> u32 {
    1
}

fn get() -> String {
    "GET".to_owned()
}

/// The reason why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not JSON, or not of a profile's form.
    #[error("the load profile is not of the expected form")]
    Form(#[from] serde_json::Error),
    /// A request that cannot be sent.
    #[error("request {name:?} of the load profile {fault}")]
    Request {
        /// The request's name in the profile.
        name: String,
        /// The fault, as the predicate of a sentence.
        fault: &'static str,
    },
    /// Nothing can be sent at the beginning, when nothing is captured yet.
    #[error("every request of the load profile needs something that another captures first")]
    NoBeginning,
}

impl Template {
    /// True if it is about something that was captured.
    pub(super) fn needs_id(&self) -> bool {
        self.path.contains(PLACEHOLDER) || self.body.as_ref().is_some_and(|body| body.to_string().contains(PLACEHOLDER))
    }

    fn fault(&self, captured: bool) -> Option<&'static str> {
        let pointer = self.captures.as_deref().unwrap_or("/");
        [
            (self.weight == 0, "has no weight"),
            (!self.path.starts_with('/'), "has a path that does not begin with a slash"),
            (self.method.parse::<reqwest::Method>().is_err(), "has a method that is none"),
            (self.needs_id() && !captured, "uses ${id}, which no request captures"),
            (self.removes && !self.needs_id(), "removes something and does not say what: it has no ${id}"),
            (!pointer.starts_with('/'), "captures what is no JSON pointer"),
        ]
        .into_iter()
        .find_map(|(faulty, text)| faulty.then_some(text))
    }
}

impl Profile {
    /// Reads a profile, strictly.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = serde_json::from_str(text)?;
        let captured = profile.requests.iter().any(|request| request.captures.is_some());
        for request in &profile.requests {
            if let Some(fault) = request.fault(captured) {
                return Err(ProfileError::Request { name: request.name.clone(), fault });
            }
        }
        if profile.requests.iter().all(Template::needs_id) { Err(ProfileError::NoBeginning) } else { Ok(profile) }
    }

    /// `GET /`, as nobody in particular: all that is known of an application that brings no profile.
    pub fn front_page() -> Self {
        let request = Template {
            name: "front page".to_owned(),
            weight: one(),
            method: get(),
            path: "/".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            expect: None,
            captures: None,
            removes: false,
        };
        Self { owners: Vec::new(), requests: vec![request] }
    }

    /// Subjects of the tokens that requests are sent with.
    pub fn owners(&self) -> &[String] {
        &self.owners
    }
}

#[cfg(test)]
mod tests {
    use slipway_shared::telemetry::Chain;
    use test_case::test_case;

    use super::*;

    #[test]
    fn the_repositorys_own_can_be_read() {
        let profile = Profile::parse(include_str!("../../../load/contacts.json")).unwrap();
        assert!(profile.owners.len() > 1 && profile.requests.len() > 4);
    }

    #[test]
    fn the_documented_one_can_be_read() {
        let page = include_str!("../../../load/README.md");
        let (_, rest) = page.split_once("```json\n").unwrap();
        let profile = Profile::parse(rest.split_once("```").unwrap().0).unwrap();
        assert_eq!(profile.requests.iter().map(Template::needs_id).collect::<Vec<_>>(), [false, true, true]);
    }

    #[test_case("{}", "missing field `requests`"; "nothing")]
    #[test_case(r#"{"requests":[]}"#, "every request"; "no request")]
    #[test_case(r#"{"requests":[{"name":"a","path":"/","expects":200}]}"#, "unknown field `expects`"; "a misspelt member")]
    #[test_case(r#"{"requests":[{"name":"a","path":"x"}]}"#, "does not begin with a slash"; "a relative path")]
    #[test_case(r#"{"requests":[{"name":"a","path":"/","weight":0}]}"#, "has no weight"; "no weight")]
    #[test_case(r#"{"requests":[{"name":"a","path":"/","method":"G T"}]}"#, "a method that is none"; "no method")]
    #[test_case(r#"{"requests":[{"name":"a","path":"/${id}"}]}"#, "which no request captures"; "nothing captured")]
    #[test_case(r#"{"requests":[{"name":"a","path":"/${id}","captures":"/id"}]}"#, "every request"; "no beginning")]
    #[test_case(r#"{"requests":[{"name":"a","path":"/","captures":"id"}]}"#, "no JSON pointer"; "no pointer")]
    #[test_case(r#"{"requests":[{"name":"a","path":"/","removes":true}]}"#, "does not say what"; "nothing removed")]
    fn refuses(text: &str, fault: &str) {
        let error = Profile::parse(text).unwrap_err();
        let error = Chain(&error).to_string();
        assert!(error.contains(fault), "{error}");
    }
}

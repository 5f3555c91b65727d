//! Which route a request takes.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>: a full match comes first,
//! then the greedy variable with the longest path, then `$default`; a method of its own comes before `ANY`.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::core::ServiceError;

/// A route key such as `GET /contacts/{id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RouteKey {
    text: String,
    method: String,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

/// How well a route fits: more is better, compared from the first field on.
type Fit = (bool, usize, usize, bool);

impl RouteKey {
    /// Reads a key; `$default` takes what no other takes.
    pub(super) fn parse(text: &str) -> Result<Self, ServiceError> {
        let fault = || {
            ServiceError::new(
                "BadRequestException",
                format!("The provided route key is not formatted properly: {text}"),
            )
        };
        if text == "$default" {
            return Ok(Self {
                text: text.to_owned(),
                method: "ANY".to_owned(),
                segments: vec![Segment::Greedy(String::new())],
            });
        }
        let (method, path) = text.split_once(' ').ok_or_else(fault)?;
        const METHODS: &[&str] = &["ANY", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
        if !METHODS.contains(&method) || !path.starts_with('/') {
            return Err(fault());
        }
        let segments: Vec<Segment> = split(path)
            .map(|segment| match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(name) => match name.strip_suffix('+') {
                    Some(name) => Segment::Greedy(name.to_owned()),
                    None => Segment::Variable(name.to_owned()),
                },
                None => Segment::Literal(segment.to_owned()),
            })
            .collect();
        let greedy_inside = segments.iter().rev().skip(1).any(|segment| matches!(segment, Segment::Greedy(_)));
        if greedy_inside {
            Err(fault())
        } else {
            Ok(Self { text: text.to_owned(), method: method.to_owned(), segments })
        }
    }

    /// The key as it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether this is `$default`.
    fn is_default(&self) -> bool {
        self.text == "$default"
    }

    /// How the request fits, and its path parameters, decoded.
    fn fit(&self, method: &str, path: &str) -> Option<(Fit, BTreeMap<String, String>)> {
        if self.method != "ANY" && self.method != method {
            return None;
        }
        let mut parameters = BTreeMap::new();
        let mut literals = 0;
        let mut given = split(path).peekable();
        for segment in &self.segments {
            match segment {
                Segment::Greedy(name) => {
                    let rest: Vec<&str> = given.by_ref().collect();
                    if rest.is_empty() && !self.is_default() {
                        return None;
                    }
                    if !name.is_empty() {
                        parameters.insert(name.clone(), decoded(&rest.join("/")));
                    }
                    let own_method = self.method != "ANY";
                    return Some(((false, self.segments.len(), literals, own_method), parameters));
                }
                Segment::Literal(wanted) => {
                    if given.next()? != wanted {
                        return None;
                    }
                    literals += 1;
                }
                Segment::Variable(name) => {
                    parameters.insert(name.clone(), decoded(given.next()?));
                }
            }
        }
        if given.next().is_some() {
            return None;
        }
        Some(((true, self.segments.len(), literals, self.method != "ANY"), parameters))
    }
}

/// The best route for a request among `routes`, with the path parameters. `$default` comes last whatever it fits.
pub(super) fn select<'a, T>(
    routes: impl Iterator<Item = (&'a RouteKey, T)>,
    method: &str,
    path: &str,
) -> Option<(&'a RouteKey, T, BTreeMap<String, String>)> {
    routes
        .filter_map(|(key, target)| {
            let (fit, parameters) = key.fit(method, path)?;
            Some(((!key.is_default(), fit), key, target, parameters))
        })
        .max_by_key(|(fit, ..)| *fit)
        .map(|(_, key, target, parameters)| (key, target, parameters))
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.trim_matches('/').split('/').filter(|segment| !segment.is_empty())
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("GET", "/pets/dog/1" => Some("GET /pets/dog/1".to_owned()))]
    #[test_case("GET", "/pets/dog/2" => Some("GET /pets/dog/{id}".to_owned()))]
    #[test_case("GET", "/pets/cat/2" => Some("GET /pets/{proxy+}".to_owned()))]
    #[test_case("POST", "/pets/cat" => Some("ANY /{proxy+}".to_owned()))]
    #[test_case("GET", "/pets" => Some("ANY /{proxy+}".to_owned()))]
    #[test_case("GET", "/" => Some("$default".to_owned()))]
    fn the_documented_priorities(method: &str, path: &str) -> Option<String> {
        let keys = ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"];
        let keys: Vec<RouteKey> = keys.iter().map(|key| RouteKey::parse(key).unwrap()).collect();
        select(keys.iter().map(|key| (key, ())), method, path).map(|(key, ..)| key.text().to_owned())
    }

    #[test]
    fn parameters_are_decoded() {
        let key = RouteKey::parse("GET /a/{id}/{rest+}").unwrap();
        let (_, (), parameters) = select([(&key, ())].into_iter(), "GET", "/a/x%20y/b/c").unwrap();
        assert_eq!((parameters["id"].as_str(), parameters["rest"].as_str()), ("x y", "b/c"));
        assert!(RouteKey::parse("FETCH /a").is_err());
        assert!(RouteKey::parse("GET /{a+}/b").is_err());
    }
}

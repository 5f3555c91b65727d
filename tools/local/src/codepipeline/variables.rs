//! `#{namespace.key}` in the configuration of actions.

use std::collections::BTreeMap;

/// Output variables by namespace.
pub type Namespaces = BTreeMap<String, BTreeMap<String, String>>;

/// Replaces every `#{namespace.key}`.
///
/// # Errors
/// The first one that has no value, as it is written.
pub fn resolve(text: &str, namespaces: &Namespaces) -> Result<String, String> {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find("#{") {
        resolved.push_str(&rest[..begin]);
        let Some(length) = rest[begin..].find('}') else { break };
        let written = &rest[begin..=begin + length];
        let value = written[2..length].split_once('.').and_then(|(namespace, key)| namespaces.get(namespace)?.get(key));
        resolved.push_str(value.ok_or_else(|| written.to_owned())?);
        rest = &rest[begin + length + 1..];
    }
    resolved.push_str(rest);
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("plain", Ok("plain"); "nothing to resolve")]
    #[test_case("#{Source.CommitId}", Ok("c0ffee"); "a whole value")]
    #[test_case("a #{Source.CommitId}-#{Source.Branch} z", Ok("a c0ffee-main z"); "in the middle")]
    #[test_case("#{Source.CommitId", Ok("#{Source.CommitId"); "not closed")]
    #[test_case("{\"a\":\"#{Source.Branch}\"}", Ok("{\"a\":\"main\"}"); "in json")]
    #[test_case("#{Other.X}", Err("#{Other.X}"); "an unknown namespace")]
    #[test_case("#{Source.X}", Err("#{Source.X}"); "an unknown key")]
    fn variables_are_resolved(text: &str, expected: Result<&str, &str>) {
        let source =
            [("CommitId", "c0ffee"), ("Branch", "main")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let namespaces = Namespaces::from([("Source".to_owned(), BTreeMap::from(source))]);
        assert_eq!(resolve(text, &namespaces), expected.map(str::to_owned).map_err(str::to_owned));
    }
}

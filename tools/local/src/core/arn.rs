//! Amazon Resource Names, taken apart once.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use std::fmt;

/// `arn:partition:service:region:account:resource`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// The partition, `aws`.
    pub partition: String,
    /// The service's name, such as `lambda`.
    pub service: String,
    /// The region, such as `us-east-1`; empty for resources that have none.
    pub region: String,
    /// Twelve digits; empty for what belongs to no account.
    pub account: String,
    /// All that is left: `function:name:live`, `role/path/name`, `bucket/key`.
    pub resource: String,
}

impl Arn {
    /// Reads an ARN; none for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        let mut next = || parts.next().map(str::to_owned);
        let arn = Self { partition: next()?, service: next()?, region: next()?, account: next()?, resource: next()? };
        (!arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty()).then_some(arn)
    }

    /// The last part of the resource: the name without its type and path.
    pub fn name(&self) -> &str {
        self.resource.rsplit(['/', ':']).next().unwrap_or_default()
    }

    /// The rest of the resource after `kind` and a `/` or a `:`, if it is of that kind.
    pub fn of_kind(&self, kind: &str) -> Option<&str> {
        self.resource.strip_prefix(kind)?.strip_prefix(['/', ':'])
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_keeps_its_colons_and_slashes() {
        let text = "arn:aws:lambda:us-east-1:000000000000:function:app:live";
        let arn = Arn::parse(text).unwrap();
        assert_eq!((arn.service.as_str(), arn.of_kind("function"), arn.name()), ("lambda", Some("app:live"), "live"));
        assert_eq!(arn.to_string(), text);
        assert_eq!(Arn::parse("arn:aws:s3:::bucket/key").unwrap().account, "");
        assert_eq!(Arn::parse("arn:aws:iam::0:role/a/b").unwrap().of_kind("role"), Some("a/b"));
    }

    #[test]
    fn what_is_not_an_arn_is_none() {
        for text in ["", "app", "arn:aws:lambda", "arn:aws:lambda:r:a:", "arn::lambda:r:a:x"] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }
}

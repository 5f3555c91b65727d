//! The owner of contacts.

use std::fmt;

/// The owner of contacts: somebody whom an authorizer vouched for. No request reads or writes another owner's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(String);

impl Owner {
    /// The owner that an authorizer named as the subject.
    #[must_use]
    pub fn subject(subject: impl Into<String>) -> Self {
        Self(format!("subject:{}", subject.into()))
    }

    /// The owner as a part of keys.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A subject can be a person's name: never shown.
impl fmt::Debug for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Owner(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_never_shown() {
        assert!(!format!("{:?}", Owner::subject("ada@example.com")).contains("ada"));
    }
}

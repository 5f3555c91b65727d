//! Whose a contact is.

use std::fmt;

/// Whose contacts these are. No request reads or writes another owner's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(String);

impl Owner {
    /// The owner that an authorizer named as the subject.
    #[must_use]
    pub fn subject(subject: impl Into<String>) -> Self {
        Self(format!("subject:{}", subject.into()))
    }

    /// The owner of all contacts where the API has no authorizer. No subject can be this owner.
    #[must_use]
    pub fn everyone() -> Self {
        Self("everyone".to_owned())
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
    fn no_subject_is_everyone() {
        assert_ne!(Owner::subject("everyone"), Owner::everyone());
    }
}

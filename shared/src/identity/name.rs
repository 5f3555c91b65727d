//! The application's name, and the macro behind every checked text.

/// A text that is not the name it should be. Does not repeat the text, which may be long or secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not {expected}")]
pub struct InvalidName {
    /// The kind of name that was expected, with its rule.
    pub expected: &'static str,
}

/// A newtype over `String` whose only way in is `FromStr` with a rule.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $rule:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text as it was read, which keeps the rule.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::identity::InvalidName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let rule: fn(&str) -> bool = $rule;
                if rule(text) { Ok(Self(text.to_owned())) } else { Err($crate::identity::InvalidName { expected: $expected }) }
            }
        }
    };
}
pub(super) use checked_text;

/// `Display` and `Debug` of a text that may be shown.
macro_rules! shown {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "{}({})", stringify!($name), self.as_str())
            }
        }
    };
}
pub(super) use shown;

checked_text! {
    /// The application that is delivered, e.g. `slipway`. Part of parameter names and stack names.
    ApplicationName,
    "an application name (1 to 64 letters, digits and hyphens, beginning with a letter)",
    |text| {
        text.len() <= 64
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.chars().all(|each| each.is_ascii_alphanumeric() || each == '-')
    }
}
shown!(ApplicationName);

//! The remarks on a guarded template, for people.

use std::fmt;

/// A remark on a guarded template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The template guards this function itself.
    Own {
        /// The function's logical id.
        function: String,
    },
    /// The template guards this function itself, but for the alarms.
    OwnPreference {
        /// The function's logical id.
        function: String,
    },
    /// The template has an alias of this function that it hands to CodeDeploy itself.
    OwnPolicy {
        /// The function's logical id.
        function: String,
        /// The alias's logical id.
        alias: String,
    },
    /// The template says itself which version is released.
    OwnVersion {
        /// The function's logical id.
        function: String,
        /// The logical id of the version, or of the alias that names it.
        by: String,
    },
    /// A resource refers to the function in a place that does not become its alias: calls from there reach `$LATEST`.
    Unguarded {
        /// The function's logical id.
        function: String,
        /// The place, as a JSON pointer into the template.
        pointer: String,
    },
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own { function } => {
                write!(formatter, "{function} has a deployment preference in the template and is left as it is")
            }
            Self::OwnPreference { function } => {
                write!(formatter, "{function} has a deployment preference in the template, and gets the alarms alone")
            }
            Self::OwnPolicy { function, alias } => {
                write!(formatter, "{function} is left as it is: its alias {alias} has an update policy in the template")
            }
            Self::OwnVersion { function, by } => write!(
                formatter,
                "{by} says in the template which version of {function} is released: a release that leaves it as it is shifts nothing"
            ),
            Self::Unguarded { function, pointer } => write!(
                formatter,
                "{pointer} refers to {function} itself: what is called from there is $LATEST, which no deployment shifts"
            ),
        }
    }
}

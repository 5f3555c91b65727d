//! The faults of a guard, each with the resource that it is about.

use thiserror::Error;

/// A wish that the template does not allow.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GuardFault {
    /// The template has no such resource.
    #[error("the template has no resource {function}")]
    Missing {
        /// The logical id.
        function: String,
    },
    /// The resource is no function.
    #[error("{function} is {kind}, and only AWS::Serverless::Function and AWS::Lambda::Function can be guarded")]
    Kind {
        /// The logical id.
        function: String,
        /// The resource's type.
        kind: String,
    },
    /// The function is not written as a resource is.
    #[error("the Properties of {function} are no map")]
    Properties {
        /// The logical id.
        function: String,
    },
    /// A resource of the guard would have the logical id of another.
    #[error("the guard of {function} adds {resource}, and the template has a resource of that name")]
    Taken {
        /// The function's logical id.
        function: String,
        /// The logical id that is taken.
        resource: String,
    },
    /// An alarm's threshold would have to be derived from a time limit that only CloudFormation knows.
    #[error("the Timeout of {function} is no number: say the alarm's p99 milliseconds in the guard")]
    Timeout {
        /// The function's logical id.
        function: String,
    },
    /// A deployment preference of the template that only CloudFormation can read.
    #[error("the DeploymentPreference of {function} is decided by CloudFormation: the alarms cannot be put into it")]
    Preference {
        /// The function's logical id.
        function: String,
    },
    /// A function has several aliases, none of which has the guard's name.
    #[error("{function} has the aliases {}, and none is named {wanted}: say in the guard which one users reach", .aliases.join(" and "))]
    Aliases {
        /// The function's logical id.
        function: String,
        /// The logical ids of its aliases.
        aliases: Vec<String>,
        /// The guard's alias.
        wanted: String,
    },
    /// A function has several versions, and no alias that says which one is released.
    #[error("{function} has the versions {} and no alias that says which of them is released", .versions.join(" and "))]
    Versions {
        /// The function's logical id.
        function: String,
        /// The logical ids of its versions.
        versions: Vec<String>,
    },
    /// An alias that points where no deployment can begin or end.
    #[error("the alias {alias} of {function} {reason}, and CodeDeploy shifts from one version to another")]
    Alias {
        /// The function's logical id.
        function: String,
        /// The alias's logical id.
        alias: String,
        /// The obstacle, as the end of "the alias …".
        reason: &'static str,
    },
    /// The CodeDeploy application that SAM makes is there only sometimes.
    #[error(
        "{function} belongs to the CodeDeploy application that SAM makes for {sams}, which exists only if {sams} is guarded: \
         {reason}"
    )]
    Application {
        /// The plain function's logical id.
        function: String,
        /// The logical id of the SAM function.
        sams: String,
        /// The reason why it is not certain.
        reason: &'static str,
    },
}

impl GuardFault {
    /// The logical id of the function that cannot be guarded.
    #[must_use]
    pub fn function(&self) -> &str {
        match self {
            Self::Missing { function }
            | Self::Kind { function, .. }
            | Self::Properties { function }
            | Self::Taken { function, .. }
            | Self::Timeout { function }
            | Self::Preference { function }
            | Self::Aliases { function, .. }
            | Self::Versions { function, .. }
            | Self::Alias { function, .. }
            | Self::Application { function, .. } => function,
        }
    }
}

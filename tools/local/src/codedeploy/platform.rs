//! The compute platforms of applications and configurations.

use crate::core::{Input, ServiceError};

/// A `ComputePlatform`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    /// EC2 and machines on premises.
    Server,
    /// Functions of Lambda, the one platform that the plane deploys to.
    Lambda,
    /// Services of ECS.
    Ecs,
}

impl Platform {
    /// The `computePlatform` of a request: servers, when it names none.
    pub(super) fn of(input: &Input) -> Self {
        match input.opt_str("computePlatform") {
            Some("Lambda") => Self::Lambda,
            Some("ECS") => Self::Ecs,
            _ => Self::Server,
        }
    }

    /// The name in the API.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Server => "Server",
            Self::Lambda => "Lambda",
            Self::Ecs => "ECS",
        }
    }

    /// The configuration of a group that names none.
    pub(super) fn default_config(self) -> &'static str {
        match self {
            Self::Server => "CodeDeployDefault.OneAtATime",
            Self::Lambda => "CodeDeployDefault.LambdaAllAtOnce",
            Self::Ecs => "CodeDeployDefault.ECSAllAtOnce",
        }
    }

    /// Refuses what the plane keeps for this platform and does not run.
    ///
    /// # Errors
    /// `NotImplemented` for any platform but Lambda.
    pub(super) fn must_run(self, operation: &str) -> Result<(), ServiceError> {
        if self == Self::Lambda {
            return Ok(());
        }
        let what = format!("{operation} on the {} platform", self.as_str());
        Err(ServiceError::not_implemented("codedeploy", &what))
    }
}

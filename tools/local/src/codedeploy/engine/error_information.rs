//! An `ErrorInformation` and what it counts as.

/// The kind of an early end, which decides on the deployment's status and on whether it is rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codedeploy) enum EndedBy {
    /// It failed: `DEPLOYMENT_FAILURE`.
    Failure,
    /// It failed on an alias that was not as the AppSpec says. Nothing was moved, so nothing is put back: on AWS, too,
    /// weights that a stopped deployment left behind stay until somebody clears them.
    Untouched,
    /// An alarm: `DEPLOYMENT_STOP_ON_ALARM`.
    Alarm,
    /// `StopDeployment`, with its `autoRollbackEnabled`.
    Request { auto_rollback: Option<bool> },
}

/// An `ErrorInformation` and what it counts as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codedeploy) struct Fault {
    /// An `ErrorCode`.
    pub code: &'static str,
    /// The text a person reads.
    pub message: String,
    /// The kind of end that it makes.
    pub ended_by: EndedBy,
}

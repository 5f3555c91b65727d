//! The statuses of stacks and resources, by AWS's names.

/// The status of a stack: under review, in an operation, or after one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StackStatus {
    ReviewInProgress,
    CreateInProgress,
    CreateFailed,
    CreateComplete,
    RollbackInProgress,
    RollbackFailed,
    RollbackComplete,
    DeleteInProgress,
    DeleteFailed,
    DeleteComplete,
    UpdateInProgress,
    UpdateCompleteCleanupInProgress,
    UpdateComplete,
    UpdateFailed,
    UpdateRollbackInProgress,
    UpdateRollbackFailed,
    UpdateRollbackCompleteCleanupInProgress,
    UpdateRollbackComplete,
}

impl StackStatus {
    /// The status as AWS names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReviewInProgress => "REVIEW_IN_PROGRESS",
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::CreateFailed => "CREATE_FAILED",
            Self::CreateComplete => "CREATE_COMPLETE",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackFailed => "ROLLBACK_FAILED",
            Self::RollbackComplete => "ROLLBACK_COMPLETE",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::DeleteComplete => "DELETE_COMPLETE",
            Self::UpdateInProgress => "UPDATE_IN_PROGRESS",
            Self::UpdateCompleteCleanupInProgress => "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            Self::UpdateComplete => "UPDATE_COMPLETE",
            Self::UpdateFailed => "UPDATE_FAILED",
            Self::UpdateRollbackInProgress => "UPDATE_ROLLBACK_IN_PROGRESS",
            Self::UpdateRollbackFailed => "UPDATE_ROLLBACK_FAILED",
            Self::UpdateRollbackCompleteCleanupInProgress => "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            Self::UpdateRollbackComplete => "UPDATE_ROLLBACK_COMPLETE",
        }
    }

    /// True if an operation is running.
    pub fn is_busy(self) -> bool {
        self != Self::ReviewInProgress && self.as_str().ends_with("_IN_PROGRESS")
    }

    /// True if an update may begin. The two failed ones are those of a stack whose rollback was disabled.
    pub fn can_update(self) -> bool {
        matches!(
            self,
            Self::CreateComplete
                | Self::UpdateComplete
                | Self::UpdateRollbackComplete
                | Self::UpdateFailed
                | Self::CreateFailed
        )
    }
}

/// The fate of a stack whose creation fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Everything that was made is deleted; the stack stays as `ROLLBACK_COMPLETE`.
    #[default]
    Rollback,
    /// Nothing is undone; the stack stays as `CREATE_FAILED`.
    DoNothing,
    /// The stack is deleted, with everything that was made.
    Delete,
}

/// The operation on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Create,
    Update,
    Delete,
}

/// The progress of an operation on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Started,
    Complete,
    Failed,
    /// A deletion that a policy forbids.
    Skipped,
}

/// The status of a resource: the operation on it, and its progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceStatus(pub Verb, pub Progress);

impl ResourceStatus {
    /// The status as AWS names it.
    pub fn as_str(self) -> &'static str {
        match (self.0, self.1) {
            (Verb::Create, Progress::Started) => "CREATE_IN_PROGRESS",
            (Verb::Create, Progress::Complete) => "CREATE_COMPLETE",
            (Verb::Create, Progress::Failed | Progress::Skipped) => "CREATE_FAILED",
            (Verb::Update, Progress::Started) => "UPDATE_IN_PROGRESS",
            (Verb::Update, Progress::Complete) => "UPDATE_COMPLETE",
            (Verb::Update, Progress::Failed | Progress::Skipped) => "UPDATE_FAILED",
            (Verb::Delete, Progress::Started) => "DELETE_IN_PROGRESS",
            (Verb::Delete, Progress::Complete) => "DELETE_COMPLETE",
            (Verb::Delete, Progress::Failed) => "DELETE_FAILED",
            (Verb::Delete, Progress::Skipped) => "DELETE_SKIPPED",
        }
    }
}

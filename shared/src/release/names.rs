//! Where releases are kept in Parameter Store.

/// Names of the parameters of one application's stage: everything is below `/slipway/<application>/<stage>/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseNames {
    prefix: String,
}

impl ReleaseNames {
    /// The names for `application` going to `stage`.
    pub fn new(application: &str, stage: &str) -> Self {
        Self { prefix: format!("/slipway/{application}/{stage}") }
    }

    /// The path below which the release records are.
    pub fn records(&self) -> String {
        format!("{}/releases", self.prefix)
    }

    /// The record of the release of one pipeline execution.
    pub fn record(&self, execution_id: &str) -> String {
        format!("{}/releases/{execution_id}", self.prefix)
    }

    /// Which release took the stack last.
    pub fn current(&self) -> String {
        format!("{}/releases/current", self.prefix)
    }

    /// Whose existence says that somebody sends, or has sent, the notification of a release.
    pub fn notification(&self, execution_id: &str) -> String {
        format!("{}/notifications/{execution_id}", self.prefix)
    }

    /// The path below which the hooks leave their verdicts on one deployment.
    pub fn verdicts(&self, deployment_id: &str) -> String {
        format!("{}/verdicts/{deployment_id}", self.prefix)
    }

    /// Whether `name` is a release's record (and not `current`).
    pub fn is_record(&self, name: &str) -> bool {
        let below = name.strip_prefix(&self.records()).and_then(|rest| rest.strip_prefix('/'));
        below.is_some_and(|id| !id.is_empty() && id != "current" && !id.contains('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_agreed_layout() {
        let names = ReleaseNames::new("rolodex", "qa");
        assert_eq!(names.record("e-1"), "/slipway/rolodex/qa/releases/e-1");
        assert_eq!(names.current(), "/slipway/rolodex/qa/releases/current");
        assert_eq!(names.verdicts("d-1"), "/slipway/rolodex/qa/verdicts/d-1");
        assert_eq!(names.notification("e-1"), "/slipway/rolodex/qa/notifications/e-1");
    }

    #[test]
    fn only_records_are_records() {
        let names = ReleaseNames::new("rolodex", "qa");
        assert!(names.is_record("/slipway/rolodex/qa/releases/e-1"));
        assert!(!names.is_record("/slipway/rolodex/qa/releases/current"));
        assert!(!names.is_record("/slipway/rolodex/qa/notifications/e-1"));
        assert!(!names.is_record("/slipway/rolodex/qa/releases/e-1/more"));
    }
}

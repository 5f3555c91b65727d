//! One request that was sent, and what came of it.

use std::time::Instant;

/// One request that was sent.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its name in the profile.
    pub request: String,
    /// The time at which it was sent.
    pub sent: Instant,
    /// The time at which its answer, or its loss, was known.
    pub answered: Instant,
    /// The version that answered; none when nothing was invoked.
    pub version: Option<String>,
    /// The status; none when the request was lost.
    pub status: Option<u16>,
    /// The status that a good answer has; none when any below 500 is good.
    pub expected: Option<u16>,
}

impl Sample {
    /// True if a user would call this an error.
    pub fn is_error(&self) -> bool {
        match (self.status, self.expected) {
            (None, _) => true,
            (Some(status), Some(expected)) => status != expected,
            (Some(status), None) => status >= 500,
        }
    }

    /// The request and what came instead of a good answer.
    pub fn fault(&self) -> String {
        match self.status {
            Some(status) => format!("{} {status}", self.request),
            None => format!("{} lost", self.request),
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(Some(200), None, false; "good")]
    #[test_case(Some(404), None, false; "what users do wrong")]
    #[test_case(Some(500), None, true; "what the application does wrong")]
    #[test_case(Some(404), Some(200), true; "not what was expected")]
    #[test_case(Some(404), Some(404), false; "what was expected")]
    #[test_case(None, None, true; "lost")]
    fn an_error_is_what_a_user_would_call_one(status: Option<u16>, expected: Option<u16>, error: bool) {
        let now = Instant::now();
        let sample = Sample { request: "r".into(), sent: now, answered: now, version: None, status, expected };
        assert_eq!(sample.is_error(), error);
    }
}

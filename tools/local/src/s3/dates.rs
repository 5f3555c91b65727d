//! Times as S3 keeps and says them: in whole seconds.

use std::time::{Duration, UNIX_EPOCH};

use crate::core::Timestamp;

/// The time as the library says it, without a fraction.
pub(super) fn said(at: Timestamp) -> s3s::dto::Timestamp {
    let seconds = u64::try_from(at.as_millis() / 1000).unwrap_or(0);
    (UNIX_EPOCH + Duration::from_secs(seconds)).into()
}

/// A time that a client said.
pub(super) fn heard(said: &s3s::dto::Timestamp) -> Timestamp {
    let mut text = Vec::new();
    if said.format(s3s::dto::TimestampFormat::DateTime, &mut text).is_err() {
        return Timestamp::default();
    }
    let text = String::from_utf8_lossy(&text);
    text.parse::<jiff::Timestamp>().map(|at| Timestamp::from_millis(at.as_millisecond())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_back_in_whole_seconds() {
        let at = Timestamp::from_millis(1_700_000_000_123);
        assert_eq!(heard(&said(at)), Timestamp::from_millis(1_700_000_000_000));
    }
}

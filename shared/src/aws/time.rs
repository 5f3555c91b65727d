//! The SDK's time as ours.

use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// The same moment, or `None` outside the years that `jiff` knows.
pub(super) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::from_nanosecond(time.as_nanos()).ok()
}

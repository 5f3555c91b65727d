//! The mark of a request that must not take a bucket that is there.

/// Goes with a request to make a bucket: a client in the first region may make its bucket again, a service must not take
/// what is there for its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct MustBeNew;

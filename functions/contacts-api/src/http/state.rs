//! The state that every handler has at hand: the store, and the time.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// The time now, as a port, so that a test can say.
#[derive(Clone)]
pub(super) struct Now(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Now {
    /// The machine's clock.
    pub(super) fn system() -> Self {
        Self::new(Timestamp::now)
    }

    pub(super) fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(super) fn get(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Now {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Now")
    }
}

/// The state of the routes.
#[derive(Clone, Debug)]
pub(super) struct Api<S> {
    /// The store of the contacts.
    pub(super) store: S,
    /// The clock of creations, changes and idempotency keys.
    pub(super) now: Now,
}

impl<S> Api<S> {
    /// Now, to the millisecond: as fine as an identity's time.
    pub(super) fn now(&self) -> Timestamp {
        let now = self.now.get();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

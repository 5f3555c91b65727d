//! The open door of an API: a loopback port.

use std::net::SocketAddr;

use tokio::task::AbortHandle;

/// An open door. It closes when it is dropped.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) address: SocketAddr,
    pub(super) server: AbortHandle,
}

impl Door {
    /// The loopback address at which it takes requests.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.server.abort();
    }
}

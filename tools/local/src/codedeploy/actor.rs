//! The actor that carries out the engine's effects.

use std::sync::{Arc, Mutex};

use super::catalog::Catalog;
use super::roles::Sessions;
use crate::core::Hub;

/// The one that carries out effects.
#[derive(Clone)]
pub(super) struct Actor {
    pub(super) hub: Arc<Hub>,
    pub(super) catalog: Arc<Mutex<Catalog>>,
    pub(super) sessions: Arc<Sessions>,
}

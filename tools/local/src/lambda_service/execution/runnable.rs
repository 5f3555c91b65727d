//! The version that is run, with the environments that wait for it.

use super::pool::Pool;
use super::program::Program;

/// A version as the machine runs it: its own code and settings, and the environments that wait.
#[derive(Debug)]
pub(in crate::lambda_service) struct Runnable {
    pub(in crate::lambda_service) program: Program,
    pub(in crate::lambda_service) pool: Pool,
}

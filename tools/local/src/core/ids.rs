//! Identifiers from one seeded generator, so that a seeded plane or simulation repeats itself.

use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A shared, seeded source of identifiers and random choices.
#[derive(Clone, Debug)]
pub struct Ids(Arc<Mutex<StdRng>>);

impl Ids {
    /// A generator that repeats for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// A generator seeded by the operating system.
    pub fn random() -> Self {
        Self(Arc::new(Mutex::new(StdRng::from_os_rng())))
    }

    fn with<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A version 4 UUID.
    pub fn uuid(&self) -> String {
        uuid::Builder::from_random_bytes(self.with(|rng| rng.random())).into_uuid().to_string()
    }

    /// `length` lower-case hexadecimal digits.
    pub fn hex(&self, length: usize) -> String {
        self.text(length, b"0123456789abcdef")
    }

    /// `length` capitals and digits, as in CodeDeploy's deployment ids (`d-` and nine of these).
    pub fn capitals(&self, length: usize) -> String {
        self.text(length, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    }

    /// `length` lower-case letters and digits, as in API Gateway's ids.
    pub fn lower(&self, length: usize) -> String {
        self.text(length, b"abcdefghijklmnopqrstuvwxyz0123456789")
    }

    /// A number in `[0, 1)`: a weighted choice draws one per invocation.
    pub fn fraction(&self) -> f64 {
        self.with(|rng| rng.random::<f64>())
    }

    /// `length` letters of an alphabet of ASCII.
    pub fn text(&self, length: usize, alphabet: &[u8]) -> String {
        self.with(|rng| (0..length).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_identifiers() {
        let (a, b) = (Ids::seeded(7), Ids::seeded(7));
        assert_eq!((a.uuid(), a.hex(8)), (b.uuid(), b.hex(8)));
        assert_ne!(a.uuid(), a.uuid());
    }
}

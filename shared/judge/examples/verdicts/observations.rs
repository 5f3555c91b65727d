//! Simulated deployments as `cargo slipway judge` reads them, to time it.

use std::io::{self, BufWriter, Write};

use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::figures::DEPLOYMENTS;
use super::scenario::{Traffic, looks};

/// Writes good deployments at 5 % errors.
pub fn write(out: impl Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    for deployment in 0..DEPLOYMENTS {
        let mut random = SmallRng::seed_from_u64(u64::from(deployment));
        for (look, pair) in (1..).zip(looks(Traffic::Drawn(250), 0.05, 0.05, &mut random)) {
            for (version, counts) in [("target", pair.target), ("current", pair.current)] {
                writeln!(
                    out,
                    r#"{{"deployment":"{deployment}","at":{},"version":"{version}","metric":"errors","requests":{},"bad":{}}}"#,
                    30 * look,
                    counts.requests(),
                    counts.bad()
                )?;
            }
        }
    }
    out.flush()
}

//! Hours of deployments in made-up time, against a made-up Lambda and CloudWatch.

mod always;
mod endings;
mod invariants;
mod timelines;
mod world;

//! Least privilege: the templates' policies against AWS's own facts, each role against what its function does, and attackers who hold
//! the pipeline's roles against all of it.

mod boundary;
mod escalation;
mod facts;
mod facts_tests;
mod globs;
mod ground;
mod ports;
mod sources;
mod statements;
mod tracing;

//! One start of one program: what it costs until it is ready, until its first answer, and for each answer after that.

use std::time::Duration;

use crate::contact::Event;
use crate::environment::Environment;
use crate::process::Process;
use crate::program::Program;
use crate::quota::Quota;

/// Answers after the first that are not counted: buffers grow and connections settle.
const SETTLING: u32 = 50;

/// The figures of one start.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// On-CPU time of all threads, from spawn until it waits for its first event.
    pub init: Duration,
    /// The same until it waits again after its first answer.
    pub cold: Duration,
    /// Wall time of the first answer: init is over by then.
    pub first_answer: Duration,
    /// On-CPU time of one of many later answers.
    pub warm: Duration,
    /// Resident memory after them, bytes.
    pub resident: u64,
}

impl Start {
    /// Starts, asks and ends a program.
    ///
    /// # Errors
    /// Fails if it does not answer as it should.
    pub async fn of(
        program: &Program,
        environment: &Environment,
        event: &Event,
        requests: u32,
    ) -> anyhow::Result<Self> {
        let mut process = Process::start(program, environment).await?;
        let clock = process.clock()?;
        process.ready().await?;
        let init = clock.settled().await?;
        let first_answer = process.ask(event, 200).await?.took;
        let cold = clock.settled().await?;
        for _ in 0..SETTLING {
            process.ask(event, 200).await?;
        }
        let begin = clock.settled().await?;
        for _ in 0..requests {
            process.ask(event, 200).await?;
        }
        let warm = (clock.settled().await? - begin) / requests;
        let resident = process.resident()?;
        process.end().await?;
        Ok(Self { init, cold, first_answer, warm, resident })
    }
}

/// Wall time of the first answer of a program that init left with a fraction of a CPU: init itself has a whole one.
///
/// # Errors
/// Fails if it does not answer as it should.
pub async fn first_answer_under(
    quota: &Quota,
    program: &Program,
    environment: &Environment,
    event: &Event,
) -> anyhow::Result<Duration> {
    let mut process = Process::start(program, environment).await?;
    process.ready().await?;
    process.clock()?.settled().await?;
    quota.hold(process.id()?)?;
    let answer = process.ask(event, 200).await;
    process.end().await?;
    Ok(answer?.took)
}

//! The run: in each round every program once, so that what the machine does meanwhile happens to all of them.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Map, Value};

use crate::authority::Authority;
use crate::cli::Options;
use crate::contact::{self, Event};
use crate::dynamodb::DynamoDb;
use crate::environment::Environment;
use crate::instructions::Instructions;
use crate::measurement::{Start, first_answer_under};
use crate::network::{HOST, Network};
use crate::note;
use crate::package::Size;
use crate::process::Process;
use crate::program::{Program, Role, project_dir};
use crate::quota::Quota;
use crate::report::{Figures, Report};
use crate::statistics::Spread;

/// The surroundings that the starts of a program find.
struct Bench<'a> {
    environment: Environment,
    stub: DynamoDb,
    event: Event,
    contact: Map<String, Value>,
    added: Map<String, Value>,
    options: &'a Options,
}

/// The measurements of one program.
#[derive(Default)]
struct Series {
    starts: Vec<Start>,
    under_quota: Vec<Duration>,
}

/// Measures all programs.
///
/// # Errors
/// Fails if one of them does not answer as it should.
pub async fn measure(options: &Options, programs: &[Program], network: &Network) -> anyhow::Result<Report> {
    let directory = tempfile::tempdir()?;
    let bench = Bench::prepare(options, programs, network, directory.path()).await?;
    let quota = Quota::new(options.quota).map_err(|error| format!("{error:#}"));
    if let Err(reason) = &quota {
        note(&format!("no starts under a quota: {reason}"));
    }
    let mut series: Vec<Series> = programs.iter().map(|_| Series::default()).collect();
    for round in 1..=options.rounds {
        note(&format!("round {round} of {}", options.rounds));
        for (program, series) in programs.iter().zip(&mut series) {
            bench.present(program);
            series.starts.push(Start::of(program, &bench.environment, &bench.event, options.requests).await?);
            if let Ok(quota) = &quota {
                let took = first_answer_under(quota, program, &bench.environment, &bench.event).await?;
                series.under_quota.push(took);
            }
        }
    }
    let mut figures = Vec::new();
    for (program, series) in programs.iter().zip(series) {
        figures.push(bench.figures(program, &series).await?);
    }
    Ok(Report { rounds: options.rounds, requests: options.requests, quota: options.quota, programs: figures })
}

impl<'a> Bench<'a> {
    /// Starts the stub and lets the contacts API write the contact that everybody reads.
    async fn prepare(
        options: &'a Options,
        programs: &[Program],
        network: &Network,
        directory: &Path,
    ) -> anyhow::Result<Self> {
        let authority = Authority::new(project_dir(), directory, &[HOST, "localhost"])?;
        let stub = DynamoDb::start(&authority, network).await?;
        let environment = Environment::new(&authority, &stub, network);
        let writer = programs.first().context("there is no program")?;
        let mut process = Process::start(writer, &environment).await?;
        process.ready().await?;
        let answer = process.ask(&contact::create(), 201).await?;
        process.end().await?;
        let event = contact::read(&contact::created(&answer.body)?);
        let added = match &options.against_item {
            None => Map::new(),
            Some(path) => serde_json::from_slice(&std::fs::read(path)?).context("--against-item")?,
        };
        Ok(Self { contact: stub.item(), environment, stub, event, added, options })
    }

    /// Lets the stub have what this program looks for.
    fn present(&self, program: &Program) {
        let mut item = self.contact.clone();
        if program.role == Role::Added {
            item.extend(self.added.clone());
        }
        self.stub.set_item(item);
    }

    async fn figures(&self, program: &Program, series: &Series) -> anyhow::Result<Figures> {
        let instructions = if self.options.instructions {
            note(&format!("counting the instructions of {}", program.name));
            self.present(program);
            Some(Instructions::of(program, &self.environment, &self.event).await?)
        } else {
            None
        };
        let of = |figure: fn(&Start) -> f64| Spread::of(series.starts.iter().map(figure)).context("no round was run");
        Ok(Figures {
            name: program.name.clone(),
            role: program.role,
            init_cpu_ms: of(|start| milliseconds(start.init))?,
            cold_cpu_ms: of(|start| milliseconds(start.cold))?,
            warm_cpu_us: of(|start| milliseconds(start.warm) * 1e3)?,
            first_answer_ms: of(|start| milliseconds(start.first_answer))?,
            first_answer_under_quota_ms: Spread::of(series.under_quota.iter().copied().map(milliseconds)),
            resident_mb: of(|start| start.resident as f64 / 1e6)?,
            size: Size::of(&program.path)?,
            instructions,
        })
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

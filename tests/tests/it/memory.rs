//! A release of an artifact that is larger than the memory the trigger may have.

use std::fmt::Write as _;
use std::io::{Read, Write};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::artifact::{Spool, SpoolWriter};
use slipway_shared::aws::{self, AwsObjects, AwsSettings};
use slipway_shared::objects::{CreateObject as _, ObjectLocation};
use tokio::process::Command;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The trigger's own code in a process of its own.
const PROGRAM: &str = env!("CARGO_BIN_EXE_release-under-test");

/// The most memory that a release may take, in kilobytes, whatever the size of its artifact.
const BAR: u64 = 64 * 1024;

/// The beginning of a program for x86-64.
const HEADER: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0";

/// Bytes that look random and are always the same.
struct Noise(u64);

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for piece in buffer.chunks_mut(8) {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            piece.copy_from_slice(&self.0.to_le_bytes()[..piece.len()]);
        }
        Ok(buffer.len())
    }
}

/// An artifact that is written piece by piece, with its template and its sums at the end.
struct Artifact {
    zip: ZipWriter<SpoolWriter>,
    sums: String,
    functions: serde_json::Map<String, Value>,
}

impl Artifact {
    fn new() -> Result<Self> {
        let zip = ZipWriter::new(SpoolWriter::create());
        Ok(Self { zip, sums: String::new(), functions: serde_json::Map::new() })
    }

    fn add(&mut self, path: &str, content: &mut impl Read) -> Result<()> {
        self.zip.start_file(path, SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
        let (mut hasher, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
        loop {
            let read = content.read(&mut piece)?;
            if read == 0 {
                break;
            }
            hasher.update(&piece[..read]);
            self.zip.write_all(&piece[..read])?;
        }
        writeln!(self.sums, "{}  {path}", hex::encode(hasher.finalize()))?;
        Ok(())
    }

    /// Adds a function with a program of so many bytes.
    fn add_function(&mut self, folder: &str, bytes: u64) -> Result<()> {
        let seed = self.functions.len() as u64 + 1;
        let noise = Noise(seed).take(bytes.saturating_sub(HEADER.len() as u64));
        self.add(&format!("{folder}/bootstrap"), &mut HEADER.chain(noise))?;
        let properties = json!({ "Runtime": "provided.al2023", "CodeUri": folder });
        let function = json!({ "Type": "AWS::Serverless::Function", "Properties": properties });
        self.functions.insert(format!("Function{seed}"), function);
        Ok(())
    }

    fn finish(mut self) -> Result<Spool> {
        let template = json!({ "Resources": std::mem::take(&mut self.functions) }).to_string();
        self.add("template.yaml", &mut template.as_bytes())?;
        self.zip.start_file("SHA256SUMS", SimpleFileOptions::default())?;
        self.zip.write_all(self.sums.as_bytes())?;
        Ok(self.zip.finish()?.finish()?)
    }
}

/// Releases an artifact in a process of its own, within the bar, and checks that each of its functions' packages is stored under its sum.
async fn release(artifact: Spool, functions: usize) -> Result<()> {
    let plane = Plane::start(PlaneOptions::default()).await?;
    let environment = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", plane.endpoint()),
    ];
    let aws = AwsSettings::from_env(&environment)?;
    let store = plane.hub().objects()?;
    store.create_bucket("artifacts").await?;
    let location = ObjectLocation::new("artifacts", "build");
    let content = artifact.content(artifact.digest()?);
    AwsObjects::new(aws::s3(&aws), &aws).create_object(&location, content, "application/zip").await?;

    let run = Command::new(PROGRAM).arg(&location.key).env_clear().envs(environment).output().await?;
    ensure!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let told = String::from_utf8(run.stdout)?;
    let (kilobytes, template) = told.split_once('\n').context(told.clone())?;
    ensure!(kilobytes.parse::<u64>()? < BAR, "{kilobytes} kB");

    let template: Value = serde_json::from_str(template)?;
    let found = template["Resources"].as_object().context("no resources")?;
    ensure!(found.len() == functions, "{template}");
    for (id, function) in found {
        let uri = function["Properties"]["CodeUri"].as_str().context("no code")?;
        let key = uri.strip_prefix("s3://artifacts/").context(uri.to_owned())?;
        let package = store.get("artifacts", key).await.context(id.clone())?;
        ensure!(key == format!("functions/{}.zip", hex::encode(Sha256::digest(&package.body))), "{id} is {key}");
    }
    plane.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn an_artifact_of_250_megabytes_is_released_in_64_megabytes_of_memory() -> Result<()> {
    let mut artifact = Artifact::new()?;
    for number in 0..10 {
        artifact.add_function(&format!("target/lambda/function-{number}"), 25_000_000)?;
    }
    let artifact = artifact.finish()?;
    ensure!(artifact.length() > 250_000_000, "{}", artifact.length());
    release(artifact, 10).await
}

#[tokio::test]
async fn an_artifact_of_as_many_files_as_it_may_hold_is_too() -> Result<()> {
    let mut artifact = Artifact::new()?;
    artifact.add_function("f", 100)?;
    for number in 0..38_000 {
        artifact.add(&format!("f/{number:05}"), &mut &b"x"[..])?;
    }
    release(artifact.finish()?, 1).await
}

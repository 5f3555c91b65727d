//! A build's log: a file beside the build and a stream of `/aws/codebuild/<project>`, line by line and in order.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::core::{Hub, Timestamp};

/// The most lines that go to the log service at once.
const BATCH: usize = 500;

/// The places to which a build's lines go.
#[derive(Clone, Debug)]
pub struct Place {
    /// True if the log service has the lines too.
    pub serviced: bool,
    /// The log group, if `serviced`.
    pub group: String,
    /// The log stream in that group.
    pub stream: String,
    /// The file on this machine that has every line.
    pub file: PathBuf,
}

/// The log of one build.
pub struct Journal {
    hub: Arc<Hub>,
    sender: mpsc::UnboundedSender<(Timestamp, String)>,
    writer: JoinHandle<()>,
}

impl Journal {
    /// Opens the log.
    ///
    /// # Errors
    /// Fails if the file cannot be made.
    pub async fn open(hub: &Arc<Hub>, place: Place) -> std::io::Result<Self> {
        if let Some(folder) = place.file.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        let file = tokio::fs::File::create(&place.file).await?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let writer = tokio::spawn(write(Arc::clone(hub), place, file, receiver));
        Ok(Self { hub: Arc::clone(hub), sender, writer })
    }

    /// A line that a command printed.
    pub fn output(&self, line: &str) {
        self.send(line.to_owned());
    }

    /// A line of CodeBuild's own: `[Container] <time> <text>`.
    pub fn container(&self, text: &str) {
        let time = jiff::Timestamp::from_millisecond(self.hub.now().as_millis())
            .map(|time| time.strftime("%Y/%m/%d %H:%M:%S.%6f").to_string())
            .unwrap_or_default();
        self.send(format!("[Container] {time} {text}"));
    }

    /// Waits until everything is written.
    pub async fn close(self) {
        drop(self.sender);
        if let Err(error) = self.writer.await {
            tracing::warn!(%error, "the end of a build's log was lost");
        }
    }

    fn send(&self, line: String) {
        // The writer ends only after the last sender.
        let _ = self.sender.send((self.hub.now(), line));
    }
}

async fn write(
    hub: Arc<Hub>,
    place: Place,
    mut file: tokio::fs::File,
    mut receiver: mpsc::UnboundedReceiver<(Timestamp, String)>,
) {
    let names = json!({ "logGroupName": place.group, "logStreamName": place.stream });
    let mut serviced = place.serviced && {
        // The group is there from the project's second build on, or from the stack that made it.
        let _ = hub.call("logs", "CreateLogGroup", json!({ "logGroupName": place.group })).await;
        hub.call("logs", "CreateLogStream", names.clone()).await.is_ok()
    };
    let mut lines = Vec::new();
    while receiver.recv_many(&mut lines, BATCH).await > 0 {
        let text: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
        let written = async {
            file.write_all(text.as_bytes()).await?;
            file.flush().await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, file = %place.file.display(), "a build's log is incomplete");
        }
        let events: Vec<_> = lines
            .drain(..)
            .map(|(time, line)| json!({ "timestamp": time.as_millis(), "message": event_text(line) }))
            .collect();
        if serviced {
            let mut input = names.clone();
            input["logEvents"] = json!(events);
            if let Err(error) = hub.call("logs", "PutLogEvents", input).await {
                tracing::warn!(%error, group = place.group, "a build's log goes on in its file only");
                serviced = false;
            }
        }
    }
}

/// An event has a text: an empty line is a line end.
fn event_text(line: String) -> String {
    if line.is_empty() { "\n".to_owned() } else { line }
}

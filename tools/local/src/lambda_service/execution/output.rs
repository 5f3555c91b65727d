//! The standard output and error of a process: one pipe, so that both keep their order.
//!
//! The pipe is read on demand, by whoever runs the invocation: when a runtime answers, everything that it wrote
//! before is already in the pipe and is read without waiting.

use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::OwnedFd;

use tokio::net::unix::pipe::Receiver;

/// A line longer than this is cut: a log event holds no more.
const MAX_LINE: usize = 262_144 - 26;

/// The reading end of the pipe, with the line that is not ended yet.
#[derive(Debug)]
pub(super) struct Output {
    pipe: Option<Pipe>,
    partial: Vec<u8>,
}

#[derive(Debug)]
struct Pipe {
    /// Tells when something can be read.
    ready: Receiver,
    /// The same end: what was written before an answer came must be read even where the reactor has not noticed it.
    direct: PipeReader,
}

impl Pipe {
    /// Reads what is there; none when the other end is closed. `WouldBlock` means that nothing is.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.ready.try_read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.direct.read(buffer),
            read => read,
        }
    }
}

impl Output {
    /// A pipe: the end to read here and the end for the process.
    pub(super) fn new() -> io::Result<(Self, PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        let direct = reader.try_clone()?;
        // Makes both handles non-blocking: they are one file description.
        let ready = Receiver::from_owned_fd(OwnedFd::from(reader))?;
        Ok((Self { pipe: Some(Pipe { ready, direct }), partial: Vec::new() }, writer))
    }

    /// Waits until something can be read. Never returns once the process has closed its end.
    pub(super) async fn readable(&self) {
        match &self.pipe {
            Some(pipe) if pipe.ready.readable().await.is_ok() => {}
            _ => std::future::pending().await,
        }
    }

    /// The whole lines that can be read now.
    pub(super) fn take_lines(&mut self) -> Vec<String> {
        let mut buffer = [0; 8192];
        while let Some(pipe) = &mut self.pipe {
            match pipe.read(&mut buffer) {
                Ok(0) => self.pipe = None,
                Ok(read) => self.partial.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => self.pipe = None,
            }
        }
        let mut lines = Vec::new();
        while let Some(end) = self.partial.iter().take(MAX_LINE).position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            lines.push(text(&line[..end]));
        }
        while self.partial.len() >= MAX_LINE {
            let line: Vec<u8> = self.partial.drain(..MAX_LINE).collect();
            lines.push(text(&line));
        }
        lines
    }

    /// Everything that can be read now, an unfinished line included: for the end of an invocation.
    pub(super) fn take_all(&mut self) -> Vec<String> {
        let mut lines = self.take_lines();
        if !self.partial.is_empty() {
            lines.push(text(&std::mem::take(&mut self.partial)));
        }
        lines
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn lines_are_read_in_order_and_an_unfinished_one_waits_for_its_end() {
        let (mut output, mut writer) = Output::new().unwrap();
        writer.write_all(b"one\r\ntwo\nthr").unwrap();
        output.readable().await;
        assert_eq!(output.take_lines(), ["one", "two"]);
        writer.write_all(b"ee\nfour").unwrap();
        assert_eq!(output.take_all(), ["three", "four"]);
        drop(writer);
        assert!(output.take_all().is_empty());
    }
}

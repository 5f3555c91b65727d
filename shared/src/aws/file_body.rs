//! A file as the body of a request: read in pieces as it is sent, and from the beginning when it is sent again.
//!
//! The SDK has a body of its own for a path, but what is sent here has none, and its body for an open file is sent once only.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aws_smithy_types::body::SdkBody;
use hyper::body::{Body, Bytes, Frame, SizeHint};

/// The bytes that are read at once.
const PIECE_BYTES: u64 = 64 * 1024;

/// The first `length` bytes of `file`.
pub(super) fn of(file: Arc<File>, length: u64) -> SdkBody {
    SdkBody::retryable(move || SdkBody::from_body_1_x(FileBody { file: Arc::clone(&file), position: 0, length }))
}

struct FileBody {
    file: Arc<File>,
    position: u64,
    length: u64,
}

impl FileBody {
    /// Blocks the thread: it has been written a moment ago, so that it is in the page cache.
    fn piece(&mut self) -> io::Result<Bytes> {
        let mut piece = vec![0; usize::try_from((self.length - self.position).min(PIECE_BYTES)).unwrap_or_default()];
        self.file.read_exact_at(&mut piece, self.position)?;
        self.position += piece.len() as u64;
        Ok(piece.into())
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(self.piece().map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.position >= self.length
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length - self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use aws_smithy_types::byte_stream::ByteStream;

    use super::*;

    fn file(bytes: &[u8]) -> Arc<File> {
        let path = std::env::temp_dir().join(format!("slipway-file-body-{}-{}", std::process::id(), bytes.len()));
        let mut file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        file.write_all(bytes).unwrap();
        Arc::new(file)
    }

    #[tokio::test]
    async fn a_body_is_the_whole_file_each_time_and_its_length_is_known() {
        let bytes: Vec<u8> = (0..150_000_u32).map(|number| (number % 251) as u8).collect();
        let body = of(file(&bytes), bytes.len() as u64);
        assert_eq!(body.content_length(), Some(150_000));
        let again = body.try_clone().unwrap();
        for body in [body, again] {
            assert_eq!(ByteStream::new(body).collect().await.unwrap().to_vec(), bytes);
        }
    }

    #[tokio::test]
    async fn a_file_that_is_shorter_than_it_was_is_an_error() {
        assert!(ByteStream::new(of(file(b"short"), 10)).collect().await.is_err());
    }
}

//! The `aws-chunked` framing that SDKs put around uploads with trailing checksums.
//!
//! `LENGTH-IN-HEX[;chunk-signature=…]\r\n` data `\r\n` … `0\r\n` trailers. The library undoes it only for requests whose
//! signature it verifies.

use axum::body::Bytes;

/// A body without its framing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The bytes of the body, without the framing of its chunks.
    pub(super) data: Bytes,
    /// The headers behind it, as they were sent.
    pub(super) trailers: Vec<(String, String)>,
}

/// The data without its framing, or none when it is cut short.
pub(super) fn decode(mut framed: &[u8]) -> Option<Decoded> {
    let mut data = Vec::with_capacity(framed.len());
    loop {
        let head = line(&mut framed)?;
        let length = usize::from_str_radix(head.split(';').next()?.trim(), 16).ok()?;
        if length == 0 {
            return Some(Decoded { data: data.into(), trailers: trailers(framed) });
        }
        data.extend_from_slice(framed.get(..length)?);
        framed = framed.get(length..)?.strip_prefix(b"\r\n")?;
    }
}

fn trailers(mut framed: &[u8]) -> Vec<(String, String)> {
    let mut trailers = Vec::new();
    while let Some((name, value)) = line(&mut framed).and_then(|line| line.split_once(':')) {
        trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    trailers
}

/// Takes a line off, without its end. Some clients end a trailer with a line feed only.
fn line<'a>(framed: &mut &'a [u8]) -> Option<&'a str> {
    let end = framed.iter().position(|byte| *byte == b'\n')?;
    let line = framed[..end].strip_suffix(b"\r").unwrap_or(&framed[..end]);
    *framed = &framed[end + 1..];
    std::str::from_utf8(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_trailers_are_headers() {
        let framed = b"4;chunk-signature=0\r\nab\r\n\r\n2\r\ncd\r\n0\r\nX-Amz-Checksum-CRC32: AA==\r\nx-amz-trailer-signature:0\r\n\r\n";
        let decoded = decode(framed).unwrap();
        assert_eq!(decoded.data.as_ref(), b"ab\r\ncd");
        assert_eq!(decoded.trailers[0], ("x-amz-checksum-crc32".to_owned(), "AA==".to_owned()));
        assert_eq!(decode(b"0\r\n\r\n"), Some(Decoded { data: Bytes::new(), trailers: vec![] }));
    }

    #[test]
    fn what_is_cut_short_is_nothing() {
        for framed in [&b"9\r\nshort\r\n"[..], b"", b"2\r\nab", b"x\r\nab\r\n0\r\n", b"ffffffffffffffff\r\na\r\n0\r\n"]
        {
            assert_eq!(decode(framed), None);
        }
    }
}

//! The `aws-chunked` framing that SDKs put around uploads with trailing checksums.
//!
//! `LENGTH-IN-HEX[;chunk-signature=…]\r\n` data `\r\n` … `0\r\n` trailers. The library undoes it only for requests whose
//! signature it verifies.

use axum::body::Bytes;

/// The data without its framing, or none when a chunk is cut short.
pub(super) fn decode(mut framed: &[u8]) -> Option<Bytes> {
    let mut data = Vec::with_capacity(framed.len());
    loop {
        let end = framed.windows(2).position(|pair| pair == b"\r\n")?;
        let head = std::str::from_utf8(&framed[..end]).ok()?;
        let length = usize::from_str_radix(head.split(';').next()?.trim(), 16).ok()?;
        framed = &framed[end + 2..];
        if length == 0 {
            return Some(data.into());
        }
        data.extend_from_slice(framed.get(..length)?);
        framed = framed.get(length..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_trailers_left_out() {
        let framed = b"4;chunk-signature=0\r\nab\r\n\r\n2\r\ncd\r\n0\r\nx-amz-checksum-crc32:AA==\r\n\r\n";
        assert_eq!(decode(framed).unwrap().as_ref(), b"ab\r\ncd");
        assert!(decode(b"9\r\nshort\r\n").is_none());
    }
}

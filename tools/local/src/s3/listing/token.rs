//! Continuation tokens: where a listing goes on, opaque to the client.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::s3::refusal::Refusal;

/// The beginning of every token, so that another text is not taken for one.
const MARK: &str = "1";

/// A token for the place after this name.
pub(in crate::s3) fn write(after: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{MARK}{after}"))
}

/// The name that a token was made for.
pub(in crate::s3) fn read(token: &str) -> Result<String, Refusal> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.strip_prefix(MARK).map(str::to_owned))
        .ok_or_else(|| Refusal::argument("continuation-token", token, "The continuation token provided is incorrect"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_again_and_another_text_is_refused() {
        assert_eq!(read(&write("a/é")).unwrap(), "a/é");
        assert_eq!(read("nonsense").unwrap_err().code, "InvalidArgument");
        assert_eq!(read("").unwrap_err().code, "InvalidArgument");
    }
}

//! The context of a request: a trace and the step of it that called.
//!
//! X-Ray's header: <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>; W3C's:
//! <https://www.w3.org/TR/trace-context/#traceparent-header>.

/// A place in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace: X-Ray's eight digits of time and twenty-four more, or W3C's thirty-two.
    pub trace: u128,
    /// The step that called.
    pub parent: Option<u64>,
    /// True if the trace is kept.
    pub sampled: bool,
}

impl TraceContext {
    /// Reads `Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1`.
    #[must_use]
    pub fn from_xray(header: &str) -> Option<Self> {
        let member = |name: &str| header.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        let (time, rest) = member("Root")?.strip_prefix("1-")?.split_once('-')?;
        let trace = (time.len() == 8 && rest.len() == 24).then(|| number::<32>(&format!("{time}{rest}")))??;
        let parent = member("Parent").and_then(number::<16>).and_then(|parent| u64::try_from(parent).ok());
        Some(Self { trace, parent, sampled: member("Sampled") == Some("1") })
    }

    /// Reads `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`.
    #[must_use]
    pub fn from_traceparent(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if version.len() != 2 || version == "ff" || flags.len() != 2 {
            return None;
        }
        let flags = u8::from_str_radix(flags, 16).ok()?;
        let trace = number::<32>(trace).filter(|trace| *trace != 0)?;
        let parent = u64::try_from(number::<16>(parent)?).ok().filter(|parent| *parent != 0)?;
        Some(Self { trace, parent: Some(parent), sampled: flags & 1 == 1 })
    }

    /// X-Ray's way to write the trace.
    #[must_use]
    pub fn xray_trace(&self) -> String {
        let digits = format!("{:032x}", self.trace);
        format!("1-{}-{}", &digits[..8], &digits[8..])
    }
}

/// A number of exactly so many hexadecimal digits.
fn number<const DIGITS: usize>(text: &str) -> Option<u128> {
    let digits = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const ROOT: u128 = 0x6789_1233_abcd_ef01_2345_6789_1234_5678;

    #[test_case("Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1", Some(0x463a_c35c_9f64_13ad), true; "sampled")]
    #[test_case("Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=0;Lineage=1:a:0", Some(0x463a_c35c_9f64_13ad), false; "not sampled")]
    #[test_case("Sampled=?; Root=1-67891233-abcdef012345678912345678", None, false; "to be decided")]
    fn reads_xrays_header(header: &str, parent: Option<u64>, sampled: bool) {
        let context = TraceContext::from_xray(header).unwrap();
        assert_eq!(context, TraceContext { trace: ROOT, parent, sampled });
        assert_eq!(context.xray_trace(), "1-67891233-abcdef012345678912345678");
    }

    #[test_case("00-6789123" => None; "short")]
    #[test_case("00-67891233abcdef012345678912345678-463ac35c9f6413ad-01" => Some(true); "sampled")]
    #[test_case("cc-67891233abcdef012345678912345678-463ac35c9f6413ad-00-later" => Some(false); "a later version")]
    #[test_case("ff-67891233abcdef012345678912345678-463ac35c9f6413ad-01" => None; "no version")]
    #[test_case("00-00000000000000000000000000000000-463ac35c9f6413ad-01" => None; "no trace")]
    #[test_case("00-67891233abcdef012345678912345678-0000000000000000-01" => None; "no parent")]
    #[test_case("00-+7891233abcdef012345678912345678-463ac35c9f6413ad-01" => None; "a sign")]
    fn reads_w3cs_header(header: &str) -> Option<bool> {
        TraceContext::from_traceparent(header).map(|context| context.sampled)
    }

    #[test_case(""; "empty")]
    #[test_case("Root=1-6789-abc"; "short")]
    #[test_case("Root=2-67891233-abcdef012345678912345678"; "another version")]
    #[test_case("Parent=463ac35c9f6413ad;Sampled=1"; "no root")]
    fn what_is_no_header_is_no_place(header: &str) {
        assert_eq!(TraceContext::from_xray(header), None);
    }
}

//! Texts that nobody would write, through the doors that everybody has: no parser panics, hangs or eats memory.
//!
//! Each target begins with texts of its language and changes them. Any answer will do, but there must be one.
//! `FUZZ_SECONDS=60 cargo test -p slipway-local --lib fuzz::` looks for a minute at each, as CI does; a failure is kept and shrunk
//! by proptest.

use std::cell::Cell;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::codebuild::buildspec::Buildspec;
use crate::codedeploy;
use crate::core::Caller;
use crate::{Plane, PlaneOptions};

/// The longest text: longer ones are no other texts, only more of them.
const LONGEST: usize = 4096;

/// One change of a text.
#[derive(Clone, Debug)]
enum Change {
    /// Puts a piece somewhere.
    Insert(Index, &'static str),
    /// Takes up to 16 bytes away.
    Remove(Index, usize),
    /// Writes another byte.
    Replace(Index, u8),
    /// Repeats up to 64 bytes up to 32 times: nesting and long runs.
    Repeat(Index, usize, usize),
}

/// Pieces that mean something in one of the languages.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    ":",
    ",",
    "*",
    "?",
    "!",
    "$",
    "${",
    "#",
    "&a ",
    "*a",
    "|",
    ">",
    "-",
    "\n",
    "\t",
    "\0",
    "\\",
    "\\u0000",
    "\u{feff}",
    "é",
    "𝄞",
    "0",
    "-1",
    "1e999",
    "9223372036854775808",
    "null",
    "true",
    "~",
    "!Sub ",
    "!If ",
    "Fn::Join",
    "Ref",
    "exists",
    "numeric",
    "anything-but",
    "wildcard",
    "cidr",
    "$or",
    "rate(",
    "cron(",
    "%",
    "..",
    "/",
    "<",
    "=",
    "AND",
    "NOT",
    "OR",
    "IF(",
];

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), select(PIECES)).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (any::<Index>(), 1..16_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (any::<Index>(), 1..64_usize, 1..32_usize).prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
    ]
}

/// A text of `seeds`, changed up to a dozen times.
fn changed(seeds: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    (select(seeds), vec(change(), 0..12)).prop_map(|(seed, changes)| {
        let mut text = seed.as_bytes().to_vec();
        for change in changes {
            apply(&mut text, change);
            text.truncate(LONGEST);
        }
        text
    })
}

fn apply(text: &mut Vec<u8>, change: Change) {
    let place = |at: &Index, text: &[u8]| at.index(text.len() + 1);
    match change {
        Change::Insert(at, piece) => {
            let at = place(&at, text);
            text.splice(at..at, piece.bytes());
        }
        Change::Remove(at, length) => {
            let at = place(&at, text);
            text.drain(at..(at + length).min(text.len()));
        }
        Change::Replace(at, byte) if !text.is_empty() => {
            let at = at.index(text.len());
            text[at] = byte;
        }
        Change::Replace(..) => {}
        Change::Repeat(at, length, times) => {
            let at = place(&at, text);
            let piece = text[at..(at + length).min(text.len())].repeat(times);
            text.splice(at..at, piece);
        }
    }
}

/// A plane, and the runtime that it lives in.
struct World {
    runtime: Runtime,
    plane: Plane,
}

impl World {
    /// Asks an operation as the operator would. The answer may be anything but a fault of the plane's own.
    fn ask(&self, service: &str, operation: &str, input: Value) -> Result<(), TestCaseError> {
        let operator = Caller::root();
        let asked = self.plane.hub().call_as(&operator, service, operation, input);
        match self.runtime.block_on(asked) {
            Err(error) if error.status == 500 => Err(TestCaseError::fail(format!("{service}:{operation}: {error}"))),
            _ => Ok(()),
        }
    }

    /// Sends bytes as one request and reads what comes back.
    fn send(&self, request: &[u8]) -> Vec<u8> {
        let address = self.plane.endpoint().trim_start_matches("http://").to_owned();
        self.runtime.block_on(async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let mut answer = Vec::new();
            if stream.write_all(request).await.is_ok() && stream.shutdown().await.is_ok() {
                // A connection that is reset is an answer, too.
                let _ = stream.read_to_end(&mut answer).await;
            }
            answer
        })
    }
}

/// Runs a target over as many texts as proptest is told to; again and again with other ones while `FUZZ_SECONDS` last.
#[expect(clippy::print_stdout, reason = "how many texts a minute was enough for is for the person who looks")]
fn hammer<T: std::fmt::Debug>(
    name: &str,
    texts: impl Strategy<Value = T>,
    target: impl Fn(&World, T) -> Result<(), TestCaseError>,
) {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or_default();
    let (began, length) = (Instant::now(), Duration::from_secs(seconds));
    let runtime = Runtime::new().unwrap();
    let plane = runtime.block_on(Plane::start(PlaneOptions::default())).unwrap();
    let world = World { runtime, plane };
    let tried = Cell::new(0_u64);
    let outcome = loop {
        let outcome = TestRunner::new(Config::with_source_file(file!())).run(&texts, |text| {
            tried.set(tried.get() + 1);
            target(&world, text)
        });
        if outcome.is_err() || began.elapsed() >= length {
            break outcome;
        }
    };
    let World { runtime, plane } = world;
    runtime.block_on(plane.shutdown());
    outcome.unwrap();
    println!("{name}: {} texts in {:.0?}", tried.get(), began.elapsed());
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const PATTERNS: &[&str] = &[
    r#"{"source":["aws.s3"],"detail":{"size":[{"numeric":[">",0,"<=",5]}],"name":[{"prefix":"a"},{"wildcard":"a*b*"}]}}"#,
    r#"{"$or":[{"a":[{"exists":true}]},{"b":[{"anything-but":{"suffix":["x"]}}]}],"ip":[{"cidr":"10.0.0.0/8"}]}"#,
];
const EVENT: &str = r#"{"id":"1","source":"aws.s3","account":"0","time":"2026-01-01T00:00:00Z","region":"r","resources":[],
    "detail-type":"T","detail":{"size":3,"name":"aab","a":[{"b":1},{"b":"ä"}],"ip":"10.1.1.1"}}"#;
const TEMPLATES: &[&str] = &[
    "Parameters:\n  P: {Type: String, Default: x}\nConditions:\n  C: !Equals [!Ref P, x]\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    \
     Properties:\n      TopicName: !Sub '${P}-${AWS::Region}'\nOutputs:\n  O: {Value: !If [C, !Ref T, !GetAtt T.TopicArn]}\n",
    r#"{"Transform":"AWS::Serverless-2016-10-31","Resources":{"F":{"Type":"AWS::Serverless::Function","Properties":{"CodeUri":"s3://b/k",
       "Handler":"x","Runtime":"provided.al2023","Events":{"E":{"Type":"HttpApi"}}}}}}"#,
];
const POLICIES: &[&str] = &[
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:Get*","ssm:*"],"Resource":"arn:aws:s3:::b/${aws:username}/*",
       "Condition":{"StringLike":{"aws:PrincipalArn":["arn:*"]},"NumericLessThan":{"s3:max-keys":"10"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}"#,
    r#"{"Statement":{"Effect":"Deny","NotAction":"iam:*","NotResource":["*"],"Condition":{"ForAllValues:StringEqualsIfExists":{"aws:TagKeys":[]}}}}"#,
];
const FILTERS: &[&str] = &[
    "ERROR -\"not this\" ?a ?b",
    "{ ($.a.b[0] = \"x*\") && ($.n >= 1e3 || $.m IS NULL) }",
    "[ip, user, ts, request=GET*, status=4*, bytes>1000, ...]",
    "%\\d{3}%",
];
const RULES: &[&str] = &["ALARM(\"a\") AND (OK(b) OR NOT INSUFFICIENT_DATA(c))", "TRUE OR FALSE"];
const EXPRESSIONS: &[&str] = &[
    "SUM(METRICS()) / IF(m1 > 0, m1, 1) * -2",
    "ANOMALY_DETECTION_BAND(m1, 2)",
    "SELECT SUM(x) FROM \"n\" GROUP BY y",
];
const SCHEDULES: &[&str] = &["rate(5 minutes)", "cron(0/15 8-18 ? * MON-FRI *)", "cron(0 10 L * ? 2026/2)"];
const BUILDSPECS: &[&str] = &[
    "version: 0.2\nenv:\n  variables: {A: b}\nphases:\n  build:\n    commands:\n      - |\n        echo a\n      - b\n    finally: [c]\nartifacts:\n  files: ['**/*']\n",
];
const APPSPECS: &[&str] = &[
    "version: 0.0\nResources:\n  - f:\n      Type: AWS::Lambda::Function\n      Properties: {Name: f, Alias: live, CurrentVersion: 1, TargetVersion: 2}\nHooks:\n  - BeforeAllowTraffic: h\n",
];
const DEFINITIONS: &[&str] = &[
    "openapi: 3.0.1\ninfo: {title: t, version: '1'}\npaths:\n  /a/{b}:\n    get:\n      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: 'http://x', payloadFormatVersion: '1.0'}\n",
];
const BODIES: &[&str] = &[
    r#"{"Name":"/a","Value":"v","Type":"String","Tags":[{"Key":"k","Value":"v"}]}"#,
    "Action=CreateTopic&Name=n&Attributes.entry.1.key=k&Attributes.entry.1.value=v&Tags.member.1.Key=a",
    "\u{1}\u{2}iStackName\u{3}",
];
const REQUESTS: &[&str] = &[
    "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSSM.PutParameter\r\nContent-Type: application/x-amz-json-1.1\r\n\
     Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=00\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
     Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=00\r\n",
    "POST /service/GraniteServiceVersion20100801/operation/PutMetricData HTTP/1.1\r\nHost: x\r\nsmithy-protocol: rpc-v2-cbor\r\n\
     Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=00\r\n",
    "GET /2015-03-31/functions/a%2Fb/aliases?MaxItems=5 HTTP/1.1\r\nHost: x\r\n\
     Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00\r\n",
    "PUT /bucket/a/../b?X-Amz-Credential=A%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=0 HTTP/1.1\r\nHost: x\r\n\
     x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-decoded-content-length: 3\r\n",
];

#[test]
fn event_patterns() {
    hammer("event_patterns", changed(PATTERNS), |world, pattern| {
        world.ask("events", "TestEventPattern", json!({ "EventPattern": text(&pattern), "Event": EVENT }))
    });
}

#[test]
fn events() {
    hammer("events", changed(&[EVENT]), |world, event| {
        world.ask("events", "TestEventPattern", json!({ "EventPattern": PATTERNS[0], "Event": text(&event) }))
    });
}

#[test]
fn templates() {
    hammer("templates", changed(TEMPLATES), |world, template| {
        world.ask("cloudformation", "ValidateTemplate", json!({ "TemplateBody": text(&template) }))?;
        world.ask("cloudformation", "GetTemplateSummary", json!({ "TemplateBody": text(&template) }))
    });
}

#[test]
fn policies() {
    hammer("policies", changed(POLICIES), |world, policy| {
        let on = ["arn:aws:s3:::b/k"];
        let input = json!({ "PolicyInputList": [text(&policy)], "ActionNames": ["s3:GetObject"], "ResourceArns": on });
        world.ask("iam", "SimulateCustomPolicy", input)
    });
}

#[test]
fn filter_patterns() {
    let lines = json!(["ERROR a", "{\"a\":{\"b\":[\"xy\"]},\"n\":1e4}", "1.1.1.1 - [x] \"GET /\" 404 2000"]);
    hammer("filter_patterns", changed(FILTERS), |world, pattern| {
        world.ask("logs", "TestMetricFilter", json!({ "filterPattern": text(&pattern), "logEventMessages": lines }))
    });
}

#[test]
fn alarm_rules() {
    hammer("alarm_rules", changed(RULES), |world, rule| {
        world.ask("monitoring", "PutCompositeAlarm", json!({ "AlarmName": "fuzz", "AlarmRule": text(&rule) }))
    });
}

#[test]
fn metric_expressions() {
    hammer("metric_expressions", changed(EXPRESSIONS), |world, expression| {
        let query = json!([{ "Id": "q", "Period": 60, "Expression": text(&expression) }]);
        world.ask("monitoring", "GetMetricData", json!({ "MetricDataQueries": query, "StartTime": 0, "EndTime": 3600 }))
    });
}

#[test]
fn schedules() {
    hammer("schedules", changed(SCHEDULES), |world, schedule| {
        let rule = json!({ "Name": "fuzz", "ScheduleExpression": text(&schedule), "State": "DISABLED" });
        world.ask("events", "PutRule", rule)
    });
}

#[test]
fn buildspecs() {
    hammer("buildspecs", changed(BUILDSPECS), |_, buildspec| {
        // The result does not matter: it may be one or not.
        let _ = Buildspec::read(&text(&buildspec));
        Ok(())
    });
}

#[test]
fn appspecs() {
    hammer("appspecs", changed(APPSPECS), |_, appspec| {
        // The result does not matter: it may be one or not.
        let _ = codedeploy::is_appspec(&text(&appspec));
        Ok(())
    });
}

#[test]
fn definitions_of_apis() {
    hammer("definitions_of_apis", changed(DEFINITIONS), |world, definition| {
        world.ask("apigateway", "ImportApi", json!({ "Body": text(&definition) }))
    });
}

#[test]
fn requests() {
    hammer("requests", (changed(REQUESTS), changed(BODIES)), |world, (head, body)| {
        let mut request = head;
        request.extend_from_slice(format!("Content-Length: {}\r\nConnection: close\r\n\r\n", body.len()).as_bytes());
        request.extend_from_slice(&body);
        let answer = world.send(&request);
        prop_assert!(!answer.starts_with(b"HTTP/1.1 500"), "{}", text(&answer));
        Ok(())
    });
}

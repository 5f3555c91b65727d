//! Reading a model file.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde::Deserialize;

use super::pattern::Pattern;
use super::shape::{
    Constraints, ErrorShape, Kind, Location, Member, Model, Operation, Pages, Shape, ShapeId, Structure, TimeFormat,
    WireProtocol,
};
use super::uri::UriPattern;

#[derive(Deserialize)]
struct File {
    metadata: Metadata,
    operations: IndexMap<String, FileOperation>,
    pagination: HashMap<String, FilePages>,
    shapes: IndexMap<String, FileShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    api_version: String,
    protocol: String,
    #[serde(default)]
    protocols: Vec<String>,
    target_prefix: Option<String>,
    xml_namespace: Option<String>,
    aws_query_compatible: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct FileOperation {
    http: Http,
    input: Option<Side>,
    output: Option<Side>,
    #[serde(default)]
    errors: Vec<String>,
    #[serde(default)]
    unsigned: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    request_uri: String,
    response_code: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Side {
    shape: String,
    result_wrapper: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

#[derive(Deserialize)]
struct FilePages {
    input_token: OneOrMore,
    output_token: OneOrMore,
    limit_key: Option<String>,
    result_key: Option<OneOrMore>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileShape {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    members: IndexMap<String, FileMember>,
    #[serde(default)]
    required: Vec<String>,
    min: Option<f64>,
    max: Option<f64>,
    pattern: Option<String>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
    member: Option<FileMember>,
    key: Option<FileMember>,
    value: Option<FileMember>,
    #[serde(default)]
    flattened: bool,
    payload: Option<String>,
    #[serde(default)]
    exception: bool,
    #[serde(default)]
    fault: bool,
    error: Option<FileError>,
    timestamp_format: Option<String>,
    #[serde(default)]
    document: bool,
    #[serde(default)]
    sensitive: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileError {
    code: Option<String>,
    http_status_code: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileMember {
    shape: String,
    location: Option<String>,
    location_name: Option<String>,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    jsonvalue: bool,
    timestamp_format: Option<String>,
}

/// The model in `text`.
///
/// # Panics
/// Panics if the file is not one that `models/regenerate.py` writes: it is part of the program, and a test reads every one.
#[expect(clippy::panic, reason = "the models are part of the program")]
pub(super) fn model(service: &'static str, text: &str) -> Model {
    let file: File = match serde_json::from_str(text) {
        Ok(file) => file,
        Err(error) => panic!("models/{service}.json is not a model: {error}"),
    };
    let places: HashMap<&str, ShapeId> =
        file.shapes.keys().enumerate().map(|(place, name)| (name.as_str(), ShapeId(place))).collect();
    let place = |name: &str| match places.get(name) {
        Some(id) => *id,
        None => panic!("models/{service}.json lacks the shape {name}"),
    };
    let mut pagination = file.pagination;
    let operations = file
        .operations
        .into_iter()
        .map(|(name, source)| {
            let pages = pagination.remove(&name).map(FilePages::read);
            (name.clone(), source.read(name, pages, &place))
        })
        .collect();
    let mut errors = HashMap::default();
    for (name, shape) in &file.shapes {
        if shape.exception {
            let code = shape.error.as_ref().and_then(|error| error.code.clone());
            errors.insert(name.clone(), place(name));
            if let Some(code) = code {
                errors.entry(code).or_insert_with(|| place(name));
            }
        }
    }
    let shapes = file.shapes.iter().map(|(name, source)| source.read(name, &place)).collect();
    let spoken = |name: &str| file.metadata.protocol == name || file.metadata.protocols.iter().any(|p| p == name);
    let protocol = match file.metadata.protocol.as_str() {
        "rest-json" => WireProtocol::RestJson,
        "rest-xml" => WireProtocol::RestXml,
        _ if spoken("query") => WireProtocol::Query,
        _ => WireProtocol::Json,
    };
    Model {
        service,
        protocol,
        version: file.metadata.api_version,
        target_prefix: file.metadata.target_prefix,
        namespace: file.metadata.xml_namespace.unwrap_or_default(),
        query_compatible: file.metadata.aws_query_compatible.is_some(),
        operations,
        shapes,
        errors,
    }
}

impl OneOrMore {
    fn all(self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name],
            Self::More(names) => names,
        }
    }

    fn first(self) -> String {
        self.all().into_iter().next().unwrap_or_default()
    }
}

impl FilePages {
    fn read(self) -> Pages {
        Pages {
            input_token: self.input_token.first(),
            output_token: self.output_token.first(),
            limit: self.limit_key,
            results: self.result_key.map(OneOrMore::all).unwrap_or_default(),
        }
    }
}

impl FileOperation {
    fn read(self, name: String, pages: Option<Pages>, place: &impl Fn(&str) -> ShapeId) -> Operation {
        let result_wrapper = self.output.as_ref().and_then(|side| side.result_wrapper.clone());
        Operation {
            name,
            method: self.http.method,
            uri: UriPattern::new(&self.http.request_uri),
            status: self.http.response_code.unwrap_or(200),
            input: self.input.map(|side| place(&side.shape)),
            output: self.output.map(|side| place(&side.shape)),
            result_wrapper,
            errors: self.errors.iter().map(|error| place(error)).collect(),
            pages,
            unsigned: self.unsigned,
        }
    }
}

impl FileShape {
    #[expect(clippy::panic, reason = "the models are part of the program")]
    fn read(&self, name: &str, place: &impl Fn(&str) -> ShapeId) -> Shape {
        let part = |part: &Option<FileMember>| match part {
            Some(member) => member.read(place),
            None => panic!("the shape {name} lacks a part"),
        };
        let kind = match self.kind.as_str() {
            "structure" => Kind::Structure(Structure {
                members: self.members.iter().map(|(name, member)| (name.clone(), member.read(place))).collect(),
                required: self.required.clone(),
                payload: self.payload.clone(),
                error: self.exception.then(|| self.error()),
                document: self.document,
                renamed: self.members.values().any(|member| member.location_name.is_some()),
            }),
            "list" => Kind::List { item: part(&self.member), flattened: self.flattened },
            "map" => Kind::Map { key: part(&self.key), value: part(&self.value), flattened: self.flattened },
            "integer" => Kind::Integer,
            "long" => Kind::Long,
            "float" | "double" => Kind::Double,
            "boolean" => Kind::Boolean,
            "blob" => Kind::Blob,
            "timestamp" => Kind::Timestamp,
            _ => Kind::String,
        };
        let constraints = Constraints {
            min: self.min,
            max: self.max,
            pattern: self.pattern.as_deref().map(Pattern::new),
            values: self.values.clone(),
            sensitive: self.sensitive,
        };
        Shape {
            name: name.to_owned(),
            kind,
            constraints,
            time_format: self.timestamp_format.as_deref().and_then(time_format),
        }
    }

    fn error(&self) -> ErrorShape {
        let named = self.error.as_ref();
        ErrorShape {
            code: named.and_then(|error| error.code.clone()),
            status: named.and_then(|error| error.http_status_code).unwrap_or(if self.fault { 500 } else { 400 }),
        }
    }
}

impl FileMember {
    fn read(&self, place: &impl Fn(&str) -> ShapeId) -> Member {
        Member {
            shape: place(&self.shape),
            location: match self.location.as_deref() {
                Some("uri") => Location::Uri,
                Some("querystring") => Location::Query,
                Some("header") => Location::Header,
                Some("headers") => Location::Headers,
                Some("statusCode") => Location::Status,
                _ => Location::Body,
            },
            wire_name: self.location_name.clone(),
            flattened: self.flattened,
            json_value: self.jsonvalue,
            time_format: self.timestamp_format.as_deref().and_then(time_format),
        }
    }
}

fn time_format(name: &str) -> Option<TimeFormat> {
    match name {
        "iso8601" => Some(TimeFormat::Iso8601),
        "unixTimestamp" => Some(TimeFormat::Seconds),
        "rfc822" => Some(TimeFormat::Http),
        _ => None,
    }
}

//! The contents of a model: operations, shapes, members, and the places of members on the wire.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::pattern::Pattern;
use super::uri::{PathMembers, UriPattern};

/// The parts of a model by their names. Only the model's own names are in it, so that nobody can choose those that collide.
pub type ByName<T> = IndexMap<String, T, FixedState>;

/// The place of a shape in its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShapeId(pub(super) usize);

/// The form of a service's requests and answers on the wire, when the request itself does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireProtocol {
    /// `X-Amz-Target: Prefix.Operation` and JSON bodies; Smithy RPC v2 CBOR is told by its own header.
    Json,
    /// `Action=Operation` forms in, XML out.
    Query,
    /// Operations by method and path, JSON bodies.
    RestJson,
    /// Operations by method and path, XML bodies (S3).
    RestXml,
}

/// The model of one service.
#[derive(Debug)]
pub struct Model {
    /// The name that requests are signed for.
    pub service: &'static str,
    /// The protocol of requests that do not say which they speak.
    pub protocol: WireProtocol,
    /// The date of the API, such as `2010-05-15`.
    pub version: String,
    /// The part of a target before the dot.
    pub target_prefix: Option<String>,
    /// The XML namespace of answers.
    pub namespace: String,
    /// True if error codes of the query protocol are told to clients of its other protocols.
    pub query_compatible: bool,
    pub(super) operations: ByName<Operation>,
    pub(super) shapes: Vec<Shape>,
    pub(super) errors: HashMap<String, ShapeId, FixedState>,
}

impl Model {
    /// Every operation, in the order of the alphabet.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.values()
    }

    /// The operation with that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// Every shape, in no order that means anything.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.shapes.iter()
    }

    /// The shape at that place of this model.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0]
    }

    /// A shape's structure, if it is one.
    pub fn structure(&self, id: ShapeId) -> Option<&Structure> {
        match &self.shape(id).kind {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// The error shape that is called `code`, or whose code on the wire is `code`.
    pub fn error(&self, code: &str) -> Option<&Shape> {
        self.errors.get(code).map(|id| self.shape(*id))
    }

    /// The REST operation of a method and a path, with the members that the path holds. `query` decides between
    /// operations that differ in a query parameter alone.
    pub fn route(&self, method: &str, path: &str, query: &str) -> Option<(&Operation, PathMembers)> {
        self.operations
            .values()
            .filter(|operation| operation.method == method)
            .filter_map(|operation| Some((operation, operation.uri.matches(path, query)?)))
            .max_by_key(|(operation, _)| operation.uri.literals())
    }
}

/// The model of one operation.
#[derive(Debug)]
pub struct Operation {
    /// Its name, such as `PutItem`.
    pub name: String,
    /// The HTTP method: `POST` but for REST services.
    pub method: String,
    /// The path with its members; `/` but for REST services.
    pub uri: UriPattern,
    /// The status of a success.
    pub status: u16,
    /// The input structure; none if it takes no input.
    pub input: Option<ShapeId>,
    /// The output structure; none if it answers nothing.
    pub output: Option<ShapeId>,
    /// The element around the output in the query protocol.
    pub result_wrapper: Option<String>,
    /// The errors that the model names for it.
    pub errors: Vec<ShapeId>,
    /// The pages of its answers, if it cuts them.
    pub pages: Option<Pages>,
    /// True if it is asked without a signature.
    pub unsigned: bool,
}

/// The members by which an operation's answers are cut into pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The member that holds the token in the request.
    pub input_token: String,
    /// The member that holds the token in the answer.
    pub output_token: String,
    /// The member that holds the size that is asked for.
    pub limit: Option<String>,
    /// The members that the pages are made of.
    pub results: Vec<String>,
}

/// A named type of the model.
#[derive(Debug)]
pub struct Shape {
    /// The name in the model.
    pub name: String,
    /// The type, with the shapes of its parts.
    pub kind: Kind,
    /// The values that it may hold.
    pub constraints: Constraints,
    /// The format of a time of this shape, if not the protocol's.
    pub time_format: Option<TimeFormat>,
}

impl Shape {
    /// True if a value of it is one thing: no structure, list or map.
    pub fn is_scalar(&self) -> bool {
        !matches!(self.kind, Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. })
    }
}

/// The type of a shape.
#[derive(Debug)]
pub enum Kind {
    /// A structure of members by name.
    Structure(Structure),
    /// A list of items of one shape.
    List {
        /// The shape of the items, and their name on the wire.
        item: Member,
        /// True if XML has no element around the items, and forms have no `member`.
        flattened: bool,
    },
    /// A map of values by key.
    Map {
        /// The shape of the keys, and their name on the wire.
        key: Member,
        /// The shape of the values, and their name on the wire.
        value: Member,
        /// True if XML and forms have no `entry`.
        flattened: bool,
    },
    /// A text.
    String,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A number with a fraction, `float` or `double` in the model.
    Double,
    /// True or false.
    Boolean,
    /// Bytes; base64 text between the wire and the services.
    Blob,
    /// A time; epoch seconds between the wire and the services.
    Timestamp,
}

/// Members by name.
#[derive(Debug, Default)]
pub struct Structure {
    /// The members, as the model orders them.
    pub members: ByName<Member>,
    /// The members that must be there.
    pub required: Vec<String>,
    /// The member that is the whole HTTP body.
    pub payload: Option<String>,
    /// The traits of an error, if it is one.
    pub error: Option<ErrorShape>,
    /// True if it takes any JSON at all.
    pub document: bool,
    /// True if any of its members has another name on the wire.
    pub renamed: bool,
}

/// The traits of a structure that is an error.
#[derive(Clone, Debug)]
pub struct ErrorShape {
    /// The code on the wire of the query protocol, when it differs from the shape's name.
    pub code: Option<String>,
    /// The HTTP status: 400 for the caller's errors, 500 for the service's, unless the model says otherwise.
    pub status: u16,
}

/// A use of a shape: in a structure, a list or a map.
#[derive(Clone, Debug)]
pub struct Member {
    /// The type of its values.
    pub shape: ShapeId,
    /// The place where it is written.
    pub location: Location,
    /// Its name on the wire, if it is not the member's own.
    pub wire_name: Option<String>,
    /// Its name in forms, if it is neither.
    pub flattened: bool,
    /// JSON text, base64 in a header.
    pub json_value: bool,
    /// The format of a time at this place, if not the shape's.
    pub time_format: Option<TimeFormat>,
}

/// The place of a member in an HTTP request or answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// The body holds it.
    Body,
    /// The path holds it.
    Uri,
    /// A parameter of the query.
    Query,
    /// A header; its name is the member's `wire_name`.
    Header,
    /// Every header with a prefix.
    Headers,
    /// The status of the answer.
    Status,
}

/// The format of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// `2026-01-31T12:00:00Z`.
    Iso8601,
    /// Seconds since the epoch.
    Seconds,
    /// `Sat, 31 Jan 2026 12:00:00 GMT`.
    Http,
}

/// The values that a shape takes.
#[derive(Debug, Default)]
pub struct Constraints {
    /// The least length or value.
    pub min: Option<f64>,
    /// The greatest length or value.
    pub max: Option<f64>,
    /// The pattern of a text.
    pub pattern: Option<Pattern>,
    /// The values of an enumeration.
    pub values: Vec<String>,
    /// True for values that are never shown in a message.
    pub sensitive: bool,
}

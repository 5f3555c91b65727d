//! The names of an error: by its shape, and by the code that the query protocol has for it.

use axum::response::Response;
use http::HeaderValue;

use crate::model::{ErrorShape, Kind, Model, Structure};

/// An error's two names.
pub(super) struct Names {
    /// The name of its shape, or its code where the model does not know it.
    pub(super) shape: String,
    /// Its code in the query protocol.
    pub(super) code: String,
}

impl Names {
    /// The names of the error that a service calls either of the two.
    pub(super) fn of(model: Option<&Model>, code: &str) -> Self {
        let known = model.and_then(|model| {
            let shape = model.error(code)?;
            let Kind::Structure(Structure { error: Some(ErrorShape { code, .. }), .. }) = &shape.kind else {
                return None;
            };
            Some(Self { shape: shape.name.clone(), code: code.clone().unwrap_or_else(|| shape.name.clone()) })
        });
        known.unwrap_or_else(|| Self { shape: unmodelled(code).to_owned(), code: code.to_owned() })
    }

    /// Tells clients of a service that used to speak the query protocol the code that they know.
    pub(super) fn tell(&self, response: &mut Response, status: u16) {
        if let Ok(value) = HeaderValue::from_str(&format!("{};{}", self.code, side(status))) {
            response.headers_mut().insert("x-amzn-query-error", value);
        }
    }
}

/// The side at fault, in the query protocol's words.
pub(super) fn side(status: u16) -> &'static str {
    if status >= 500 { "Receiver" } else { "Sender" }
}

/// The shape of an error that no model has.
fn unmodelled(code: &str) -> &str {
    match code {
        "ValidationError" => "ValidationException",
        code => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;

    #[test]
    fn an_error_is_known_by_its_shape_and_by_its_code() {
        let both = |code: &str| {
            let names = Names::of(model::of("monitoring"), code);
            (names.shape, names.code)
        };
        let expected = ("InvalidParameterValueException".to_owned(), "InvalidParameterValue".to_owned());
        assert_eq!(both("InvalidParameterValue"), expected);
        assert_eq!(both("InvalidParameterValueException"), expected);
        assert_eq!(both("ResourceNotFound"), ("ResourceNotFound".to_owned(), "ResourceNotFound".to_owned()));
        assert_eq!(both("ValidationError"), ("ValidationException".to_owned(), "ValidationError".to_owned()));
    }
}

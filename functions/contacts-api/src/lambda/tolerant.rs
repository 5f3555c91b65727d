//! Reading JSON that several services write: what is needed is taken, what is of another type is passed over.
//!
//! An event that cannot be read is an error of the function, so nothing here fails on a member's type. Headers and queries are
//! read straight into what the request needs, in their order and without a map in between.

use std::fmt;
use std::marker::PhantomData;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A member that is an object, or of a type that says nothing here: a Lambda authorizer names the members of its context itself.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// A text, or an integer as text: what an authorizer may name somebody with. Anything else is nothing.
#[derive(Debug, Default)]
pub(super) struct Text(pub(super) Option<String>);

impl Text {
    /// The text, unless it is empty.
    pub(super) fn as_deref(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

/// The kinds of value that every visitor of this module passes over.
macro_rules! pass_over {
    ($($kind:ident: $type:ty),*; unit) => {
        $(fn $kind<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        })*

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("anything")
            }

            pass_over!(visit_str: &str, visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64; unit);

            fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Self::Value, A::Error> {
                IgnoredAny.visit_seq(sequence).map(|_| Object(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|object| Object(Some(object)))
            }
        }

        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("anything")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Some(text.to_owned())))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }

            pass_over!(visit_bool: bool, visit_i64: i64, visit_f64: f64; unit);

            fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Text, A::Error> {
                IgnoredAny.visit_seq(sequence).map(|_| Text(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
                IgnoredAny.visit_map(map).map(|_| Text(None))
            }
        }

        deserializer.deserialize_any(TextVisitor)
    }
}

/// The headers of a request, one value or several to a name.
#[derive(Debug, Default)]
pub(super) struct Headers {
    /// Those that HTTP can carry.
    pub(super) map: HeaderMap,
    /// True if there was one that HTTP cannot carry.
    pub(super) malformed: bool,
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HeadersVisitor;

        impl<'de> Visitor<'de> for HeadersVisitor {
            type Value = Headers;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of headers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut headers =
                    Headers { map: HeaderMap::with_capacity(map.size_hint().unwrap_or(16)), malformed: false };
                while let Some(name) = map.next_key_seed(Name)? {
                    map.next_value_seed(Each(&mut |text: &str| headers.add(name.as_ref(), text)))?;
                }
                Ok(headers)
            }
        }

        deserializer.deserialize_map(HeadersVisitor)
    }
}

impl Headers {
    fn add(&mut self, name: Option<&HeaderName>, text: &str) {
        match (name, HeaderValue::from_str(text)) {
            (Some(name), Ok(value)) => {
                self.map.append(name, value);
            }
            _ => self.malformed = true,
        }
    }
}

/// Query parameters: each name as often as it has values, in the order of the event.
#[derive(Debug, Default)]
pub(super) struct Parameters(pub(super) Vec<(String, String)>);

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ParametersVisitor;

        impl<'de> Visitor<'de> for ParametersVisitor {
            type Value = Parameters;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of query parameters")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parameters, A::Error> {
                let mut pairs = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    map.next_value_seed(Each(&mut |text: &str| pairs.push((name.clone(), text.to_owned()))))?;
                }
                Ok(Parameters(pairs))
            }
        }

        deserializer.deserialize_map(ParametersVisitor)
    }
}

/// A header's name, read without a copy; none when HTTP has no such name.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<HeaderName>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<HeaderName>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a header's name")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(HeaderName::from_bytes(text.as_bytes()).ok())
    }
}

/// Hands over each text of a member: of a text itself, of a list each one, of anything else none.
struct Each<'a, F>(&'a mut F);

impl<'de, F: FnMut(&str)> DeserializeSeed<'de> for Each<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&str)> Visitor<'de> for Each<'_, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.0)(text);
        Ok(())
    }

    pass_over!(visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64; unit);

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while sequence.next_element_seed(Each(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        IgnoredAny.visit_map(map).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[derive(Deserialize)]
    struct Inner {
        member: u8,
    }

    #[test_case(json!({"member": 1}), Some(1); "object")]
    #[test_case(json!("text"), None; "text")]
    #[test_case(json!([{"member": 1}]), None; "list")]
    #[test_case(json!(-1.5), None; "number")]
    #[test_case(json!(null), None; "null")]
    fn an_object_is_read_and_anything_else_is_passed_over(value: serde_json::Value, member: Option<u8>) {
        let object: Object<Inner> = serde_json::from_value(value).unwrap();
        assert_eq!(object.0.map(|inner| inner.member), member);
    }

    #[test_case(json!("ada"), Some("ada"); "text")]
    #[test_case(json!(42), Some("42"); "integer")]
    #[test_case(json!(""), None; "empty")]
    #[test_case(json!({"a": [1]}), None; "object")]
    #[test_case(json!(["a"]), None; "list")]
    #[test_case(json!(true), None; "truth")]
    fn a_text_is_a_text_or_an_integer(value: serde_json::Value, text: Option<&str>) {
        assert_eq!(serde_json::from_value::<Text>(value).unwrap().as_deref(), text);
    }

    #[test]
    fn headers_have_one_value_or_several() {
        let headers = json!({"Accept": ["a", "b"], "host": "x", "nothing": null, "odd": 1});
        let headers: Headers = serde_json::from_value(headers).unwrap();
        assert_eq!(headers.map.get_all("accept").iter().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(
            (&headers.map["host"], headers.map.len(), headers.malformed),
            (&HeaderValue::from_static("x"), 3, false)
        );
    }

    #[test_case(json!({"a b": "c"}); "name")]
    #[test_case(json!({"a": "b\nc"}); "value")]
    fn what_http_cannot_carry_is_noticed(headers: serde_json::Value) {
        assert!(serde_json::from_value::<Headers>(headers).unwrap().malformed);
    }

    #[test]
    fn parameters_keep_their_order() {
        let parameters: Parameters = serde_json::from_str(r#"{"z":["2","1"],"a":"3"}"#).unwrap();
        let pairs: Vec<_> = parameters.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("z", "2"), ("z", "1"), ("a", "3")]);
    }
}

//! Server-side encryption as requests and answers say it. The plane keeps bodies as they are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::dto::ServerSideEncryption;
use sha2::{Digest as _, Sha256};

use crate::s3::bucket::settings;
use crate::s3::checksum::md5;
use crate::s3::context::Context;
use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, Encryption, Object};

/// A key that the customer keeps, as the three headers of a request say it.
#[derive(Clone, Debug, Default)]
pub(in crate::s3) struct CustomerKey {
    pub(in crate::s3) algorithm: Option<String>,
    pub(in crate::s3) key: Option<String>,
    pub(in crate::s3) md5: Option<String>,
}

impl CustomerKey {
    /// The MD5 of the key; none when the request has no key.
    pub(in crate::s3) fn checked(&self) -> Result<Option<String>, Refusal> {
        let (algorithm, key, said) = match (&self.algorithm, &self.key, &self.md5) {
            (None, None, None) => return Ok(None),
            (Some(algorithm), Some(key), Some(said)) => (algorithm, key, said),
            _ => {
                let message = "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.";
                return Err(Refusal::argument("x-amz-server-side-encryption", "null", message));
            }
        };
        if algorithm != "AES256" {
            let message = "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.";
            return Err(Refusal::argument("x-amz-server-side-encryption", algorithm.clone(), message));
        }
        let Some(bytes) = STANDARD.decode(key).ok().filter(|bytes| bytes.len() == 32) else {
            let message = "The secret key was invalid for the specified algorithm.";
            return Err(Refusal::argument("x-amz-server-side-encryption", "null", message));
        };
        if STANDARD.encode(md5(&bytes)) != *said {
            let message = "The calculated MD5 hash of the key did not match the hash that was provided.";
            return Err(Refusal::argument("x-amz-server-side-encryption", "null", message));
        }
        Ok(Some(said.clone()))
    }

    /// Refuses a key that does not open the object, and a key for an object that has none.
    pub(in crate::s3) fn open(&self, object: &Object) -> Result<(), Refusal> {
        match (self.checked()?, &object.description.encryption.customer_key_md5) {
            (None, None) => Ok(()),
            (Some(given), Some(kept)) if given == *kept => Ok(()),
            (Some(_), Some(_)) => Err(Refusal::access_denied()),
            (None, Some(_)) => Err(Refusal::request(
                "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
            )),
            (Some(_), None) => Err(Refusal::request("The encryption parameters are not applicable to this object.")),
        }
    }
}

/// The encryption that a request asks for.
#[derive(Clone, Debug, Default)]
pub(in crate::s3) struct Asked {
    pub(in crate::s3) algorithm: Option<String>,
    pub(in crate::s3) key: Option<String>,
    pub(in crate::s3) bucket_key: Option<bool>,
    pub(in crate::s3) customer: CustomerKey,
}

impl Asked {
    /// The encryption of a new object of this bucket: as asked for, else the bucket's default.
    pub(in crate::s3) fn settle(&self, context: &Context, bucket: &Bucket) -> Result<Encryption, Refusal> {
        let customer_key_md5 = self.customer.checked()?;
        if customer_key_md5.is_some() {
            if self.algorithm.is_some() {
                let message = "Server Side Encryption with Customer provided key is incompatible with the encryption method specified";
                return Err(Refusal::argument(
                    "x-amz-server-side-encryption",
                    self.algorithm.clone().unwrap_or_default(),
                    message,
                ));
            }
            return Ok(Encryption { customer_key_md5, ..Encryption::default() });
        }
        let rule = settings::default_encryption(bucket);
        let usual = rule.apply_server_side_encryption_by_default;
        let (algorithm, key) = match &self.algorithm {
            Some(asked) => (asked.clone(), self.key.clone()),
            None if self.key.is_some() => return Err(needs_kms()),
            None => match usual {
                Some(usual) => (usual.sse_algorithm.as_str().to_owned(), usual.kms_master_key_id),
                None => (ServerSideEncryption::AES256.to_owned(), None),
            },
        };
        match algorithm.as_str() {
            "AES256" if key.is_some() => Err(needs_kms()),
            "AES256" => Ok(Encryption { algorithm: Some(algorithm), ..Encryption::default() }),
            "aws:kms" | "aws:kms:dsse" => {
                let bucket_key = self.bucket_key.or(rule.bucket_key_enabled).filter(|used| *used);
                let key = Some(key_arn(context, key.as_deref()));
                Ok(Encryption { algorithm: Some(algorithm), key, bucket_key, customer_key_md5: None })
            }
            _ => {
                let message = "The encryption method specified is not supported";
                Err(Refusal::argument("x-amz-server-side-encryption", algorithm, message))
            }
        }
    }
}

fn needs_kms() -> Refusal {
    let message =
        "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms";
    Refusal::argument("x-amz-server-side-encryption", "null", message)
}

/// The ARN of a key; without one it is the key that AWS makes for S3 in every account.
fn key_arn(context: &Context, key: Option<&str>) -> String {
    let identity = context.identity();
    match key {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        Some(alias) if alias.starts_with("alias/") => {
            format!("arn:aws:kms:{}:{}:{alias}", identity.region, identity.account)
        }
        Some(id) => format!("arn:aws:kms:{}:{}:key/{id}", identity.region, identity.account),
        None => {
            let digest = Sha256::digest(format!("alias/aws/s3 {} {}", identity.region, identity.account));
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&digest[..16]);
            let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
            format!("arn:aws:kms:{}:{}:key/{id}", identity.region, identity.account)
        }
    }
}

/// Fills the members of an answer that speak of encryption.
macro_rules! fill_encryption {
    ($output:expr, $encryption:expr) => {
        let encryption = $encryption;
        $output.server_side_encryption = encryption.algorithm.clone().map(s3s::dto::ServerSideEncryption::from);
        $output.ssekms_key_id = encryption.key.clone();
        $output.bucket_key_enabled = encryption.bucket_key;
    };
    ($output:expr, $encryption:expr, customer) => {
        $crate::s3::object::fill_encryption!($output, $encryption);
        $output.sse_customer_key_md5 = $encryption.customer_key_md5.clone();
        $output.sse_customer_algorithm = $encryption.customer_key_md5.as_ref().map(|_| "AES256".to_owned());
    };
}
pub(in crate::s3) use fill_encryption;

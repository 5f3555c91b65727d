//! Access control lists, as they are today: a bucket has none unless its ownership controls say so.
//!
//! Lists are kept and given back. On the plane, which has one account, they grant something to everybody alone.

use s3s::S3Request;
use s3s::dto::{
    AccessControlPolicy, CreateBucketInput, GetBucketAclInput, GetBucketAclOutput, Grant, Grantee, ObjectOwnership,
    Permission, PutBucketAclInput, PutBucketAclOutput, Type,
};

use super::settings::{read, write};
use super::{ownership_rule, public_access};
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, Change};

const NAME: &str = "acl";
const EVERYBODY: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// The access that a request asks for: a canned list, grants in headers, or a document.
#[derive(Debug, Default)]
pub(in crate::s3) struct Asked {
    /// The canned list, such as `public-read`.
    pub(in crate::s3) canned: Option<String>,
    /// Pairs of a permission and the header that grants it.
    pub(in crate::s3) grants: [(&'static str, Option<String>); 5],
    /// The document of a request that puts a list.
    pub(in crate::s3) document: Option<AccessControlPolicy>,
}

/// Reads [`Asked`] from an input that has the members of a list; `write` for those that can grant writing.
macro_rules! asked_acl {
    ($input:expr, $write:expr, $document:expr) => {
        $crate::s3::bucket::acl::Asked {
            canned: $input.acl.as_ref().map(|acl| acl.as_str().to_owned()),
            grants: [
                ("FULL_CONTROL", $input.grant_full_control.clone()),
                ("READ", $input.grant_read.clone()),
                ("READ_ACP", $input.grant_read_acp.clone()),
                ("WRITE", $write),
                ("WRITE_ACP", $input.grant_write_acp.clone()),
            ],
            document: $document,
        }
    };
}
pub(in crate::s3) use asked_acl;

impl Asked {
    /// True if the request says nothing of access.
    pub(in crate::s3) fn is_silent(&self) -> bool {
        self.canned.is_none() && self.document.is_none() && self.grants.iter().all(|(_, grant)| grant.is_none())
    }

    /// The list that is asked for.
    fn list(&self, context: &Context, canned: &[&str]) -> Result<AccessControlPolicy, Refusal> {
        let by_header: Vec<_> =
            self.grants.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        let grants = match (&self.canned, &self.document) {
            (Some(_), _) if !by_header.is_empty() => {
                return Err(Refusal::request("Specifying both Canned ACLs and Header Grants is not allowed"));
            }
            (Some(_), Some(_)) => {
                return Err(Refusal::new("UnexpectedContent", 400, "This request does not support content"));
            }
            (Some(asked), None) if canned.contains(&asked.as_str()) => canned_grants(context, asked),
            (Some(asked), None) => return Err(Refusal::argument("x-amz-acl", asked.clone(), "")),
            (None, Some(document)) => return checked(context, document),
            (None, None) => header_grants(&by_header)?,
        };
        Ok(AccessControlPolicy { grants: Some(grants), owner: Some(context.owner()) })
    }

    /// The list for an object in this bucket, as XML; none where the owner has everything anyway.
    pub(in crate::s3) fn for_object(&self, context: &Context, bucket: &Bucket) -> Result<Option<String>, Refusal> {
        if self.is_silent() {
            return Ok(None);
        }
        let harmless = ["private", "bucket-owner-full-control"];
        if ownership_rule::is_enforced(bucket) {
            let harmless = self.canned.as_deref().is_some_and(|canned| harmless.contains(&canned));
            return if harmless { Ok(None) } else { Err(not_supported()) };
        }
        let known = [
            "private",
            "public-read",
            "public-read-write",
            "authenticated-read",
            "aws-exec-read",
            "bucket-owner-read",
            "bucket-owner-full-control",
        ];
        let list = self.list(context, &known)?;
        refuse_public(bucket, &list)?;
        write(&list).map(Some)
    }
}

fn not_supported() -> Refusal {
    Refusal::new("AccessControlListNotSupported", 400, "The bucket does not allow ACLs")
}

fn refuse_public(bucket: &Bucket, list: &AccessControlPolicy) -> Result<(), Refusal> {
    let blocked = public_access::of(bucket).is_some_and(|blocks| blocks.block_public_acls == Some(true));
    let public = list.grants.iter().flatten().any(|grant| {
        let uri = grant.grantee.as_ref().and_then(|grantee| grantee.uri.as_deref());
        uri == Some(EVERYBODY) || uri == Some(AUTHENTICATED)
    });
    if blocked && public { Err(Refusal::access_denied()) } else { Ok(()) }
}

fn user(id: String) -> Grantee {
    Grantee {
        display_name: None,
        email_address: None,
        id: Some(id),
        type_: Type::from_static(Type::CANONICAL_USER),
        uri: None,
    }
}

fn group(uri: &str) -> Grantee {
    let uri = Some(uri.to_owned());
    Grantee { display_name: None, email_address: None, id: None, type_: Type::from_static(Type::GROUP), uri }
}

fn grant(grantee: Grantee, permission: &str) -> Grant {
    Grant { grantee: Some(grantee), permission: Some(Permission::from(permission.to_owned())) }
}

fn canned_grants(context: &Context, canned: &str) -> Vec<Grant> {
    let mut grants = vec![grant(user(context.owner_id()), "FULL_CONTROL")];
    let others: &[(&str, &str)] = match canned {
        "public-read" => &[(EVERYBODY, "READ")],
        "public-read-write" => &[(EVERYBODY, "READ"), (EVERYBODY, "WRITE")],
        "authenticated-read" => &[(AUTHENTICATED, "READ")],
        "log-delivery-write" => &[(LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")],
        _ => &[],
    };
    grants.extend(others.iter().map(|(uri, permission)| grant(group(uri), permission)));
    grants
}

/// `id="…", uri="…"` of every header.
fn header_grants(headers: &[(&str, &str)]) -> Result<Vec<Grant>, Refusal> {
    let mut grants = Vec::new();
    for (permission, header) in headers {
        for grantee in header.split(',') {
            let (kind, name) = grantee.trim().split_once('=').unwrap_or_default();
            let name = name.trim_matches('"');
            let grantee = match kind {
                "id" => user(name.to_owned()),
                "uri" if [EVERYBODY, AUTHENTICATED, LOG_DELIVERY].contains(&name) => group(name),
                "uri" => return Err(Refusal::argument("uri", name, "Invalid group uri")),
                "emailAddress" => return Err(Refusal::not_implemented("grants to e-mail addresses")),
                _ => {
                    return Err(Refusal::argument("x-amz-grant", header.to_string(), "Argument format not recognized"));
                }
            };
            grants.push(grant(grantee, permission));
        }
    }
    Ok(grants)
}

fn checked(context: &Context, document: &AccessControlPolicy) -> Result<AccessControlPolicy, Refusal> {
    let (Some(owner), Some(grants)) = (&document.owner, &document.grants) else { return Err(Refusal::malformed_xml()) };
    if owner.id != Some(context.owner_id()) {
        return Err(Refusal::access_denied());
    }
    let known = ["FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP"];
    let whole = |grant: &Grant| {
        grant.grantee.as_ref().is_some_and(|grantee| grantee.id.is_some() || grantee.uri.is_some())
            && grant.permission.as_ref().is_some_and(|permission| known.contains(&permission.as_str()))
    };
    if !grants.iter().all(whole) {
        return Err(Refusal::malformed_xml());
    }
    Ok(document.clone())
}

/// The list of a new bucket.
pub(super) fn at_creation(
    context: &Context,
    input: &CreateBucketInput,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let asked = asked_acl!(input, input.grant_write.clone(), None);
    let enforced = input.object_ownership.as_ref().is_none_or(|o| o.as_str() == ObjectOwnership::BUCKET_OWNER_ENFORCED);
    if asked.is_silent() || (enforced && asked.canned.as_deref() == Some("private")) {
        return Ok(Vec::new());
    }
    if enforced {
        let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
        return Err(Refusal::new("InvalidBucketAclWithObjectOwnership", 400, message));
    }
    let list = asked.list(context, &CANNED)?;
    if list.grants.as_ref().is_some_and(|grants| grants.len() > 1)
        && asked.canned.as_deref() != Some("log-delivery-write")
    {
        // A new bucket has Block Public Access.
        return Err(Refusal::access_denied());
    }
    Ok(vec![(NAME, write(&list)?)])
}

const CANNED: [&str; 5] = ["private", "public-read", "public-read-write", "authenticated-read", "log-delivery-write"];

pub(in crate::s3) async fn put(context: &Context, request: S3Request<PutBucketAclInput>) -> Answer<PutBucketAclOutput> {
    let input = request.input;
    let asked = asked_acl!(input, input.grant_write.clone(), input.access_control_policy.clone());
    context.store.change(|index| {
        let bucket = index.bucket(&input.bucket)?;
        if ownership_rule::is_enforced(bucket) {
            return Err(not_supported());
        }
        if asked.is_silent() {
            let message = "Your request was missing a required header";
            return Err(Refusal::new("MissingSecurityHeader", 400, message).with("MissingHeaderName", "x-amz-acl"));
        }
        let list = asked.list(context, &CANNED)?;
        refuse_public(bucket, &list)?;
        let (bucket, name, value) = (input.bucket.clone(), NAME.to_owned(), Some(write(&list)?));
        Ok((vec![Change::Set { bucket, name, value }], ()))
    })?;
    done(PutBucketAclOutput::default())
}

pub(in crate::s3) async fn get(context: &Context, request: S3Request<GetBucketAclInput>) -> Answer<GetBucketAclOutput> {
    let list = context.store.look(|index| of(context, index.bucket(&request.input.bucket)?.setting(NAME)))?;
    done(GetBucketAclOutput { grants: list.grants, owner: list.owner })
}

/// A list that is kept as XML; where none is, the owner has everything.
pub(in crate::s3) fn of(context: &Context, kept: Option<&str>) -> Result<AccessControlPolicy, Refusal> {
    match kept {
        Some(text) => read(text),
        None => {
            let grants = Some(canned_grants(context, "private"));
            Ok(AccessControlPolicy { grants, owner: Some(context.owner()) })
        }
    }
}

/// The list of a bucket, as XML.
pub(in crate::s3) fn kept(bucket: &Bucket) -> Option<&str> {
    bucket.setting(NAME)
}

/// True if a list that is kept as XML gives everybody a permission.
pub(in crate::s3) fn lets_everybody(list: Option<&str>, permission: &str) -> bool {
    let list = list.and_then(|text| read::<AccessControlPolicy>(text).ok());
    list.and_then(|list| list.grants).into_iter().flatten().any(|grant| {
        let everybody = grant.grantee.is_some_and(|grantee| grantee.uri.as_deref() == Some(EVERYBODY));
        let granted = grant.permission.as_ref().map(Permission::as_str);
        everybody && (granted == Some(permission) || granted == Some(Permission::FULL_CONTROL))
    })
}

/// True if the bucket's list grants something to others than its owner.
pub(super) fn grants_others(context: &Context, bucket: &Bucket) -> bool {
    let owner = context.owner_id();
    let list = bucket.setting(NAME).and_then(|text| read::<AccessControlPolicy>(text).ok());
    list.and_then(|list| list.grants)
        .into_iter()
        .flatten()
        .any(|grant| grant.grantee.is_none_or(|grantee| grantee.id.as_ref() != Some(&owner)))
}

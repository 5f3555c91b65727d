//! PutObject.

use s3s::S3Request;
use s3s::dto::{PutObjectInput, PutObjectOutput};

use super::{Kept, Writing, fill_encryption, said, stored, tag, take_body};
use crate::s3::checksum::{Algorithm, Checksum, fill_checksum, given_checksum, md5};
use crate::s3::context::{Answer, Context, done};
use crate::s3::notification::{self, Happened};
use crate::s3::refusal::Refusal;
use crate::s3::store::{Object, Piece};

pub(in crate::s3) async fn put(context: &Context, request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
    let mut input = request.input;
    if input.write_offset_bytes.is_some() {
        return Err(Refusal::not_implemented("PutObject with WriteOffsetBytes"));
    }
    let conditions = Writing { matching: input.if_match.take(), not_matching: input.if_none_match.take() };
    conditions.check_form()?;
    let said = said!(input);
    let description = context.store.look(|index| said.settle(context, index.bucket(&input.bucket)?))?;
    let body = take_body(input.body.take()).await?;
    let algorithm = match (given_checksum!(input), &input.checksum_algorithm) {
        (Some((given, _)), _) => Some(given),
        (None, Some(named)) => Some(Algorithm::named(named.as_str())?),
        (None, None) => None,
    };
    let object = whole(context, body, algorithm, description).await?;
    let kept = context.store.change(|index| {
        let (change, kept) = stored(context, index, (&input.bucket, &input.key), object, &conditions)?;
        Ok((vec![change], kept))
    })?;
    notification::tell(
        context,
        Happened::created("Put", &input.bucket, &input.key, &kept.version),
        &request.extensions,
    );
    done(answer(&kept))
}

/// An object whose body is one piece.
pub(super) async fn whole(
    context: &Context,
    body: bytes::Bytes,
    algorithm: Option<Algorithm>,
    description: crate::s3::store::Description,
) -> Result<Object, Refusal> {
    let (etag, size) = (hex::encode(md5(&body)), body.len() as u64);
    let checksum = Checksum::of(algorithm, &body);
    let blob = context.store.blobs.keep(body).await?;
    let pieces = vec![Piece::new(size, None, blob)];
    Ok(Object { etag, size, pieces, multipart: false, checksum: Some(checksum), description })
}

fn answer(kept: &Kept) -> PutObjectOutput {
    let mut output = PutObjectOutput { version_id: kept.id.clone(), ..PutObjectOutput::default() };
    if let Some(object) = &kept.version.object {
        output.e_tag = tag(&object.etag);
        fill_encryption!(output, &object.description.encryption, customer);
        fill_checksum!(output, object.checksum.as_ref(), typed);
    }
    output
}

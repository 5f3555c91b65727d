//! Every provider against AWS's registry: what it accepts is there, and what AWS replaces is replaced.

use super::provider;
use crate::cloudformation::schema;

/// The types that the plane runs, of those that the registry has.
fn types() -> impl Iterator<Item = (&'static str, &'static schema::ResourceType)> {
    schema::resource_types()
        .iter()
        .map(|(name, known)| (name.as_str(), known))
        .filter(|(name, _)| provider(name).is_some())
}

#[test]
fn a_provider_accepts_only_what_aws_lets_be_written() {
    // CloudFormation documents nothing of the CDK's metadata.
    for (name, known) in types().filter(|(name, _)| *name != "AWS::CDK::Metadata") {
        for property in provider(name).unwrap().properties() {
            assert!(known.is_writable(property), "{name} has no property {property}");
        }
    }
    assert!(types().count() > 25);
}

#[test]
fn what_aws_replaces_is_replaced() {
    let mut kept = Vec::new();
    for (name, known) in types() {
        let provider = provider(name).unwrap();
        let created_only = known.create_only_properties.iter().filter(|path| !path.contains('/'));
        let accepted = created_only.filter(|property| provider.properties().contains(&property.as_str()));
        kept.extend(
            accepted
                .filter(|property| !provider.replaced_by().contains(&property.as_str()))
                .map(|property| format!("{name}.{property}")),
        );
    }
    assert_eq!(kept, Vec::<String>::new());
}

//! The packages of a template's code: one for each file or folder of the artifact that the template refers to.

use std::collections::BTreeMap;
use std::io;

use slipway_shared::artifact::{
    Bundle, BundleFile, Machine, PackageWriter, Sha256Digest, Spool, SpoolWriter, bootstrap_machine,
};

use super::LocalCode;
use super::contents::PackageFault;

/// Most bytes of a package's files, unpacked: what Lambda takes for a function
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const FUNCTION_BYTES: u64 = 250 * 1024 * 1024;

/// A package.
#[derive(Debug, Clone)]
pub(super) struct Zipped {
    pub(super) zip: Spool,
    pub(super) digest: Sha256Digest,
    /// The machine that its `bootstrap` is for, if that is a program.
    pub(super) machine: Option<Machine>,
}

/// The packages that were made, by their paths in the artifact: what several functions refer to is packaged once.
#[derive(Debug, Default)]
pub(super) struct Packages(BTreeMap<String, Zipped>);

impl Packages {
    /// The package of one reference.
    pub(super) fn of(&mut self, bundle: &mut Bundle, code: &LocalCode) -> Result<&Zipped, PackageFault> {
        if code.needs_bootstrap && bundle.file(&code.path).is_none() {
            check_bootstrap(bundle, code)?;
        }
        if !self.0.contains_key(&code.path) {
            let zip = zip_of(bundle, code)?;
            let digest = zip.digest().map_err(PackageFault::Spool)?;
            let machine = bootstrap_machine(&zip);
            self.0.insert(code.path.clone(), Zipped { zip, digest, machine });
        }
        self.0.get(&code.path).ok_or_else(|| no_code(code))
    }
}

fn no_code(code: &LocalCode) -> PackageFault {
    PackageFault::NoCode { owner: code.owner.clone(), path: code.path.clone() }
}

fn check_bootstrap(bundle: &Bundle, code: &LocalCode) -> Result<(), PackageFault> {
    let mut paths = bundle.below(&code.path).map(|(path, _)| path).peekable();
    if paths.peek().is_none() {
        return Err(no_code(code));
    }
    if !paths.any(|path| path == "bootstrap") {
        return Err(PackageFault::NoBootstrap { owner: code.owner.clone(), path: code.path.clone() });
    }
    Ok(())
}

/// The zip for one reference: a file that is a zip already, or the folder's files.
fn zip_of(bundle: &mut Bundle, code: &LocalCode) -> Result<Spool, PackageFault> {
    if let Some(file) = bundle.file(&code.path).copied() {
        let mut spool = SpoolWriter::create();
        let mut content = bundle.unpack(&file)?;
        io::copy(&mut content, &mut spool).map_err(PackageFault::Spool)?;
        return spool.finish().map_err(PackageFault::Spool);
    }
    let files: Vec<(String, BundleFile)> =
        bundle.below(&code.path).map(|(path, file)| (path.to_owned(), *file)).collect();
    if files.is_empty() {
        return Err(no_code(code));
    }
    check_size(code, files.iter().map(|(_, file)| file.length).sum())?;
    let mut package = PackageWriter::create();
    for (path, file) in files {
        let executable = file.executable || path == "bootstrap";
        package.add(&path, executable, &mut bundle.unpack(&file)?)?;
    }
    Ok(package.finish()?)
}

fn check_size(code: &LocalCode, bytes: u64) -> Result<(), PackageFault> {
    if bytes > FUNCTION_BYTES {
        let (owner, path) = (code.owner.clone(), code.path.clone());
        return Err(PackageFault::Heavy { owner, path, bytes, most: FUNCTION_BYTES });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::code_references;
    use super::*;

    #[test]
    fn code_that_lambda_would_not_take_is_refused_with_its_size() {
        let function = json!({"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "src"}});
        let code = &code_references(&json!({"Resources": {"Api": function}})).unwrap()[0];
        check_size(code, FUNCTION_BYTES).unwrap();
        let error = check_size(code, FUNCTION_BYTES + 1).unwrap_err().to_string();
        assert_eq!(error, "Api's code src has 262144001 bytes unpacked, and Lambda takes 262144000");
    }
}

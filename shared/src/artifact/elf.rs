//! The machine that a program is for, by its ELF header.
//!
//! Twenty bytes whose places have not moved since 1995 are read here: a parser of object files would be linked for its other ten
//! thousand lines.

use std::fmt;
use std::io::Read;

use super::Spool;
use super::opening::open;

/// The beginning of every ELF file.
const MAGIC: &[u8] = b"\x7fELF";
/// The place of `EI_DATA`, the order of bytes, and its value for the most significant first.
const DATA: usize = 5;
const MOST_SIGNIFICANT_FIRST: u8 = 2;
/// The place of `e_machine`, the same in both classes.
const MACHINE: usize = 18;
/// The bytes that are read.
const HEADER_BYTES: u64 = 20;

/// The machine that a program is for: `e_machine` of its ELF header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine(u16);

impl Machine {
    /// `EM_X86_64`: Lambda's `x86_64`.
    pub const X86_64: Self = Self(62);
    /// `EM_AARCH64`: Lambda's `arm64`.
    pub const ARM64: Self = Self(183);

    /// The machine of an architecture, by Lambda's name.
    pub fn of_architecture(name: &str) -> Option<Self> {
        match name {
            "x86_64" => Some(Self::X86_64),
            "arm64" => Some(Self::ARM64),
            _ => None,
        }
    }

    /// The machine of a program that begins with `header`; none for what is not ELF, such as a script.
    pub fn of_program(header: &[u8]) -> Option<Self> {
        let machine = header.get(MACHINE..MACHINE + 2)?.try_into().ok()?;
        if !header.starts_with(MAGIC) {
            return None;
        }
        let is_big = header[DATA] == MOST_SIGNIFICANT_FIRST;
        Some(Self(if is_big { u16::from_be_bytes(machine) } else { u16::from_le_bytes(machine) }))
    }
}

/// Lambda's name, or the number.
impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::X86_64 => formatter.write_str("x86_64"),
            Self::ARM64 => formatter.write_str("arm64"),
            Self(number) => write!(formatter, "the machine {number} of ELF"),
        }
    }
}

/// The machine that a package's `bootstrap` is for. None if it has no such program, and for a package that is no zip: Lambda says so.
pub fn bootstrap_machine(package: &Spool) -> Option<Machine> {
    let mut archive = open(package).ok()?;
    let bootstrap = archive.by_name("bootstrap").ok()?;
    let mut header = Vec::new();
    bootstrap.take(HEADER_BYTES).read_to_end(&mut header).ok()?;
    Machine::of_program(&header)
}

#[cfg(test)]
mod tests {
    use super::super::{PackageFile, reproducible_zip};
    use super::*;
    use test_case::test_case;

    const X86_64: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0";
    const ARM64: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\xb7\0";
    const S390: &[u8] = b"\x7fELF\x02\x02\x01\0\0\0\0\0\0\0\0\0\0\x03\0\x16";

    #[test_case(X86_64, Some("x86_64"); "x86_64")]
    #[test_case(ARM64, Some("arm64"); "arm64")]
    #[test_case(S390, Some("the machine 22 of ELF"); "a machine whose bytes are the other way round")]
    #[test_case(b"#!/bin/sh\nexec python3 main.py\n", None; "a script")]
    #[test_case(&X86_64[..19], None; "a program that is cut off")]
    fn a_bootstrap_is_for(bootstrap: &[u8], machine: Option<&str>) {
        let file = PackageFile { path: "bootstrap", content: bootstrap, executable: true };
        let package = Spool::of(&reproducible_zip([file]).unwrap()).unwrap();
        assert_eq!(bootstrap_machine(&package).map(|machine| machine.to_string()).as_deref(), machine);
    }

    #[test]
    fn this_very_program_is_for_this_very_machine() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let own = if cfg!(target_arch = "aarch64") { Machine::ARM64 } else { Machine::X86_64 };
        assert_eq!(Machine::of_program(&program), Some(own));
    }

    #[test]
    fn what_is_no_zip_has_no_bootstrap() {
        assert_eq!(bootstrap_machine(&Spool::of(b"no zip").unwrap()), None);
    }
}

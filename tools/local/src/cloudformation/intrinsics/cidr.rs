//! `Fn::Cidr`: a block cut into smaller ones. IPv4 only.

use std::net::Ipv4Addr;

/// `[block, count, bits]` to `count` blocks with `bits` host bits each.
pub(super) fn split(arguments: &[String]) -> Result<Vec<String>, String> {
    let [block, count, bits] = arguments else {
        return Err("Fn::Cidr takes an address block, a count and the host bits of each part".to_owned());
    };
    let wrong = || format!("Fn::Cidr cannot cut {block} into {count} parts of {bits} bits");
    let (address, prefix) = block.split_once('/').ok_or_else(wrong)?;
    let address: Ipv4Addr = address.parse().map_err(|_| format!("{}: only IPv4 is run", wrong()))?;
    let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 32).ok_or_else(wrong)?;
    let count: u64 = count.parse().ok().filter(|count| (1..=256).contains(count)).ok_or_else(wrong)?;
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32 - prefix).ok_or_else(wrong)?;
    let size = 1_u64 << bits;
    let room = 1_u64 << (32 - prefix);
    if count * size > room {
        return Err(wrong());
    }
    let base = u64::from(u32::from(address)) / room * room;
    let part = |index: u64| u32::try_from(base + index * size).map_err(|_| wrong());
    (0..count).map(|index| Ok(format!("{}/{}", Ipv4Addr::from(part(index)?), 32 - bits))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(block: &str, count: &str, bits: &str) -> Result<Vec<String>, String> {
        split(&[block.to_owned(), count.to_owned(), bits.to_owned()])
    }

    #[test]
    fn a_block_is_cut_from_its_beginning() {
        assert_eq!(cut("192.168.0.0/24", "3", "5").unwrap(), ["192.168.0.0/27", "192.168.0.32/27", "192.168.0.64/27"]);
        assert_eq!(cut("10.0.0.7/32", "1", "0").unwrap(), ["10.0.0.7/32"]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(cut("192.168.0.0/24", "9", "5").is_err());
        assert!(cut("192.168.0.0/24", "1", "9").is_err());
        assert!(cut("::1/64", "1", "5").is_err());
        assert!(cut("192.168.0.0", "1", "5").is_err());
    }
}

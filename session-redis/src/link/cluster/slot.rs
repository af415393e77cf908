/// How many slots the keys of a cluster are spread over.
pub(super) const SLOTS: u16 = 16384;

/// The slot of a key, by the part between braces where it has one
/// ([Redis Cluster specification](https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/)).
pub(super) fn slot_of(key: &[u8]) -> u16 {
    crc16::State::<crc16::XMODEM>::calculate(tag(key).unwrap_or(key)) % SLOTS
}

fn tag(key: &[u8]) -> Option<&[u8]> {
    let open = key.iter().position(|byte| *byte == b'{')?;
    let rest = &key[open + 1..];
    let close = rest.iter().position(|byte| *byte == b'}')?;
    (close > 0).then(|| &rest[..close])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `CLUSTER KEYSLOT` of a server has it.
    #[test]
    fn keys_have_the_slots_that_servers_give_them() {
        for (key, slot) in [
            (&b"123456789"[..], 12739),
            (b"", 0),
            (b"foo", 12182),
            (b"{foo}bar", 12182),
            (b"session:{foo}s:", 12182),
            (b"foo{}{bar}", 8363),
            (b"foo{{bar}}zap", 4015),
            (b"foo{bar}{zap}", 5061),
            (b"{bar", 4015),
        ] {
            assert_eq!(slot_of(key), slot, "{}", key.escape_ascii());
        }
    }
}

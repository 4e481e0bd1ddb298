//! What a segment says of itself in its first 64 bytes; the layout is that of adapters/store/wal.
//!
//! | byte | what |
//! |---|---|
//! | 0 | `raftwal` and a zero |
//! | 8 | CRC-32C of bytes 12 to 63 |
//! | 12 | version, 1 |
//! | 16, 24 | node, group; each as a 64-bit float |
//! | 32 | segment, from 1 |
//! | 36 | CRC of the last frame before this segment |

use super::frame::u32_at;

pub const SEGMENT_HEADER_BYTES: usize = 64;
const MAGIC: &[u8] = b"raftwal\0";
const VERSION: u32 = 1;

#[derive(Clone, Copy)]
pub struct Owner {
    pub node: u32,
    pub group: u32,
}

pub fn encode_header(owner: Owner, segment: u32, previous_crc: u32) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[12..16].copy_from_slice(&VERSION.to_le_bytes());
    bytes[16..24].copy_from_slice(&f64::from(owner.node).to_le_bytes());
    bytes[24..32].copy_from_slice(&f64::from(owner.group).to_le_bytes());
    bytes[32..36].copy_from_slice(&segment.to_le_bytes());
    bytes[36..40].copy_from_slice(&previous_crc.to_le_bytes());
    let crc = crc32c::crc32c(&bytes[12..]);
    bytes[8..12].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// CRC of the frame before; `None` when the header is damaged. Refuses what another node, group
/// or version has written.
pub fn check_header(bytes: &[u8], owner: Owner, segment: u32) -> Result<Option<u32>, String> {
    let is_whole = bytes.len() >= SEGMENT_HEADER_BYTES
        && bytes.starts_with(MAGIC)
        && u32_at(bytes, 8) == crc32c::crc32c(&bytes[12..SEGMENT_HEADER_BYTES]);
    if !is_whole {
        return Ok(None);
    }
    if u32_at(bytes, 12) != VERSION {
        return Err(format!("has format {}; this host knows {VERSION}", u32_at(bytes, 12)));
    }
    if bytes[16..36] != encode_header(owner, segment, 0)[16..36] {
        return Err("belongs to another node or group, or has another one's name".to_owned());
    }
    Ok(Some(u32_at(bytes, 36)))
}

pub fn segment_name(segment: u32) -> String {
    format!("{segment:010}.wal")
}

/// `None` for the name of something else.
pub fn segment_of_name(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(".wal")?;
    (digits.len() == 10).then(|| digits.parse().ok()).flatten()
}

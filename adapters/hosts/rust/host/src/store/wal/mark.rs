//! Frames name what was synced before them, so nothing names the last ones. A store that is closed
//! in good order says here how far it came; a later damage to its end is then no torn tail.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::frame::u32_at;
use super::position::Position;

pub const MARK_NAME: &str = "synced";
const MARK_BYTES: usize = 12;

/// Returns the bytes written.
pub fn write_mark(directory: &Path, synced: Position) -> io::Result<u64> {
    let mut bytes = [0; MARK_BYTES];
    bytes[0..4].copy_from_slice(&synced.segment.to_le_bytes());
    bytes[4..8].copy_from_slice(&synced.byte.to_le_bytes());
    let crc = crc32c::crc32c(&bytes[..8]);
    bytes[8..].copy_from_slice(&crc.to_le_bytes());
    let path = directory.join(MARK_NAME);
    let is_new = !path.exists();
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    file.write_all_at(&bytes, 0)?;
    file.sync_data()?;
    if is_new {
        File::open(directory)?.sync_all()?;
    }
    Ok(MARK_BYTES as u64)
}

/// The start when there is no mark, or half of one: then it vouches for nothing.
pub fn read_mark(directory: &Path) -> io::Result<Position> {
    let bytes = match fs::read(directory.join(MARK_NAME)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Position::default()),
        read => read?,
    };
    let is_whole = bytes.len() == MARK_BYTES && u32_at(&bytes, 8) == crc32c::crc32c(&bytes[..8]);
    let position = Position { segment: u32_at_or_0(&bytes, 0), byte: u32_at_or_0(&bytes, 4) };
    Ok(if is_whole { position } else { Position::default() })
}

fn u32_at_or_0(bytes: &[u8], at: usize) -> u32 {
    if bytes.len() < at + 4 { 0 } else { u32_at(bytes, at) }
}

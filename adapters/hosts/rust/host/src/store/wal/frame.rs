//! One write is one frame under one checksum: after a crash it is there or it is not. A frame names
//! its own place, so that nothing is taken for a frame that was written for elsewhere; the frame
//! before it, so that none is missed; and the place up to which the log was known to be synced when
//! it was written, which tells a torn tail from corruption.
//!
//! The layout is that of raftmark's own `wal` (adapters/store/wal), with two additions: entries of
//! kind 2, and the flag 4. Little-endian. Frames start at multiples of 8 bytes; an entry is a row
//! of 16 bytes and its payload.
//!
//! | byte | what |
//! |---|---|
//! | 0 | `RMF1` |
//! | 4 | CRC-32C of all that follows |
//! | 8 | bytes after the header |
//! | 12 | number of entries |
//! | 16, 20 | its own place: segment, byte |
//! | 24, 28 | known to be synced: segment, byte |
//! | 32 | CRC of the frame before |
//! | 36 | flags: 1 hard state, 2 truncation, 4 the leader is known |
//! | 40, 48, 56, 64 | term, vote, truncation, first index; each as a 64-bit float |
//!
//! A row: payload bytes (u32), kind (u32), term (64-bit float).

use bytes::Bytes;

use super::super::{Entry, HardState, Kind, Write};
use super::position::Position;

pub const HEADER_BYTES: usize = 72;
const ROW_BYTES: usize = 16;
const ALIGNMENT: u64 = 8;
const MAGIC: &[u8] = b"RMF1";
const COVERED_FROM: usize = 8;

const HAS_HARD_STATE: u32 = 1;
const HAS_TRUNCATION: u32 = 2;
const LEADER_KNOWN: u32 = 4;

pub fn aligned_up(byte: u64) -> u64 {
    byte.next_multiple_of(ALIGNMENT)
}

/// What is known of a frame before it is written.
#[derive(Clone, Copy)]
pub struct Place {
    pub position: Position,
    pub synced: Position,
    pub previous_crc: u32,
}

pub struct Header {
    pub crc: u32,
    pub synced: Position,
    pub previous_crc: u32,
    pub hard_state: Option<HardState>,
    pub truncate_from: Option<u64>,
    pub first_index: u64,
    pub entry_count: u32,
}

pub fn frame_bytes_of(write: &Write) -> usize {
    let entries = write.entries.iter().map(|entry| ROW_BYTES + entry.payload.len());
    HEADER_BYTES + entries.sum::<usize>()
}

/// Appends the frame to `to`. Returns its checksum.
pub fn encode(to: &mut Vec<u8>, write: &Write, place: Place) -> u32 {
    let start = to.len();
    let hard_state = write.hard_state.unwrap_or_default();
    let first_index = write.entries.first().map_or(0, |entry| entry.index);
    to.extend_from_slice(MAGIC);
    for number in [
        0,
        (frame_bytes_of(write) - HEADER_BYTES) as u32,
        write.entries.len() as u32,
        place.position.segment,
        place.position.byte,
        place.synced.segment,
        place.synced.byte,
        place.previous_crc,
        flags_of(write),
    ] {
        to.extend_from_slice(&number.to_le_bytes());
    }
    for number in [
        hard_state.term,
        u64::from(hard_state.voted_for),
        write.truncate_from.unwrap_or(0),
        first_index,
    ] {
        put_float(to, number);
    }
    for entry in &write.entries {
        to.extend_from_slice(&(entry.payload.len() as u32).to_le_bytes());
        to.extend_from_slice(&(entry.kind as u32).to_le_bytes());
        put_float(to, entry.term);
        to.extend_from_slice(&entry.payload);
    }
    let crc = crc32c::crc32c(&to[start + COVERED_FROM..]);
    to[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
    crc
}

/// How many bytes the frame at the start of `bytes` says it has; `None` when none starts there.
pub fn frame_bytes_at(bytes: &[u8]) -> Option<usize> {
    let is_frame = bytes.len() >= HEADER_BYTES && bytes.starts_with(MAGIC);
    is_frame.then(|| HEADER_BYTES + u32_at(bytes, 8) as usize)
}

/// Whether all of a frame that was written for `position` stands at the start of `bytes`.
pub fn is_whole(bytes: &[u8], position: Position) -> bool {
    let Some(frame) = frame_bytes_at(bytes).and_then(|length| bytes.get(..length)) else {
        return false;
    };
    u32_at(frame, 16) == position.segment
        && u32_at(frame, 20) == position.byte
        && u32_at(frame, 4) == crc32c::crc32c(&frame[COVERED_FROM..])
}

/// Of a frame that `is_whole`.
pub fn read_header(frame: &[u8]) -> Header {
    let flags = u32_at(frame, 36);
    let hard_state = HardState {
        term: float_at(frame, 40),
        voted_for: float_at(frame, 48) as u32,
        is_leader_known: flags & LEADER_KNOWN != 0,
    };
    Header {
        crc: u32_at(frame, 4),
        synced: Position { segment: u32_at(frame, 24), byte: u32_at(frame, 28) },
        previous_crc: u32_at(frame, 32),
        hard_state: (flags & HAS_HARD_STATE != 0).then_some(hard_state),
        truncate_from: (flags & HAS_TRUNCATION != 0).then(|| float_at(frame, 56)),
        first_index: float_at(frame, 64),
        entry_count: u32_at(frame, 12),
    }
}

/// Of a frame that `is_whole`; their payloads are slices of it.
pub fn read_entries(frame: &Bytes) -> Vec<Entry> {
    let header = read_header(frame);
    let mut row = HEADER_BYTES;
    (0..u64::from(header.entry_count))
        .map(|nth| {
            let start = row + ROW_BYTES;
            let end = start + u32_at(frame, row) as usize;
            let kind = match u32_at(frame, row + 4) {
                0 => Kind::Noop,
                1 => Kind::Records,
                _ => Kind::Library,
            };
            let term = float_at(frame, row + 8);
            row = end;
            Entry { index: header.first_index + nth, term, kind, payload: frame.slice(start..end) }
        })
        .collect()
}

fn flags_of(write: &Write) -> u32 {
    let known = write.hard_state.is_some_and(|state| state.is_leader_known);
    u32::from(write.hard_state.is_some()) * HAS_HARD_STATE
        + u32::from(write.truncate_from.is_some()) * HAS_TRUNCATION
        + u32::from(known) * LEADER_KNOWN
}

fn put_float(to: &mut Vec<u8>, number: u64) {
    assert!(number < 1 << 53, "a number that a float does not keep exactly");
    to.extend_from_slice(&(number as f64).to_le_bytes());
}

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

fn float_at(bytes: &[u8], at: usize) -> u64 {
    f64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes")) as u64
}

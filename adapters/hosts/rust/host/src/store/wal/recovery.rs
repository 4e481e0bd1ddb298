//! Reads the log of a directory and cuts a torn tail.
//!
//! Sectors that were never synced may be lost in any order, so a bad frame before a good one can be
//! the work of a power cut. A bad frame is corruption only if it lies before a place that some
//! undamaged frame, or the mark of an orderly close, names as synced. Then nothing is changed and
//! the refusal says where. Source: Alagappan et al., FAST'18, on telling the two apart.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::super::{HardState, Terms};
use super::LOCK_NAME;
use super::frame::{
    HEADER_BYTES, Header, aligned_up, frame_bytes_at, is_whole, read_entries, read_header,
};
use super::index::{FrameIndex, Span};
use super::mark::{MARK_NAME, read_mark};
use super::position::Position;
use super::segment::{Owner, SEGMENT_HEADER_BYTES, check_header, segment_name, segment_of_name};

#[derive(Default)]
pub struct Recovered {
    pub hard_state: HardState,
    pub terms: Terms,
    pub index: FrameIndex,
    /// Where to go on; segment 0 when there is no log yet.
    pub end: Position,
    pub last_crc: u32,
}

/// How far the log could be read without a fault.
#[derive(Default)]
struct Readable {
    log: Recovered,
    /// No sign that more was there.
    is_clean: bool,
    /// The latest place that a frame named as synced.
    named: Position,
}

pub fn recover(directory: &Path, owner: Owner, is_synced: bool) -> io::Result<Recovered> {
    let segments = segments_in(directory)?;
    let mut readable = read_all(directory, owner, &segments)?;
    let end = readable.log.end;
    let beyond: Vec<u32> = segments.iter().copied().filter(|each| *each > end.segment).collect();
    let is_torn = !readable.is_clean || !beyond.is_empty();
    readable.named = readable.named.max(read_mark(directory)?);
    if is_torn {
        for segment in segments.iter().filter(|each| **each >= end.segment) {
            readable.named = readable.named.max(named_beyond(directory, *segment, end)?);
        }
    }
    if end < readable.named {
        return Err(corruption(directory, end, readable.named));
    }
    if is_torn {
        cut(directory, end, &beyond)?;
    }
    if is_synced && end.segment > 0 {
        rewrite(directory, readable.named, end)?;
    }
    Ok(readable.log)
}

/// Ascending. Refuses a directory that holds anything else.
fn segments_in(directory: &Path) -> io::Result<Vec<u32>> {
    let mut segments = Vec::new();
    for file in fs::read_dir(directory)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        match segment_of_name(&name) {
            Some(segment) => segments.push(segment),
            None if name == MARK_NAME || name == LOCK_NAME => (),
            None => return Err(io::Error::other(format!("{name} is no file of the store wal"))),
        }
    }
    segments.sort_unstable();
    Ok(segments)
}

fn read_all(directory: &Path, owner: Owner, segments: &[u32]) -> io::Result<Readable> {
    let mut readable = Readable { is_clean: true, ..Readable::default() };
    for (expected, segment) in (1..).zip(segments) {
        if *segment != expected || !readable.is_clean {
            break;
        }
        let path = path_of(directory, *segment);
        let bytes = Bytes::from(fs::read(&path)?);
        let previous = check_header(&bytes, owner, *segment)
            .map_err(|why| io::Error::other(format!("{} {why}", path.display())))?;
        if previous != Some(readable.log.last_crc) {
            break;
        }
        readable.read_segment(*segment, &bytes);
    }
    Ok(readable)
}

impl Readable {
    /// Takes the frames up to the first that is missing, damaged or out of sequence.
    fn read_segment(&mut self, segment: u32, bytes: &Bytes) {
        let mut byte = SEGMENT_HEADER_BYTES;
        while let Some(rest) = bytes.get(byte..)
            && is_whole(rest, Position { segment, byte: byte as u32 })
        {
            let length = frame_bytes_at(rest).expect("a whole frame has a length");
            let frame = bytes.slice(byte..byte + length);
            let header = read_header(&frame);
            if header.previous_crc != self.log.last_crc {
                break;
            }
            let span = Span {
                segment,
                byte: byte as u32,
                bytes: length as u32,
                first_index: header.first_index,
            };
            self.log.take(&header, &frame, span);
            self.named = self.named.max(header.synced);
            byte = aligned_up((byte + length) as u64) as usize;
        }
        self.log.end = Position { segment, byte: byte as u32 };
        self.is_clean = bytes.get(byte..).is_none_or(|rest| rest.iter().all(|byte| *byte == 0));
    }
}

impl Recovered {
    fn take(&mut self, header: &Header, frame: &Bytes, span: Span) {
        self.last_crc = header.crc;
        if let Some(hard_state) = header.hard_state {
            self.hard_state = hard_state;
        }
        if let Some(from) = header.truncate_from {
            self.index.truncate(from);
            self.terms.truncate(from);
        }
        if header.entry_count > 0 {
            self.index.push(span);
        }
        for entry in read_entries(frame) {
            self.terms.push(entry.index, entry.term);
        }
    }
}

/// The latest place that any undamaged frame behind `end` names as synced, whatever stands between.
fn named_beyond(directory: &Path, segment: u32, end: Position) -> io::Result<Position> {
    let bytes = fs::read(path_of(directory, segment))?;
    let from = if segment == end.segment { end.byte as usize } else { 0 };
    let mut byte = aligned_up(from.max(SEGMENT_HEADER_BYTES) as u64) as usize;
    let mut named = Position::default();
    while byte + HEADER_BYTES <= bytes.len() {
        let rest = &bytes[byte..];
        let step = if is_whole(rest, Position { segment, byte: byte as u32 }) {
            named = named.max(read_header(rest).synced);
            frame_bytes_at(rest).expect("a whole frame has a length")
        } else {
            1
        };
        byte = aligned_up((byte + step) as u64) as usize;
    }
    Ok(named)
}

fn corruption(directory: &Path, end: Position, named: Position) -> io::Error {
    let Position { segment, byte } = end;
    let path = path_of(directory, segment.max(1));
    let synced = segment_name(named.segment);
    io::Error::other(format!(
        "{} is damaged at byte {byte}, and the log was synced up to byte {} of {synced}",
        path.display(),
        named.byte,
    ))
}

/// Takes away what no sync has covered. Doing it twice, or half of it, does no harm.
fn cut(directory: &Path, end: Position, beyond: &[u32]) -> io::Result<()> {
    for segment in beyond.iter().rev() {
        fs::remove_file(path_of(directory, *segment))?;
    }
    File::open(directory)?.sync_all()?;
    if end.segment > 0 {
        let file = OpenOptions::new().write(true).open(path_of(directory, end.segment))?;
        file.set_len(end.byte.into())?;
        file.sync_all()?;
    }
    Ok(())
}

/// A process that was killed leaves its last writes in the page cache: they look durable. They are
/// written once more, since after a failed sync the system takes pages for clean that never reached
/// the disk, and a sync alone would not try again. Source: Rebello et al., ATC'20.
fn rewrite(directory: &Path, named: Position, end: Position) -> io::Result<()> {
    if named >= end {
        return Ok(());
    }
    for segment in named.segment.max(1)..=end.segment {
        let path = path_of(directory, segment);
        let bytes = fs::read(&path)?;
        let from = if segment == named.segment { named.byte as usize } else { 0 };
        let file = OpenOptions::new().write(true).open(path)?;
        file.write_all_at(&bytes[from.min(bytes.len())..], from as u64)?;
        file.sync_all()?;
    }
    File::open(directory)?.sync_all()
}

fn path_of(directory: &Path, segment: u32) -> PathBuf {
    directory.join(segment_name(segment))
}

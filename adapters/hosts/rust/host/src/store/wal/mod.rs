//! raftmark's own write-ahead log: segments of frames, one per write. See `frame`, `segment` and
//! `recovery` for the format and what a crash leaves of it.

mod frame;
mod index;
mod mark;
mod position;
mod recovery;
mod segment;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;

use super::recent::Recent;
use super::{Durable, Entry, HardState, Store, Terms, Write};
use crate::counters::Counters;
use frame::{Place, aligned_up, encode, frame_bytes_of, read_entries};
use index::{FrameIndex, Span};
use mark::write_mark;
use position::{AtomicPosition, Position};
use recovery::recover;
use segment::{Owner, SEGMENT_HEADER_BYTES, encode_header, segment_name};

const LOCK_NAME: &str = "lock";

/// A segment that a frame would make larger is full.
const SEGMENT_BYTES_MAX: u64 = 64 << 20;

/// Zeros that are written at once, for small frames to overwrite: a sync then changes neither size
/// nor blocks of the file, which took a third off it (docs/STORES.md).
const PREALLOCATED_BYTES: u64 = 256 * 1024;
static ZEROS: [u8; PREALLOCATED_BYTES as usize] = [0; PREALLOCATED_BYTES as usize];

/// Larger frames are appended: the zeros would be bytes to write too.
const OVERWRITING_BYTES_MAX: u64 = 32 * 1024;

/// Payload bytes of the log's end that are kept in memory for readers.
const RECENT_BYTES_MAX: usize = 1 << 20;

pub struct WalStore {
    directory: PathBuf,
    owner: Owner,
    is_synced: bool,
    counters: Arc<Counters>,
    hard_state: HardState,
    terms: Terms,
    index: FrameIndex,
    recent: Recent,
    tail: Arc<Tail>,
    end: Position,
    previous_crc: u32,
    /// Up to here the current segment holds zeros to be overwritten.
    allocated_end: u64,
    buffer: Vec<u8>,
    is_written: bool,
    failure: Option<String>,
    /// Locked as long as it is open.
    _lock: File,
}

/// What a sync has to look at, on its own thread.
struct Tail {
    directory: PathBuf,
    counters: Arc<Counters>,
    files: Mutex<Files>,
    synced: AtomicPosition,
}

struct Files {
    current: Arc<File>,
    /// Full segments that no sync has covered yet.
    sealed: Vec<Arc<File>>,
    has_new_name: bool,
    end: Position,
}

impl WalStore {
    /// Opens, and makes if it is not there, the log of one group of one node.
    pub fn open(
        directory: &Path,
        node: u32,
        group: u32,
        is_synced: bool,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let owner = Owner { node, group };
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join(LOCK_NAME))?;
        lock.try_lock().map_err(|_| io::Error::other("another process has this directory"))?;
        let log = recover(directory, owner, is_synced)?;
        let is_new = log.end.segment == 0;
        let segment = log.end.segment.max(1);
        let file = Arc::new(open_segment(directory, segment, is_new)?);
        let allocated_end = file.metadata()?.len();
        let files = Files { current: file, sealed: Vec::new(), has_new_name: false, end: log.end };
        let tail = Tail {
            directory: directory.to_owned(),
            counters: counters.clone(),
            files: Mutex::new(files),
            synced: AtomicPosition::new(if is_synced { log.end } else { Position::default() }),
        };
        let mut store = WalStore {
            directory: directory.to_owned(),
            owner,
            is_synced,
            counters,
            hard_state: log.hard_state,
            terms: log.terms,
            index: log.index,
            recent: Recent::new(RECENT_BYTES_MAX),
            tail: Arc::new(tail),
            end: log.end,
            previous_crc: log.last_crc,
            allocated_end,
            buffer: Vec::new(),
            is_written: false,
            failure: None,
            _lock: lock,
        };
        if is_new {
            store.begin_segment(1)?;
        }
        store.fill_recent()?;
        Ok(store)
    }

    /// After an error half a frame may be there: nothing may ever follow it.
    fn final_failure<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            self.failure.get_or_insert(error.to_string());
        }
        result
    }

    fn append_frame(&mut self, write: &Write) -> io::Result<()> {
        let frame_bytes = frame_bytes_of(write) as u64;
        let is_empty = self.end.byte as usize == SEGMENT_HEADER_BYTES;
        if !is_empty && u64::from(self.end.byte) + frame_bytes > SEGMENT_BYTES_MAX {
            self.begin_segment(self.end.segment + 1)?;
        }
        let position = self.end;
        let place =
            Place { position, synced: self.tail.synced.get(), previous_crc: self.previous_crc };
        self.buffer.clear();
        let crc = encode(&mut self.buffer, write, place);
        self.preallocate(frame_bytes)?;
        self.write_at(&self.buffer, position.byte.into())?;
        self.previous_crc = crc;
        self.end.byte = aligned_up(u64::from(position.byte) + frame_bytes) as u32;
        self.tail.lock().end = self.end;
        if let Some(first) = write.entries.first() {
            let (Position { segment, byte }, bytes) = (position, frame_bytes as u32);
            self.index.push(Span { segment, byte, bytes, first_index: first.index });
        }
        Ok(())
    }

    fn begin_segment(&mut self, segment: u32) -> io::Result<()> {
        let header = encode_header(self.owner, segment, self.previous_crc);
        if segment > 1 {
            let file = Arc::new(open_segment(&self.directory, segment, true)?);
            let mut files = self.tail.lock();
            let full = std::mem::replace(&mut files.current, file);
            if self.is_synced {
                files.sealed.push(full);
            }
        }
        self.write_at(&header, 0)?;
        self.end = Position { segment, byte: SEGMENT_HEADER_BYTES as u32 };
        self.allocated_end = 0;
        let mut files = self.tail.lock();
        files.has_new_name = true;
        files.end = self.end;
        Ok(())
    }

    fn preallocate(&mut self, frame_bytes: u64) -> io::Result<()> {
        let start = u64::from(self.end.byte).max(self.allocated_end);
        let is_covered = u64::from(self.end.byte) + frame_bytes <= self.allocated_end;
        if frame_bytes > OVERWRITING_BYTES_MAX || is_covered {
            return Ok(());
        }
        let room = SEGMENT_BYTES_MAX.saturating_sub(start).max(frame_bytes);
        let zeros = &ZEROS[..room.min(PREALLOCATED_BYTES) as usize];
        self.write_at(zeros, start)?;
        self.allocated_end = start + zeros.len() as u64;
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let file = self.tail.lock().current.clone();
        file.write_all_at(bytes, at)?;
        self.counters.writes.add(1);
        self.counters.bytes_written.add(bytes.len() as u64);
        Ok(())
    }

    fn read_span(&self, span: Span) -> io::Result<Vec<Entry>> {
        let mut frame = vec![0; span.bytes as usize];
        if span.segment == self.end.segment {
            let file = self.tail.lock().current.clone();
            file.read_exact_at(&mut frame, span.byte.into())?;
        } else {
            let file = File::open(self.directory.join(segment_name(span.segment)))?;
            file.read_exact_at(&mut frame, span.byte.into())?;
        }
        Ok(read_entries(&Bytes::from(frame)))
    }

    fn fill_recent(&mut self) -> io::Result<()> {
        let Some(span) = self.index.last() else { return Ok(()) };
        let last_index = self.terms.last_index();
        for entry in self.read_span(span)?.into_iter().filter(|entry| entry.index <= last_index) {
            self.recent.push(entry);
        }
        Ok(())
    }

    fn read_frames(&self, start: u64, end: u64, bytes_max: u64) -> io::Result<Vec<Entry>> {
        let spans = self.index.from(start);
        let mut found = Vec::new();
        let mut bytes = 0;
        for (nth, span) in spans.iter().enumerate().take_while(|(_, span)| span.first_index < end) {
            let next = spans.get(nth + 1).map_or(end, |next| next.first_index.min(end));
            for entry in self.read_span(*span)? {
                if entry.index < start || entry.index >= next {
                    continue;
                }
                bytes += entry.payload.len() as u64;
                if !found.is_empty() && bytes > bytes_max {
                    return Ok(found);
                }
                found.push(entry);
            }
        }
        Ok(found)
    }
}

impl Store for WalStore {
    fn hard_state(&self) -> HardState {
        self.hard_state
    }

    fn last_index(&self) -> u64 {
        self.terms.last_index()
    }

    fn term(&self, index: u64) -> Option<u64> {
        self.terms.of(index)
    }

    fn append(&mut self, write: &Write) -> io::Result<()> {
        if let Some(failure) = &self.failure {
            return Err(io::Error::other(failure.clone()));
        }
        if let Some(from) = write.truncate_from {
            self.index.truncate(from);
            self.recent.truncate(from);
            self.terms.truncate(from);
        }
        let appended = self.append_frame(write);
        self.final_failure(appended)?;
        self.is_written = true;
        self.hard_state = write.hard_state.unwrap_or(self.hard_state);
        for entry in &write.entries {
            self.terms.push(entry.index, entry.term);
            self.recent.push(entry.clone());
        }
        Ok(())
    }

    fn entries(&self, start: u64, end: u64, bytes_max: u64) -> io::Result<Vec<Entry>> {
        assert!(start < end && end <= self.last_index() + 1, "the range is not in the log");
        match self.recent.read(start, end, bytes_max) {
            Some(entries) => Ok(entries),
            None => self.read_frames(start, end, bytes_max),
        }
    }

    fn durable(&self) -> Option<Arc<dyn Durable>> {
        self.is_synced.then(|| self.tail.clone() as Arc<dyn Durable>)
    }

    fn close(&mut self) -> io::Result<()> {
        if self.is_synced && self.is_written && self.failure.is_none() {
            self.counters.bytes_written.add(write_mark(&self.directory, self.tail.synced.get())?);
        }
        Ok(())
    }
}

impl Tail {
    fn lock(&self) -> MutexGuard<'_, Files> {
        self.files.lock().expect("a panic ends the process")
    }
}

impl Durable for Tail {
    fn sync(&self) -> io::Result<()> {
        let (current, sealed, has_new_name, end) = {
            let mut files = self.lock();
            let has_new_name = std::mem::take(&mut files.has_new_name);
            (files.current.clone(), std::mem::take(&mut files.sealed), has_new_name, files.end)
        };
        for file in sealed.iter().chain([&current]) {
            self.counters.syncs.add(1);
            file.sync_data()?;
        }
        if has_new_name {
            self.counters.syncs.add(1);
            File::open(&self.directory)?.sync_all()?;
        }
        self.synced.raise(end);
        Ok(())
    }
}

fn open_segment(directory: &Path, segment: u32, is_new: bool) -> io::Result<File> {
    let path = directory.join(segment_name(segment));
    OpenOptions::new().read(true).write(true).create_new(is_new).open(path)
}

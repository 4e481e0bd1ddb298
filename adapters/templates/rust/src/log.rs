use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use bytes::Bytes;
use tokio::sync::watch;

/// Codes of the contract; see raftmark.proto.
pub mod code {
    pub const OK: u64 = 0;
    pub const NOT_LEADER: u64 = 1;
    pub const UNKNOWN_PARTITION: u64 = 3;
    pub const OFFSET_OUT_OF_RANGE: u64 = 4;
    pub const BATCH_TOO_LARGE: u64 = 6;
    pub const CORRUPT_BATCH: u64 = 7;
    pub const OUT_OF_ORDER_SEQUENCE: u64 = 9;
    pub const FENCED: u64 = 10;
}

/// What became of one batch.
#[derive(Clone, Copy, Default)]
pub struct Outcome {
    pub code: u64,
    pub base_offset: u64,
    pub term: u64,
    pub index: u64,
}

#[derive(Default)]
struct Producer {
    epoch: i16,
    next: i32,
    offsets: BTreeMap<i32, u64>,
}

#[derive(Default)]
struct Kept {
    /// As served.
    batches: Vec<Bytes>,
    /// Base offset of each.
    bases: Vec<u64>,
    producers: HashMap<i64, Producer>,
}

/// One partition.
pub struct Log {
    kept: Mutex<Kept>,
    /// Offset of the next record: the high watermark.
    end: watch::Sender<u64>,
}

impl Log {
    pub fn new() -> Self {
        Log { kept: Mutex::default(), end: watch::Sender::new(0) }
    }

    /// Returns once the batch is committed and applied.
    ///
    /// ======================= YOUR RAFT GOES HERE =======================
    /// A Raft proposes the batch, replicates it, waits until a majority has
    /// it, and then every node calls apply for each entry in log order.
    /// Without one, the first node applies at once, and tells nobody.
    /// ===================================================================
    pub async fn propose(&self, batch: &Bytes) -> Outcome {
        self.apply(batch, 1)
    }

    fn apply(&self, batch: &Bytes, term: u64) -> Outcome {
        let Some(header) = Header::of(batch) else {
            return Outcome { code: code::CORRUPT_BATCH, term, ..Outcome::default() };
        };
        let mut kept = self.kept.lock().expect("no holder panics");
        let base = *self.end.borrow();
        if let Some(outcome) = kept.judge(&header, base) {
            return Outcome { term, ..outcome };
        }
        let mut served = batch.to_vec();
        served[0..8].copy_from_slice(&base.to_be_bytes());
        served[12..16].copy_from_slice(&(term as u32).to_be_bytes());
        kept.batches.push(served.into());
        kept.bases.push(base);
        self.end.send_replace(base + header.count as u64);
        Outcome { code: code::OK, base_offset: base, term, index: kept.batches.len() as u64 }
    }

    /// Whole batches from the one that contains `offset`, up to `bytes_max` but at least one.
    pub fn read(&self, offset: u64, bytes_max: u64) -> Vec<Bytes> {
        let kept = self.kept.lock().expect("no holder panics");
        if offset >= self.end() {
            return Vec::new();
        }
        let first = kept.bases.partition_point(|base| *base <= offset) - 1;
        let mut bytes = 0;
        let fitting = kept.batches[first..].iter().take_while(|batch| {
            let is_first = bytes == 0;
            bytes += batch.len() as u64;
            is_first || bytes <= bytes_max
        });
        fitting.cloned().collect()
    }

    pub fn end(&self) -> u64 {
        *self.end.borrow()
    }

    pub fn last_index(&self) -> u64 {
        self.kept.lock().expect("no holder panics").batches.len() as u64
    }

    /// Tells when the log grows.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.end.subscribe()
    }
}

impl Kept {
    /// What a producer's batch is answered when it must not be appended; else it is remembered.
    fn judge(&mut self, header: &Header, base: u64) -> Option<Outcome> {
        if header.producer < 0 {
            return None;
        }
        let refused = |code| Some(Outcome { code, ..Outcome::default() });
        let fresh = || Producer { epoch: header.epoch, ..Producer::default() };
        let known = self.producers.entry(header.producer).or_insert_with(fresh);
        if header.epoch < known.epoch {
            return refused(code::FENCED);
        }
        if header.epoch > known.epoch {
            *known = fresh();
        }
        if let Some(offset) = known.offsets.get(&header.sequence) {
            return Some(Outcome { base_offset: *offset, ..Outcome::default() });
        }
        if header.sequence != known.next {
            return refused(code::OUT_OF_ORDER_SEQUENCE);
        }
        known.next += header.count;
        known.offsets.insert(header.sequence, base);
        if known.offsets.len() > 5 {
            known.offsets.pop_first();
        }
        None
    }
}

struct Header {
    count: i32,
    producer: i64,
    epoch: i16,
    sequence: i32,
}

impl Header {
    /// Reads the 61 bytes before the records of a Kafka record batch, format v2.
    fn of(batch: &Bytes) -> Option<Header> {
        if batch.len() < 61 || batch[16] != 2 {
            return None;
        }
        let i16_at = |at: usize| i16::from_be_bytes(batch[at..at + 2].try_into().expect("2 bytes"));
        let i32_at = |at: usize| i32::from_be_bytes(batch[at..at + 4].try_into().expect("4 bytes"));
        let producer = i64::from_be_bytes(batch[43..51].try_into().expect("8 bytes"));
        let count = i32_at(57);
        let is_whole = i32_at(8) as usize == batch.len() - 12 && i32_at(23) == count - 1;
        let is_plain = i16_at(21) & 0x37 == 0;
        let header = Header { count, producer, epoch: i16_at(51), sequence: i32_at(53) };
        (is_whole && is_plain && count > 0).then_some(header)
    }
}

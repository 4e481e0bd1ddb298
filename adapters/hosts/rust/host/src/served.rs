//! What clients see of one group on one node: the partition, and the fetches that wait for it.

use std::io;
use std::time::Instant;

use crate::answer::{Fetch, Fetched, ServedBatch};
use crate::code::Code;
use crate::outbox::Burst;
use crate::partition::{Applied, Partition};
use crate::store::Entry;

/// Entries that are looked up at once while an answer is filled.
const ROWS_PER_LOOK: usize = 64;

/// Reads committed entries of a range, a prefix of them: the store of the group.
pub type ReadEntries<'a> = &'a dyn Fn(u64, u64, u64) -> io::Result<Vec<Entry>>;

/// Who leads, as far as this node knows.
#[derive(Clone, Copy, Default)]
pub struct Lead {
    /// 0 when unknown.
    pub leader: u32,
    /// This node leads, and has applied all that it may have to.
    pub is_established: bool,
}

#[derive(Default)]
pub struct Served {
    pub partition: Partition,
    pub lead: Lead,
    parked: Vec<Fetch>,
    has_grown: bool,
}

impl Served {
    pub fn apply(&mut self, entry: &Entry) -> Applied {
        let before = self.partition.high_watermark();
        let applied = self.partition.apply(entry);
        self.has_grown |= self.partition.high_watermark() > before;
        applied
    }

    /// Answers at once, when the high watermark passes the offset, or at the deadline. The caller
    /// has made sure of the consistency that was asked for.
    pub fn fetch(&mut self, fetch: Fetch, now: Instant, read: ReadEntries<'_>, burst: &mut Burst) {
        let high_watermark = self.partition.high_watermark();
        if fetch.offset < high_watermark {
            let fetched = match self.batches_from(&fetch, read) {
                Ok(batches) => Fetched { batches, ..self.without_batches(Code::Ok) },
                Err(_) => self.without_batches(Code::StorageFailed),
            };
            fetch.answer.fetched(burst, &fetched);
        } else if fetch.offset > high_watermark {
            // Only a leader that has applied all can say that the offset does not exist.
            let known = self.lead.is_established;
            let code = if known { Code::OffsetOutOfRange } else { Code::OffsetNotAvailable };
            self.refuse(fetch, code, burst);
        } else if fetch.deadline <= now {
            self.refuse(fetch, Code::Ok, burst);
        } else {
            self.parked.push(fetch);
        }
    }

    /// Answers without a record.
    pub fn refuse(&self, fetch: Fetch, code: Code, burst: &mut Burst) {
        fetch.answer.fetched(burst, &self.without_batches(code));
    }

    /// Answers those that waited for what was applied since the last call.
    pub fn wake_grown(&mut self, now: Instant, read: ReadEntries<'_>, burst: &mut Burst) {
        if std::mem::take(&mut self.has_grown) {
            self.wake(now, read, burst);
        }
    }

    /// Answers those whose wait is over.
    pub fn wake(&mut self, now: Instant, read: ReadEntries<'_>, burst: &mut Burst) {
        for fetch in std::mem::take(&mut self.parked) {
            self.fetch(fetch, now, read, burst);
        }
    }

    pub fn refuse_all(&mut self, code: Code, burst: &mut Burst) {
        for fetch in std::mem::take(&mut self.parked) {
            self.refuse(fetch, code, burst);
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.parked.iter().map(|fetch| fetch.deadline).min()
    }

    fn without_batches(&self, code: Code) -> Fetched {
        let high_watermark = self.partition.high_watermark();
        Fetched { code, high_watermark, batches: Vec::new(), leader: self.lead.leader }
    }

    fn batches_from(&self, fetch: &Fetch, read: ReadEntries<'_>) -> io::Result<Vec<ServedBatch>> {
        let mut found = Vec::new();
        let mut bytes = 0;
        for rows in self.partition.rows_from(fetch.offset).chunks(ROWS_PER_LOOK) {
            let (first, last) = (rows[0].index, rows[rows.len() - 1].index);
            let entries = read(first, last + 1, fetch.bytes_max as u64)?;
            for row in rows {
                let Some(entry) = entries.get((row.index - first) as usize) else { break };
                bytes += entry.payload.len();
                if !found.is_empty() && bytes > fetch.bytes_max {
                    return Ok(found);
                }
                let (batch, term) = (entry.payload.clone(), entry.term);
                found.push(ServedBatch { batch, base_offset: row.base_offset, term });
            }
            if bytes > fetch.bytes_max {
                break;
            }
        }
        Ok(found)
    }
}

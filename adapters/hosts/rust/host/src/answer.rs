//! Who waits for what, on the streams of clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use bytes::{Bytes, BytesMut};

use crate::batch::put_served;
use crate::code::Code;
use crate::outbox::{Burst, Outbox};
use crate::wire::{bytes_bytes, number_bytes, open_message, put_number};

/// One stream of a client: where its answers go, and what it has unanswered.
#[derive(Default)]
pub struct ClientStream {
    pub outbox: Arc<Outbox>,
    pub requests: AtomicU64,
    pub bytes: AtomicU64,
}

/// Where the answer to one request goes. Given once; if it is dropped instead, the client is
/// told TIMED_OUT, which is indefinite and so never wrong.
pub struct Answer {
    stream: Option<Arc<ClientStream>>,
    id: u32,
    kind: Kind,
}

enum Kind {
    Produce { batch_bytes: u64 },
    Fetch,
}

/// What became of a batch.
#[derive(Clone, Copy)]
pub struct Produced {
    pub code: Code,
    pub base_offset: u64,
    pub term: u64,
    pub index: u64,
    pub leader: u32,
}

impl Produced {
    /// An outcome without an entry.
    pub fn refused(code: Code, term: u64, leader: u32) -> Self {
        Produced { code, base_offset: 0, term, index: 0, leader }
    }
}

/// A committed batch, to be served under its offset.
pub struct ServedBatch {
    pub batch: Bytes,
    pub base_offset: u64,
    pub term: u64,
}

pub struct Fetched {
    pub code: Code,
    pub high_watermark: u64,
    pub batches: Vec<ServedBatch>,
    pub leader: u32,
}

impl Answer {
    pub fn to_produce(stream: &Arc<ClientStream>, id: u32, batch_bytes: u64) -> Self {
        Answer { stream: Some(stream.clone()), id, kind: Kind::Produce { batch_bytes } }
    }

    pub fn to_fetch(stream: &Arc<ClientStream>, id: u32) -> Self {
        Answer { stream: Some(stream.clone()), id, kind: Kind::Fetch }
    }

    pub fn produced(mut self, burst: &mut Burst, produced: Produced) {
        self.give_produced(burst, produced);
    }

    pub fn fetched(mut self, burst: &mut Burst, fetched: &Fetched) {
        self.give_fetched(burst, fetched);
    }

    fn give_produced(&mut self, burst: &mut Burst, produced: Produced) {
        let Some(stream) = self.settle() else { return };
        let Produced { code, base_offset, term, index, leader } = produced;
        let fields = [self.id.into(), code as u64, base_offset, term, index, leader.into()];
        let bytes = fields.iter().map(|value| number_bytes(*value)).sum();
        stream.outbox.put(burst, bytes_bytes(bytes), |frame| {
            open_message(frame, 1, bytes);
            put_numbers(frame, &fields);
        });
    }

    fn give_fetched(&mut self, burst: &mut Burst, fetched: &Fetched) {
        let Some(stream) = self.settle() else { return };
        let (id, leader) = (u64::from(self.id), u64::from(fetched.leader));
        let numbers = [id, fetched.code as u64, 0, fetched.high_watermark];
        let batches: usize =
            fetched.batches.iter().map(|served| bytes_bytes(served.batch.len())).sum();
        let bytes = numbers.iter().map(|value| number_bytes(*value)).sum::<usize>()
            + batches
            + number_bytes(leader);
        stream.outbox.put(burst, bytes_bytes(bytes), |frame| {
            frame.reserve(bytes_bytes(bytes));
            open_message(frame, 1, bytes);
            put_numbers(frame, &numbers);
            for ServedBatch { batch, base_offset, term } in &fetched.batches {
                open_message(frame, 5, batch.len());
                put_served(frame, batch, *base_offset, *term);
            }
            put_number(frame, 6, leader);
        });
    }

    /// The request counts no more against the window of its stream.
    fn settle(&mut self) -> Option<Arc<ClientStream>> {
        let stream = self.stream.take()?;
        stream.requests.fetch_sub(1, Relaxed);
        if let Kind::Produce { batch_bytes } = self.kind {
            stream.bytes.fetch_sub(batch_bytes, Relaxed);
        }
        Some(stream)
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if self.stream.is_none() {
            return;
        }
        let mut burst = Burst::default();
        let (code, leader) = (Code::TimedOut, 0);
        match self.kind {
            Kind::Produce { .. } => {
                self.give_produced(&mut burst, Produced::refused(code, 0, leader));
            }
            Kind::Fetch => {
                let fetched = Fetched { code, high_watermark: 0, batches: Vec::new(), leader };
                self.give_fetched(&mut burst, &fetched);
            }
        }
        burst.flush();
    }
}

fn put_numbers(frame: &mut BytesMut, values: &[u64]) {
    for (field, value) in (1..).zip(values) {
        put_number(frame, field, *value);
    }
}

/// A batch that a client wants appended. It was found whole, and not too large.
pub struct Proposal {
    pub batch: Bytes,
    pub deadline: Instant,
    pub answer: Answer,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Consistency {
    Linearizable,
    Lease,
    Committed,
}

/// A client's wish to read.
pub struct Fetch {
    pub offset: u64,
    pub consistency: Consistency,
    pub bytes_max: usize,
    pub deadline: Instant,
    pub answer: Answer,
}

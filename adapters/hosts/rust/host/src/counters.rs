//! What a node counts since it started, over all groups.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::wire::{put_double, put_number};

/// Medians are of this many of the latest delays.
const DELAYS_MAX: usize = 1024;

#[derive(Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, by: u64) {
        self.0.fetch_add(by, Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

#[derive(Default)]
pub struct Counters {
    pub syncs: Counter,
    pub bytes_written: Counter,
    pub writes: Counter,
    pub produced: Counter,
    pub campaigns: Counter,
    pub messages_sent: Counter,
    /// Takes of a library's output, and entries in their writes: their ratio is the natural batch.
    pub takes: Counter,
    pub entries_persisted: Counter,
    pub frames_received: Counter,
    pub requests_received: Counter,
    delays: Mutex<Delays>,
}

#[derive(Default)]
struct Delays {
    latest: Vec<f64>,
    count: usize,
}

impl Counters {
    /// An injected delay, as it was reached.
    pub fn delayed(&self, by: Duration) {
        let mut delays = self.delays.lock().expect("a panic ends the process");
        let ms = by.as_secs_f64() * 1e3;
        let at = delays.count % DELAYS_MAX;
        if at < delays.latest.len() {
            delays.latest[at] = ms;
        } else {
            delays.latest.push(ms);
        }
        delays.count += 1;
    }

    /// As a CountersReply.
    pub fn encode(&self) -> Bytes {
        let counted = [
            &self.syncs,
            &self.bytes_written,
            &self.writes,
            &self.produced,
            &self.campaigns,
            &self.messages_sent,
            &self.takes,
            &self.entries_persisted,
            &self.frames_received,
            &self.requests_received,
        ];
        let mut reply = BytesMut::new();
        for (field, counter) in (1..).zip(counted) {
            put_number(&mut reply, field, counter.get());
        }
        put_double(&mut reply, 14, self.delay_ms_p50());
        reply.freeze()
    }

    /// NaN when nothing was injected.
    fn delay_ms_p50(&self) -> f64 {
        let mut latest = self.delays.lock().expect("a panic ends the process").latest.clone();
        latest.sort_by(f64::total_cmp);
        latest.get(latest.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

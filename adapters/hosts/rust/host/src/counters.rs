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
    pub sync_delays: Delays,
    pub link_delays: Delays,
}

/// Injected delays, as they were reached.
#[derive(Default)]
pub struct Delays(Mutex<Latest>);

#[derive(Default)]
struct Latest {
    ms: Vec<f64>,
    count: usize,
}

impl Delays {
    pub fn add(&self, reached: Duration) {
        let mut latest = self.0.lock().expect("a panic ends the process");
        let ms = reached.as_secs_f64() * 1e3;
        let at = latest.count % DELAYS_MAX;
        if at < latest.ms.len() {
            latest.ms[at] = ms;
        } else {
            latest.ms.push(ms);
        }
        latest.count += 1;
    }

    /// NaN when nothing was injected.
    fn ms_p50(&self) -> f64 {
        let mut ms = self.0.lock().expect("a panic ends the process").ms.clone();
        ms.sort_by(f64::total_cmp);
        ms.get(ms.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

impl Counters {
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
        put_double(&mut reply, 14, self.sync_delays.ms_p50());
        put_double(&mut reply, 15, self.link_delays.ms_p50());
        reply.freeze()
    }
}

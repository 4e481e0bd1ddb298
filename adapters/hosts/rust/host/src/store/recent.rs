use std::collections::VecDeque;

use super::{Entry, bounded};

/// The end of the log in memory, as much of it as `bytes_max` payload bytes allow.
pub struct Recent {
    entries: VecDeque<Entry>,
    bytes: usize,
    bytes_max: usize,
}

impl Recent {
    pub fn new(bytes_max: usize) -> Self {
        Recent { entries: VecDeque::new(), bytes: 0, bytes_max }
    }

    pub fn push(&mut self, entry: Entry) {
        self.bytes += entry.payload.len();
        self.entries.push_back(entry);
        while self.bytes > self.bytes_max {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.payload.len();
        }
    }

    pub fn truncate(&mut self, from: u64) {
        while self.entries.back().is_some_and(|last| last.index >= from) {
            self.bytes -= self.entries.pop_back().map_or(0, |entry| entry.payload.len());
        }
    }

    /// `None` unless all of the range is held.
    pub fn read(&self, start: u64, end: u64, bytes_max: u64) -> Option<Vec<Entry>> {
        let first = self.entries.front()?.index;
        let held = first <= start && end <= first + self.entries.len() as u64;
        held.then(|| {
            let range = (start - first) as usize..(end - first) as usize;
            bounded(self.entries.range(range), bytes_max)
        })
    }
}

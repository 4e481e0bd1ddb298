//! A log that ends with its process.

use std::io;
use std::sync::Arc;

use super::{Durable, Entry, HardState, Store, Write, bounded};

#[derive(Default)]
pub struct MemoryStore {
    hard_state: HardState,
    /// From index 1 on.
    entries: Vec<Entry>,
}

impl Store for MemoryStore {
    fn hard_state(&self) -> HardState {
        self.hard_state
    }

    fn last_index(&self) -> u64 {
        self.entries.len() as u64
    }

    fn term(&self, index: u64) -> Option<u64> {
        match index {
            0 => Some(0),
            _ => self.entries.get(index as usize - 1).map(|entry| entry.term),
        }
    }

    fn append(&mut self, write: &Write) -> io::Result<()> {
        if let Some(hard_state) = write.hard_state {
            self.hard_state = hard_state;
        }
        if let Some(from) = write.truncate_from {
            self.entries.truncate(from as usize - 1);
        }
        for entry in &write.entries {
            assert_eq!(entry.index, self.last_index() + 1, "an entry is passed over");
            self.entries.push(entry.clone());
        }
        Ok(())
    }

    fn entries(&self, start: u64, end: u64, bytes_max: u64) -> io::Result<Vec<Entry>> {
        Ok(bounded(self.entries[start as usize - 1..end as usize - 1].iter(), bytes_max))
    }

    fn durable(&self) -> Option<Arc<dyn Durable>> {
        None
    }

    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

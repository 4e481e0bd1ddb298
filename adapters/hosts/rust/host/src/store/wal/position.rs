use std::sync::atomic::{AtomicU64, Ordering};

/// A place in the log's files. Places only grow: what is cut was never known to be durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub segment: u32,
    pub byte: u32,
}

/// A place that several threads look at.
#[derive(Default)]
pub struct AtomicPosition(AtomicU64);

impl AtomicPosition {
    pub fn new(position: Position) -> Self {
        AtomicPosition(AtomicU64::new(packed(position)))
    }

    pub fn get(&self) -> Position {
        let value = self.0.load(Ordering::Acquire);
        Position { segment: (value >> 32) as u32, byte: value as u32 }
    }

    pub fn raise(&self, to: Position) {
        self.0.fetch_max(packed(to), Ordering::AcqRel);
    }
}

fn packed(position: Position) -> u64 {
    u64::from(position.segment) << 32 | u64::from(position.byte)
}

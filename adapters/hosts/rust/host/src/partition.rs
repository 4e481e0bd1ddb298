//! A Kafka-like partition on a Raft log: gives committed entries their offsets, in the order of
//! the log. A function of the entries alone, so that all replicas agree on every offset.

use std::collections::{HashMap, VecDeque};

use crate::batch::Header;
use crate::code::Code;
use crate::store::{Entry, Kind};

/// How many of a producer's last batches are recognised when they come again. As in Kafka.
const BATCHES_REMEMBERED: usize = 5;

/// Sequences wrap after 2^31 - 1 to 0. Source: Kafka's DefaultRecordBatch.incrementSequence.
const SEQUENCE_MASK: i64 = (1 << 31) - 1;

/// What applying an entry came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Applied {
    Offset(u64),
    /// Every replica refuses alike: the log holds the entry, the partition does not.
    Refused(Code),
    /// The library's own entry: it holds no records.
    Nothing,
}

/// Where the records of one entry stand.
#[derive(Clone, Copy)]
pub struct Row {
    pub index: u64,
    pub base_offset: u64,
}

#[derive(Default)]
pub struct Partition {
    rows: Vec<Row>,
    producers: HashMap<i64, Producer>,
    applied_index: u64,
    high_watermark: u64,
}

struct Producer {
    epoch: i16,
    batches: VecDeque<Remembered>,
}

struct Remembered {
    first: i32,
    last: i32,
    base_offset: u64,
}

impl Partition {
    pub fn applied_index(&self) -> u64 {
        self.applied_index
    }

    /// Exclusive: every record below it is committed and applied here.
    pub fn high_watermark(&self) -> u64 {
        self.high_watermark
    }

    /// Takes the committed entry that follows the last one applied.
    pub fn apply(&mut self, entry: &Entry) -> Applied {
        assert_eq!(entry.index, self.applied_index + 1, "an entry is passed over");
        self.applied_index = entry.index;
        if entry.kind != Kind::Records {
            return Applied::Nothing;
        }
        let header = Header::read(&entry.payload);
        if header.producer < 0 {
            return Applied::Offset(self.append(entry.index, header.records));
        }
        match self.judge(&header) {
            Some(applied) => applied,
            None => {
                let base_offset = self.append(entry.index, header.records);
                self.remember(&header, base_offset);
                Applied::Offset(base_offset)
            }
        }
    }

    /// Entries with records, from the one that contains `offset`, which is below the high
    /// watermark.
    pub fn rows_from(&self, offset: u64) -> &[Row] {
        let after = self.rows.partition_point(|row| row.base_offset <= offset);
        &self.rows[after - 1..]
    }

    fn append(&mut self, index: u64, records: u32) -> u64 {
        let base_offset = self.high_watermark;
        self.rows.push(Row { index, base_offset });
        self.high_watermark += u64::from(records);
        base_offset
    }

    /// What a producer's batch comes to when it is not appended.
    fn judge(&self, header: &Header) -> Option<Applied> {
        let out_of_order = Some(Applied::Refused(Code::OutOfOrderSequence));
        let known = self.producers.get(&header.producer);
        let Some(known) = known.filter(|known| known.epoch >= header.epoch) else {
            return if header.sequence == 0 { None } else { out_of_order };
        };
        if header.epoch < known.epoch {
            return Some(Applied::Refused(Code::Fenced));
        }
        let last = last_sequence(header);
        let seen = |batch: &&Remembered| batch.first == header.sequence && batch.last == last;
        if let Some(duplicate) = known.batches.iter().find(seen) {
            return Some(Applied::Offset(duplicate.base_offset));
        }
        let expected = known.batches.back().map_or(0, |batch| following(batch.last, 1));
        if header.sequence == expected { None } else { out_of_order }
    }

    fn remember(&mut self, header: &Header, base_offset: u64) {
        let fresh = || Producer { epoch: header.epoch, batches: VecDeque::new() };
        let known = self.producers.entry(header.producer).or_insert_with(fresh);
        if header.epoch > known.epoch {
            *known = fresh();
        }
        let (first, last) = (header.sequence, last_sequence(header));
        known.batches.push_back(Remembered { first, last, base_offset });
        if known.batches.len() > BATCHES_REMEMBERED {
            known.batches.pop_front();
        }
    }
}

fn last_sequence(header: &Header) -> i32 {
    following(header.sequence, i64::from(header.records) - 1)
}

fn following(sequence: i32, by: i64) -> i32 {
    ((i64::from(sequence) + by) & SEQUENCE_MASK) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::tests::batch_of;

    fn apply(
        partition: &mut Partition,
        records: u32,
        producer: Option<(i64, i16, i32)>,
    ) -> Applied {
        let index = partition.applied_index() + 1;
        let payload = batch_of(records, producer);
        partition.apply(&Entry { index, term: 1, kind: Kind::Records, payload })
    }

    #[test]
    fn gives_consecutive_offsets_and_passes_over_what_holds_none() {
        let mut partition = Partition::default();
        assert_eq!(apply(&mut partition, 3, None), Applied::Offset(0));
        let noop = Entry { index: 2, term: 1, kind: Kind::Noop, payload: Default::default() };
        assert_eq!(partition.apply(&noop), Applied::Nothing);
        assert_eq!(apply(&mut partition, 2, None), Applied::Offset(3));
        assert_eq!(partition.high_watermark(), 5);
        assert_eq!(partition.rows_from(2)[0].index, 1);
        assert_eq!(partition.rows_from(3)[0].index, 3);
    }

    #[test]
    fn recognises_what_comes_again_gaps_and_old_epochs() {
        let mut partition = Partition::default();
        let refused = Applied::Refused;
        assert_eq!(apply(&mut partition, 1, Some((7, 0, 1))), refused(Code::OutOfOrderSequence));
        assert_eq!(apply(&mut partition, 2, Some((7, 0, 0))), Applied::Offset(0));
        assert_eq!(apply(&mut partition, 2, Some((7, 0, 0))), Applied::Offset(0));
        assert_eq!(apply(&mut partition, 1, Some((7, 0, 3))), refused(Code::OutOfOrderSequence));
        assert_eq!(apply(&mut partition, 1, Some((7, 1, 0))), Applied::Offset(2));
        assert_eq!(apply(&mut partition, 1, Some((7, 0, 2))), refused(Code::Fenced));
        assert_eq!(partition.high_watermark(), 3);
    }

    #[test]
    fn sequences_wrap() {
        assert_eq!(following(i32::MAX, 1), 0);
    }
}

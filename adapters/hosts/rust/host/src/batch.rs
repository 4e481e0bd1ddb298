//! The 61 bytes before the records of a Kafka record batch, format v2; all big-endian.
//! Source: kafka.apache.org/documentation/#recordbatch and KIP-98.

use bytes::{BufMut, Bytes, BytesMut};

const HEADER_BYTES: usize = 61;
const MAGIC: u8 = 2;
/// What the length field does not count: base offset and itself.
const LENGTH_EXCLUDES_BYTES: i64 = 12;
const COMPRESSED_TRANSACTIONAL_OR_CONTROL: i16 = 0b11_0111;

/// What decides of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Header {
    pub records: u32,
    /// Negative: no producer, and so no detection of duplicates.
    pub producer: i64,
    pub epoch: i16,
    pub sequence: i32,
}

impl Header {
    /// `None` when the bytes are not exactly one uncompressed batch v2 of data records, as far as
    /// the header tells.
    pub fn of(batch: &[u8]) -> Option<Header> {
        if batch.len() < HEADER_BYTES || batch[16] != MAGIC {
            return None;
        }
        let header = Header::read(batch);
        let length = i64::from(i32::from_be_bytes(at(batch, 8))) + LENGTH_EXCLUDES_BYTES;
        let attributes = i16::from_be_bytes(at(batch, 21));
        let last_offset_delta = i32::from_be_bytes(at(batch, 23));
        let count = i32::from_be_bytes(at(batch, 57));
        let is_whole = length == batch.len() as i64
            && attributes & COMPRESSED_TRANSACTIONAL_OR_CONTROL == 0
            && count >= 1
            && last_offset_delta == count - 1
            && header.producer >= -1
            && (header.producer == -1 || header.sequence >= 0);
        is_whole.then_some(header)
    }

    /// Of a batch that was found whole before.
    pub fn read(batch: &[u8]) -> Header {
        Header {
            records: u32::from_be_bytes(at(batch, 57)),
            producer: i64::from_be_bytes(at(batch, 43)),
            epoch: i16::from_be_bytes(at(batch, 51)),
            sequence: i32::from_be_bytes(at(batch, 53)),
        }
    }
}

/// Appends a batch with offset and leader epoch filled in, which lie outside its checksum.
pub fn put_served(to: &mut BytesMut, batch: &Bytes, base_offset: u64, term: u64) {
    to.put_u64(base_offset);
    to.put_slice(&batch[8..12]);
    to.put_u32(term as u32);
    to.put_slice(&batch[16..]);
}

fn at<const N: usize>(bytes: &[u8], start: usize) -> [u8; N] {
    bytes[start..start + N].try_into().expect("the range has N bytes")
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A batch of `records` records, whose bytes are not looked at here.
    pub fn batch_of(records: u32, producer: Option<(i64, i16, i32)>) -> Bytes {
        let (id, epoch, sequence) = producer.unwrap_or((-1, -1, -1));
        let mut batch = BytesMut::new();
        batch.put_u64(0);
        batch.put_i32(61 - 12 + 3);
        batch.put_i32(-1);
        batch.put_u8(2);
        batch.put_u32(0);
        batch.put_i16(0);
        batch.put_u32(records - 1);
        batch.put_u64(0);
        batch.put_u64(0);
        batch.put_i64(id);
        batch.put_i16(epoch);
        batch.put_i32(sequence);
        batch.put_u32(records);
        batch.put_slice(b"abc");
        batch.freeze()
    }

    #[test]
    fn reads_the_header() {
        let header = Header { records: 3, producer: 7, epoch: 1, sequence: 9 };
        assert_eq!(Header::of(&batch_of(3, Some((7, 1, 9)))), Some(header));
    }

    #[test]
    fn refuses_what_is_no_whole_batch() {
        let batch = batch_of(3, None);
        let changed = |at: usize, value: u8| {
            let mut copy = batch.to_vec();
            copy[at] = value;
            Header::of(&copy)
        };
        assert_eq!(Header::of(&batch[..60]), None);
        assert_eq!(Header::of(&batch[..batch.len() - 1]), None);
        assert_eq!(changed(16, 1), None);
        assert_eq!(changed(22, 1), None);
        assert_eq!(changed(26, 7), None);
    }

    #[test]
    fn serves_with_offset_and_epoch() {
        let batch = batch_of(1, None);
        let mut served = BytesMut::new();
        put_served(&mut served, &batch, 5, 3);
        assert_eq!(served.len(), batch.len());
        assert_eq!(&served[..16], &[0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 52, 0, 0, 0, 3]);
        assert_eq!(served[16..], batch[16..]);
    }
}

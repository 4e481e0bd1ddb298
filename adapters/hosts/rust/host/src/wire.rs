//! proto3 by hand, in place: see raftmark.proto for what the field numbers mean.

use bytes::{BufMut, Bytes, BytesMut};

pub const VARINT: u32 = 0;
const FIXED64: u32 = 1;
pub const BYTES: u32 = 2;
const FIXED32: u32 = 5;

pub const fn tag_of(field: u32, wire_type: u32) -> u32 {
    field << 3 | wire_type
}

/// Why bytes are no message of the contract, and where.
#[derive(Debug, PartialEq)]
pub struct Fault {
    pub fault: &'static str,
    pub byte: usize,
}

/// Reads fields in place. The first mistake is kept and ends all loops; what is read after it
/// means nothing, so a decoder asks `finish` once, at its end.
pub struct Reader<'a> {
    whole: &'a Bytes,
    at: usize,
    end: usize,
    tag_at: usize,
    fault: Option<Fault>,
}

impl<'a> Reader<'a> {
    pub fn new(whole: &'a Bytes) -> Self {
        Reader { whole, at: 0, end: whole.len(), tag_at: 0, fault: None }
    }

    /// The next field's tag, or 0 at the end of the message, or after a fault.
    pub fn tag(&mut self) -> u32 {
        if self.at >= self.end || self.fault.is_some() {
            return 0;
        }
        self.tag_at = self.at;
        let tag = self.varint();
        match u32::try_from(tag) {
            Ok(tag) if tag >= 8 => tag,
            _ => {
                self.fail("field number 0 or out of range");
                0
            }
        }
    }

    /// Enters a message field: `tag` ends at its end. Returns what `leave` needs.
    pub fn enter(&mut self) -> usize {
        let outer = self.end;
        self.end = self.length_end();
        outer
    }

    pub fn leave(&mut self, outer: usize) {
        self.end = outer;
    }

    pub fn u64(&mut self) -> u64 {
        self.varint()
    }

    pub fn u32(&mut self) -> u32 {
        u32::try_from(self.varint()).unwrap_or_else(|_| {
            self.fail("number above 2^32");
            0
        })
    }

    /// A slice of the whole, not a copy.
    pub fn bytes(&mut self) -> Bytes {
        let end = self.length_end();
        let start = self.at.min(end);
        self.at = end;
        self.whole.slice(start..end)
    }

    /// Steps over a field that the decoder does not know.
    pub fn skip(&mut self, tag: u32) {
        match tag & 7 {
            VARINT => drop(self.varint()),
            BYTES => self.at = self.length_end(),
            FIXED64 => self.step(8),
            FIXED32 => self.step(4),
            _ => self.fail("a wire type that is no part of proto3"),
        }
    }

    pub fn fail(&mut self, fault: &'static str) {
        let byte = self.tag_at;
        self.fault.get_or_insert(Fault { fault, byte });
        self.at = self.end;
    }

    pub fn finish(self) -> Result<(), Fault> {
        self.fault.map_or(Ok(()), Err)
    }

    fn step(&mut self, bytes: usize) {
        if self.at + bytes > self.end {
            self.fail("field runs past its message");
        } else {
            self.at += bytes;
        }
    }

    fn length_end(&mut self) -> usize {
        let length = usize::try_from(self.varint()).unwrap_or(usize::MAX);
        match self.at.checked_add(length) {
            Some(end) if end <= self.end => end,
            _ => {
                self.fail("field runs past its message");
                self.end
            }
        }
    }

    fn varint(&mut self) -> u64 {
        let mut value = 0;
        for (nth, byte) in self.whole[self.at..self.end].iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * nth);
            if *byte < 0x80 {
                self.at += nth + 1;
                return value;
            }
        }
        self.fail("a varint does not end");
        0
    }
}

pub const fn varint_bytes(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Of a field below 16; 0 when the value is left out.
pub const fn number_bytes(value: u64) -> usize {
    if value == 0 { 0 } else { 1 + varint_bytes(value) }
}

/// Of a field below 16, tag and length included.
pub const fn bytes_bytes(length: usize) -> usize {
    1 + varint_bytes(length as u64) + length
}

pub fn put_varint(to: &mut BytesMut, mut value: u64) {
    while value >= 0x80 {
        to.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    to.put_u8(value as u8);
}

/// Left out when zero, as proto3 does.
pub fn put_number(to: &mut BytesMut, field: u32, value: u64) {
    if value != 0 {
        put_varint(to, u64::from(tag_of(field, VARINT)));
        put_varint(to, value);
    }
}

pub fn put_double(to: &mut BytesMut, field: u32, value: f64) {
    put_varint(to, u64::from(tag_of(field, FIXED64)));
    to.put_f64_le(value);
}

pub fn put_bytes(to: &mut BytesMut, field: u32, value: &[u8]) {
    open_message(to, field, value.len());
    to.put_slice(value);
}

/// Begins a message or bytes field of exactly `length` bytes, which must follow.
pub fn open_message(to: &mut BytesMut, field: u32, length: usize) {
    put_varint(to, u64::from(tag_of(field, BYTES)));
    put_varint(to, length as u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote() {
        let mut written = BytesMut::new();
        put_number(&mut written, 1, 300);
        put_bytes(&mut written, 2, b"abc");
        put_double(&mut written, 3, 1.5);
        put_number(&mut written, 4, u64::MAX);
        let bytes = written.freeze();
        let mut reader = Reader::new(&bytes);
        assert_eq!((reader.tag(), reader.u64()), (tag_of(1, VARINT), 300));
        assert_eq!((reader.tag(), reader.bytes()), (tag_of(2, BYTES), Bytes::from("abc")));
        let unknown = reader.tag();
        reader.skip(unknown);
        assert_eq!((reader.tag(), reader.u64()), (tag_of(4, VARINT), u64::MAX));
        assert_eq!(reader.tag(), 0);
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn tells_where_a_frame_is_cut() {
        let bytes = Bytes::from_static(&[0x12, 0x7f, 0x08]);
        let mut reader = Reader::new(&bytes);
        reader.tag();
        reader.bytes();
        assert_eq!(reader.tag(), 0);
        let fault = Fault { fault: "field runs past its message", byte: 0 };
        assert_eq!(reader.finish(), Err(fault));
    }

    #[test]
    fn lengths_are_those_of_what_is_written() {
        for value in [1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX] {
            let mut written = BytesMut::new();
            put_number(&mut written, 1, value);
            assert_eq!(written.len(), number_bytes(value), "{value}");
        }
    }
}

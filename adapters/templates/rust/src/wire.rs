//! proto3 by hand: see raftmark.proto for what the field numbers mean.

use bytes::Bytes;

/// One decoded message: numbers and bytes by field number, of those below 16.
#[derive(Clone, Default)]
pub struct Message {
    pub numbers: [u64; 16],
    pub bytes: [Bytes; 16],
}

pub enum Value {
    Number(u64),
    Bytes(Bytes),
}

/// Calls `take` for each field; `None` at bytes that are no message.
pub fn read_fields(data: &Bytes, mut take: impl FnMut(u64, Value) -> Option<()>) -> Option<()> {
    let mut at = 0;
    while at < data.len() {
        let tag = read_varint(data, &mut at)?;
        let value = match tag & 7 {
            0 => Value::Number(read_varint(data, &mut at)?),
            2 => {
                let length = usize::try_from(read_varint(data, &mut at)?).ok()?;
                let end = at.checked_add(length).filter(|end| *end <= data.len())?;
                let bytes = data.slice(at..end);
                at = end;
                Value::Bytes(bytes)
            }
            _ => return None,
        };
        take(tag >> 3, value)?;
    }
    Some(())
}

pub fn read_message(data: &Bytes) -> Option<Message> {
    let mut message = Message::default();
    read_fields(data, |field, value| {
        match value {
            Value::Number(number) if field < 16 => message.numbers[field as usize] = number,
            Value::Bytes(bytes) if field < 16 => message.bytes[field as usize] = bytes,
            _ => (),
        }
        Some(())
    })?;
    Some(message)
}

fn read_varint(data: &Bytes, at: &mut usize) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *data.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

pub fn put_varint(to: &mut Vec<u8>, value: u64) {
    let mut rest = value;
    while rest >= 0x80 {
        to.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    to.push(rest as u8);
}

/// Left out when zero, as proto3 does.
pub fn put_number(to: &mut Vec<u8>, field: u64, value: u64) {
    if value != 0 {
        put_varint(to, field << 3);
        put_varint(to, value);
    }
}

pub fn put_bytes(to: &mut Vec<u8>, field: u64, value: &[u8]) {
    put_varint(to, field << 3 | 2);
    put_varint(to, value.len() as u64);
    to.extend_from_slice(value);
}

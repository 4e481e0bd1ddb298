//! The hot frames; see raftmark.proto.

use bytes::Bytes;

use crate::answer::Consistency;
use crate::wire::{BYTES, Fault, Reader, VARINT, tag_of};

#[derive(Default)]
pub struct Hello {
    pub contract: u32,
    pub run_id: Bytes,
    pub window_requests: u32,
    pub window_bytes: u32,
}

#[derive(Default)]
pub struct PeerHello {
    pub contract: u32,
    pub run_id: Bytes,
    pub from: u32,
    pub to: u32,
}

#[derive(Default)]
pub struct Produce {
    pub id: u32,
    pub partition: u32,
    pub acks_leader: bool,
    pub timeout_ms: u32,
    pub batch: Bytes,
}

pub struct FetchRequest {
    pub id: u32,
    pub partition: u32,
    pub offset: u64,
    pub consistency: Consistency,
    pub max_bytes: u32,
    pub max_wait_ms: u32,
}

#[derive(Default)]
pub struct PeerMessage {
    pub group: u32,
    pub payload: Bytes,
}

const HELLO: u32 = tag_of(1, BYTES);
const ITEMS: u32 = tag_of(2, BYTES);
const V1: u32 = tag_of(1, VARINT);
const V2: u32 = tag_of(2, VARINT);
const V3: u32 = tag_of(3, VARINT);
const V4: u32 = tag_of(4, VARINT);
const V5: u32 = tag_of(5, VARINT);
const V6: u32 = tag_of(6, VARINT);
const B2: u32 = tag_of(2, BYTES);
const B5: u32 = tag_of(5, BYTES);

/// Appends the frame's requests to `into`.
pub fn read_produce(frame: &Bytes, into: &mut Vec<Produce>) -> Result<Option<Hello>, Fault> {
    read_frame(frame, read_hello, |reader| {
        into.push(read_message(reader, Produce::default(), |reader, tag, request| match tag {
            V1 => request.id = reader.u32(),
            V2 => request.partition = reader.u32(),
            V3 => match reader.u32() {
                acks @ 0..=1 => request.acks_leader = acks == 1,
                _ => reader.fail("acks are unknown"),
            },
            V4 => request.timeout_ms = reader.u32(),
            B5 => request.batch = reader.bytes(),
            _ => reader.skip(tag),
        }));
    })
}

/// Appends the frame's requests to `into`.
pub fn read_fetch(frame: &Bytes, into: &mut Vec<FetchRequest>) -> Result<Option<Hello>, Fault> {
    read_frame(frame, read_hello, |reader| {
        let empty = FetchRequest {
            id: 0,
            partition: 0,
            offset: 0,
            consistency: Consistency::Linearizable,
            max_bytes: 0,
            max_wait_ms: 0,
        };
        into.push(read_message(reader, empty, |reader, tag, request| match tag {
            V1 => request.id = reader.u32(),
            V2 => request.partition = reader.u32(),
            V3 => request.offset = reader.u64(),
            V4 => match reader.u32() {
                0 => request.consistency = Consistency::Linearizable,
                1 => request.consistency = Consistency::Lease,
                2 => request.consistency = Consistency::Committed,
                _ => reader.fail("consistency is unknown"),
            },
            V5 => request.max_bytes = reader.u32(),
            V6 => request.max_wait_ms = reader.u32(),
            _ => reader.skip(tag),
        }));
    })
}

/// Appends the frame's messages to `into`.
pub fn read_peer(frame: &Bytes, into: &mut Vec<PeerMessage>) -> Result<Option<PeerHello>, Fault> {
    read_frame(frame, read_peer_hello, |reader| {
        into.push(read_message(reader, PeerMessage::default(), |reader, tag, message| match tag {
            V1 => message.group = reader.u32(),
            B2 => message.payload = reader.bytes(),
            _ => reader.skip(tag),
        }));
    })
}

fn read_frame<'a, H>(
    frame: &'a Bytes,
    hello: impl Fn(&mut Reader<'a>) -> H,
    mut item: impl FnMut(&mut Reader<'a>),
) -> Result<Option<H>, Fault> {
    let mut reader = Reader::new(frame);
    let mut greeting = None;
    loop {
        match reader.tag() {
            0 => break,
            ITEMS => item(&mut reader),
            HELLO if greeting.is_some() => reader.fail("two hellos in one frame"),
            HELLO => greeting = Some(hello(&mut reader)),
            tag => reader.skip(tag),
        }
    }
    reader.finish().map(|()| greeting)
}

fn read_hello(reader: &mut Reader<'_>) -> Hello {
    read_message(reader, Hello::default(), |reader, tag, hello| match tag {
        V1 => hello.contract = reader.u32(),
        B2 => hello.run_id = reader.bytes(),
        V3 => hello.window_requests = reader.u32(),
        V4 => hello.window_bytes = reader.u32(),
        _ => reader.skip(tag),
    })
}

fn read_peer_hello(reader: &mut Reader<'_>) -> PeerHello {
    read_message(reader, PeerHello::default(), |reader, tag, hello| match tag {
        V1 => hello.contract = reader.u32(),
        B2 => hello.run_id = reader.bytes(),
        V3 => hello.from = reader.u32(),
        V4 => hello.to = reader.u32(),
        _ => reader.skip(tag),
    })
}

/// The same fields as a message of its own, as in the requests of unary calls: up to two numbers.
pub fn read_numbers(message: &Bytes) -> Result<[u32; 2], Fault> {
    let mut reader = Reader::new(message);
    let mut numbers = [0; 2];
    loop {
        match reader.tag() {
            0 => break,
            V1 => numbers[0] = reader.u32(),
            V2 => numbers[1] = reader.u32(),
            tag => reader.skip(tag),
        }
    }
    reader.finish().map(|()| numbers)
}

fn read_message<'a, T>(
    reader: &mut Reader<'a>,
    mut message: T,
    field: impl Fn(&mut Reader<'a>, u32, &mut T),
) -> T {
    let outer = reader.enter();
    loop {
        match reader.tag() {
            0 => break,
            tag => field(reader, tag, &mut message),
        }
    }
    reader.leave(outer);
    message
}

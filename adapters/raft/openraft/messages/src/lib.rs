//! What two nodes of OpenRaft say to each other, as bytes: its requests and answers field by field,
//! little-endian. Both of its lines use it, so neither has a cheaper encoding.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use raftmark_host::store::{Entry, Kind};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vote {
    pub term: u64,
    pub node: u64,
    pub is_committed: bool,
}

/// Term and index of an entry, if there is one; indexes are OpenRaft's, from 0.
pub type Place = Option<(u64, u64)>;

#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Asks for a vote, or whether it would be given.
    Ask {
        id: u64,
        vote: Vote,
        last: Place,
        is_pre_vote: bool,
        is_transfer: bool,
    },
    Voted {
        id: u64,
        vote: Vote,
        last: Place,
        is_granted: bool,
    },
    /// One of a session's requests, which are answered in their order.
    Append {
        session: u64,
        number: u64,
        vote: Vote,
        previous: Place,
        commit: Place,
        entries: Vec<Entry>,
    },
    Appended {
        session: u64,
        number: u64,
        outcome: Outcome,
    },
    Transfer {
        id: u64,
        vote: Vote,
        to: u64,
        last: Place,
    },
    Transferred {
        id: u64,
        is_taken: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// Durable up to here.
    UpTo(Place),
    Conflict(Place),
    HigherVote(Vote),
}

const ENTRY_BYTES: usize = 21;
/// Of an `Append` without entries.
const APPEND_BYTES: usize = 1 + 8 + 8 + 17 + 17 + 17 + 4;

impl Message {
    /// An upper bound of its encoding.
    fn room(&self) -> usize {
        match self {
            Message::Append { entries, .. } => {
                let entries = entries.iter().map(|entry| ENTRY_BYTES + entry.payload.len());
                APPEND_BYTES + entries.sum::<usize>()
            }
            _ => 64,
        }
    }

    pub fn encode(&self) -> Bytes {
        let mut to = BytesMut::with_capacity(self.room());
        match self {
            Message::Ask { id, vote, last, is_pre_vote, is_transfer } => {
                to.put_u8(0);
                to.put_u64_le(*id);
                put_vote(&mut to, vote);
                put_place(&mut to, *last);
                to.put_u8(u8::from(*is_pre_vote) | u8::from(*is_transfer) << 1);
            }
            Message::Voted { id, vote, last, is_granted } => {
                to.put_u8(1);
                to.put_u64_le(*id);
                put_vote(&mut to, vote);
                put_place(&mut to, *last);
                to.put_u8(u8::from(*is_granted));
            }
            Message::Append { session, number, vote, previous, commit, entries } => {
                to.put_u8(2);
                to.put_u64_le(*session);
                to.put_u64_le(*number);
                put_vote(&mut to, vote);
                put_place(&mut to, *previous);
                put_place(&mut to, *commit);
                to.put_u32_le(entries.len() as u32);
                for entry in entries {
                    to.put_u64_le(entry.index);
                    to.put_u64_le(entry.term);
                    to.put_u8(entry.kind as u8);
                    to.put_u32_le(entry.payload.len() as u32);
                    to.put_slice(&entry.payload);
                }
            }
            Message::Appended { session, number, outcome } => {
                to.put_u8(3);
                to.put_u64_le(*session);
                to.put_u64_le(*number);
                put_outcome(&mut to, outcome);
            }
            Message::Transfer { id, vote, to: target, last } => {
                to.put_u8(4);
                to.put_u64_le(*id);
                put_vote(&mut to, vote);
                to.put_u64_le(*target);
                put_place(&mut to, *last);
            }
            Message::Transferred { id, is_taken } => {
                to.put_u8(5);
                to.put_u64_le(*id);
                to.put_u8(u8::from(*is_taken));
            }
        }
        to.freeze()
    }

    /// Of what `encode` made; payloads are slices of it.
    pub fn decode(mut from: Bytes) -> Message {
        match from.get_u8() {
            0 => {
                let (id, vote, last) =
                    (from.get_u64_le(), get_vote(&mut from), get_place(&mut from));
                let flags = from.get_u8();
                let (is_pre_vote, is_transfer) = (flags & 1 != 0, flags & 2 != 0);
                Message::Ask { id, vote, last, is_pre_vote, is_transfer }
            }
            1 => {
                let (id, vote, last) =
                    (from.get_u64_le(), get_vote(&mut from), get_place(&mut from));
                Message::Voted { id, vote, last, is_granted: from.get_u8() != 0 }
            }
            2 => {
                let (session, number) = (from.get_u64_le(), from.get_u64_le());
                let vote = get_vote(&mut from);
                let (previous, commit) = (get_place(&mut from), get_place(&mut from));
                let count = from.get_u32_le();
                let entries = (0..count).map(|_| get_entry(&mut from)).collect();
                Message::Append { session, number, vote, previous, commit, entries }
            }
            3 => {
                let (session, number) = (from.get_u64_le(), from.get_u64_le());
                Message::Appended { session, number, outcome: get_outcome(&mut from) }
            }
            4 => {
                let (id, vote) = (from.get_u64_le(), get_vote(&mut from));
                let to = from.get_u64_le();
                Message::Transfer { id, vote, to, last: get_place(&mut from) }
            }
            5 => Message::Transferred { id: from.get_u64_le(), is_taken: from.get_u8() != 0 },
            other => panic!("a peer of this run speaks OpenRaft, and no message {other}"),
        }
    }
}

fn put_vote(to: &mut BytesMut, vote: &Vote) {
    to.put_u64_le(vote.term);
    to.put_u64_le(vote.node);
    to.put_u8(u8::from(vote.is_committed));
}

fn get_vote(from: &mut Bytes) -> Vote {
    let (term, node) = (from.get_u64_le(), from.get_u64_le());
    Vote { term, node, is_committed: from.get_u8() != 0 }
}

fn put_place(to: &mut BytesMut, place: Place) {
    let (term, index) = place.unwrap_or_default();
    to.put_u8(u8::from(place.is_some()));
    to.put_u64_le(term);
    to.put_u64_le(index);
}

fn get_place(from: &mut Bytes) -> Place {
    let is_some = from.get_u8() != 0;
    let place = (from.get_u64_le(), from.get_u64_le());
    is_some.then_some(place)
}

fn put_outcome(to: &mut BytesMut, outcome: &Outcome) {
    match outcome {
        Outcome::UpTo(place) => {
            to.put_u8(0);
            put_place(to, *place);
        }
        Outcome::Conflict(place) => {
            to.put_u8(1);
            put_place(to, *place);
        }
        Outcome::HigherVote(vote) => {
            to.put_u8(2);
            put_vote(to, vote);
        }
    }
}

fn get_outcome(from: &mut Bytes) -> Outcome {
    match from.get_u8() {
        0 => Outcome::UpTo(get_place(from)),
        1 => Outcome::Conflict(get_place(from)),
        _ => Outcome::HigherVote(get_vote(from)),
    }
}

fn get_entry(from: &mut Bytes) -> Entry {
    let (index, term) = (from.get_u64_le(), from.get_u64_le());
    let kind = match from.get_u8() {
        0 => Kind::Noop,
        1 => Kind::Records,
        _ => Kind::Library,
    };
    let length = from.get_u32_le() as usize;
    Entry { index, term, kind, payload: from.split_to(length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_it_encoded() {
        let vote = Vote { term: 7, node: 3, is_committed: true };
        let last = Some((7, 9));
        let entry = |kind, text: &'static str| Entry {
            index: 10,
            term: 7,
            kind,
            payload: Bytes::from_static(text.as_bytes()),
        };
        let entries = vec![entry(Kind::Noop, ""), entry(Kind::Records, "abc")];
        let (session, number) = (4, 5);
        for message in [
            Message::Ask { id: 1, vote, last, is_pre_vote: true, is_transfer: false },
            Message::Ask { id: 1, vote, last: None, is_pre_vote: false, is_transfer: true },
            Message::Voted { id: 2, vote, last, is_granted: true },
            Message::Append { session, number, vote, previous: None, commit: last, entries },
            Message::Appended { session, number, outcome: Outcome::UpTo(last) },
            Message::Appended { session, number, outcome: Outcome::Conflict(last) },
            Message::Appended { session, number, outcome: Outcome::HigherVote(vote) },
            Message::Transfer { id: 6, vote, to: 2, last },
            Message::Transferred { id: 6, is_taken: true },
        ] {
            assert_eq!(Message::decode(message.encode()), message);
        }
    }
}

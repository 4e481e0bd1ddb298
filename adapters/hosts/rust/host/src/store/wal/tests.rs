use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::super::{Entry, HardState, Kind, Store, Write};
use super::{Counters, WalStore};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("raftmark-wal-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open(path: &Path) -> WalStore {
    WalStore::open(path, 1, 2, true, Arc::new(Counters::default())).expect("it opens")
}

fn refusal(path: &Path, group: u32) -> String {
    let opened = WalStore::open(path, 1, group, true, Arc::new(Counters::default()));
    opened.err().expect("it is refused").to_string()
}

fn entry(index: u64, term: u64, text: &str) -> Entry {
    let payload = Bytes::copy_from_slice(text.as_bytes());
    Entry { index, term, kind: Kind::Records, payload }
}

fn entries(list: Vec<Entry>) -> Write {
    Write { entries: list, ..Write::default() }
}

fn append_and_sync(store: &mut WalStore, write: &Write) {
    store.append(write).expect("it is written");
    store.durable().expect("it is a durable store").sync().expect("it is synced");
}

#[test]
fn gives_back_what_it_took_after_it_was_opened_again() {
    let folder = Folder::new("again");
    let vote = HardState { term: 3, voted_for: 2, is_leader_known: true };
    let mut store = open(&folder.0);
    append_and_sync(&mut store, &Write { hard_state: Some(vote), ..Write::default() });
    append_and_sync(
        &mut store,
        &entries(vec![entry(1, 1, "a"), entry(2, 1, "b"), entry(3, 3, "c")]),
    );
    let changed = Write { truncate_from: Some(3), ..entries(vec![entry(3, 4, "d")]) };
    append_and_sync(&mut store, &changed);
    drop(store);
    let store = open(&folder.0);
    let expected = vec![entry(1, 1, "a"), entry(2, 1, "b"), entry(3, 4, "d")];
    assert_eq!(store.entries(1, 4, u64::MAX).expect("they are read"), expected);
    assert_eq!(store.hard_state(), vote);
    assert_eq!((store.term(2), store.term(3), store.term(4)), (Some(1), Some(4), None));
}

#[test]
fn cuts_a_torn_tail_and_goes_on() {
    let folder = Folder::new("torn");
    let mut store = open(&folder.0);
    append_and_sync(&mut store, &entries(vec![entry(1, 1, "kept")]));
    let cut_at = store.end.byte;
    store.append(&entries(vec![entry(2, 1, "never synced, and half of it is lost")])).expect("ok");
    drop(store);
    let path = folder.0.join("0000000001.wal");
    let mut bytes = fs::read(&path).expect("it is there");
    bytes[cut_at as usize + 90] ^= 1;
    fs::write(&path, bytes).expect("it is written");
    let mut store = open(&folder.0);
    assert_eq!(store.last_index(), 1);
    append_and_sync(&mut store, &entries(vec![entry(2, 2, "after")]));
    drop(store);
    assert_eq!(open(&folder.0).entries(2, 3, 0).expect("read"), vec![entry(2, 2, "after")]);
}

#[test]
fn refuses_damage_to_what_was_synced() {
    let folder = Folder::new("damaged");
    let mut store = open(&folder.0);
    append_and_sync(&mut store, &entries(vec![entry(1, 1, "synced")]));
    append_and_sync(&mut store, &entries(vec![entry(2, 1, "names the first one as synced")]));
    drop(store);
    let path = folder.0.join("0000000001.wal");
    let mut bytes = fs::read(&path).expect("it is there");
    bytes[64 + 90] ^= 1;
    fs::write(&path, &bytes).expect("it is written");
    assert!(refusal(&folder.0, 2).contains("is damaged at byte 64"));
    assert_eq!(fs::read(&path).expect("it is there"), bytes);
}

#[test]
fn refuses_damage_to_the_end_of_a_log_that_was_closed_in_order() {
    let folder = Folder::new("marked");
    let mut store = open(&folder.0);
    append_and_sync(&mut store, &entries(vec![entry(1, 1, "the last one")]));
    store.close().expect("it closes");
    drop(store);
    let path = folder.0.join("0000000001.wal");
    let mut bytes = fs::read(&path).expect("it is there");
    bytes[64 + 90] ^= 1;
    fs::write(&path, bytes).expect("it is written");
    assert!(refusal(&folder.0, 2).contains("is damaged"));
}

#[test]
fn refuses_the_directory_of_another_group_and_one_that_is_open() {
    let folder = Folder::new("owner");
    let store = open(&folder.0);
    assert!(refusal(&folder.0, 2).contains("another process"));
    drop(store);
    assert!(refusal(&folder.0, 3).contains("another node or group"));
}

#[test]
fn reads_what_is_no_longer_in_memory_across_segments() {
    let folder = Folder::new("segments");
    let mut store = open(&folder.0);
    let text = "x".repeat(3 << 20);
    for index in 1..=30 {
        store.append(&entries(vec![entry(index, 1, &text)])).expect("it is written");
    }
    store.durable().expect("durable").sync().expect("it is synced");
    assert!(folder.0.join("0000000002.wal").exists());
    assert_eq!(store.entries(3, 31, 1).expect("read").len(), 1);
    drop(store);
    let store = open(&folder.0);
    let read = store.entries(20, 25, u64::MAX).expect("read");
    assert_eq!(read.iter().map(|entry| entry.index).collect::<Vec<_>>(), [20, 21, 22, 23, 24]);
}

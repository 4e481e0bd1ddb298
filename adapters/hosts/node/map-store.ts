import {
  assert,
  type Crc32c,
  type Done,
  type Entry,
  GroupSync,
  type HardState,
  LogIndex,
  type Persist,
  RaftmarkError,
  type Restored,
  type Store,
  type StoreCounters,
  Term,
  type TermStart,
} from 'raftmark/adapter'
import type { EntryMap } from './entry-map.ts'
import { decodeRow, decodeState, encodeRow, encodeState, MAP_FORMAT } from './entry-row.ts'
import { Overlay } from './overlay.ts'

export type MapStoreOptions = {
  /** Named when its contents are refused. */
  readonly path: string
  readonly node: number
  readonly group: number
  readonly crc32c: Crc32c
  /** `false`: one commit for each write. */
  readonly isShared: boolean
  /** Released once the map is closed. */
  readonly lock: { release(): void }
}

const ROWS_BYTES_MAX = 1024 * 1024
const OVERLAY_BYTES_MAX = 4 * 1024 * 1024
/** Rows that one commit compacts at most: what is left goes with the next ones. */
const COMPACTED_ROWS_MAX = 4_096

/**
 * A store over any transactional map. What is written while a commit runs goes into the next one;
 * until then, and for a while after, it is read from memory.
 */
export class MapStore implements Store {
  readonly restored: Restored
  readonly #map: EntryMap
  readonly #options: MapStoreOptions
  readonly #groupSync: GroupSync
  readonly #overlay: Overlay
  #uncommitted: { readonly write: Persist; readonly nth: number }[] = []
  #asked = 0
  #hardState: HardState
  /** Of the log in the map. */
  #committedIndex: number
  #firstIndex: number
  #compactThrough = 0

  constructor(map: EntryMap, options: MapStoreOptions) {
    this.#map = map
    this.#options = options
    const { firstIndex, restored } = restore(map, options)
    this.restored = restored
    this.#firstIndex = firstIndex
    this.#hardState = this.restored.hardState
    this.#committedIndex = this.restored.lastIndex
    const nextIndex = this.restored.lastIndex + 1
    this.#overlay = new Overlay({ nextIndex, bytesMax: OVERLAY_BYTES_MAX })
    this.#groupSync = new GroupSync({
      sync: (done) => this.#commit(done),
      isShared: options.isShared,
    })
  }

  get counters(): StoreCounters {
    return this.#map.counters
  }

  persist(write: Persist, done: Done): void {
    if (this.#groupSync.failure === undefined) {
      const { truncateFrom, entries } = write
      if (truncateFrom !== undefined) this.#overlay.truncate(truncateFrom)
      const first: number = entries[0]?.index ?? this.#overlay.nextIndex
      assert(first === this.#overlay.nextIndex, 'entries must follow the log without a gap')
      this.#asked += 1
      this.#overlay.append(entries, this.#asked)
      this.#uncommitted.push({ write, nth: this.#asked })
    }
    this.#groupSync.request(done)
  }

  read(start: LogIndex, end: LogIndex, bytesMax: number): readonly Entry[] {
    assert(start < end && end <= this.#overlay.nextIndex, `[${start}, ${end}) is not in the log`)
    if (this.#groupSync.failure !== undefined) throw this.#groupSync.failure
    const mapEnd = Math.min(end, this.#overlay.firstIndex)
    const found = start < mapEnd ? this.#readMap(start, mapEnd, bytesMax) : []
    const next = start + found.length
    if (next >= mapEnd && next < end) this.#overlay.read(next, end, bytesMax, found)
    return found
  }

  /** Rides with the commits that come: a compaction of its own would cost one. */
  compact(through: LogIndex): void {
    assert(through < this.#overlay.nextIndex, 'the log ends before it', through)
    this.#compactThrough = Math.max(this.#compactThrough, through)
  }

  close(done: Done): void {
    this.#groupSync.request((failure) =>
      this.#map.close((error) => {
        this.#options.lock.release()
        done(failure ?? error)
      }),
    )
  }

  #commit(done: Done): void {
    const count = this.#options.isShared ? this.#uncommitted.length : 1
    const batch = this.#uncommitted.splice(0, count)
    const last = batch.at(-1)
    if (last === undefined) {
      done()
      return
    }
    this.#map.commit(this.#changeOf(batch.map(({ write }) => write)), (error) => {
      if (error === undefined) this.#overlay.committed(last.nth)
      done(error)
    })
  }

  /** Several writes as one change: only what the last of them leaves counts. */
  #changeOf(writes: readonly Persist[]): Parameters<EntryMap['commit']>[0] {
    const { crc32c, node, group } = this.#options
    const entries: Entry[] = []
    let kept = this.#committedIndex
    for (const { hardState, truncateFrom, entries: appended } of writes) {
      this.#hardState = hardState ?? this.#hardState
      if (truncateFrom !== undefined) {
        while ((entries.at(-1)?.index ?? 0) >= truncateFrom) entries.pop()
        kept = Math.min(kept, truncateFrom - 1)
      }
      entries.push(...appended)
    }
    const deleteEnd = this.#committedIndex + 1
    const compactStart = this.#firstIndex
    this.#firstIndex = this.#compactEnd()
    this.#committedIndex = entries.at(-1)?.index ?? kept
    const state = {
      format: MAP_FORMAT,
      node,
      group,
      hardState: this.#hardState,
      firstIndex: this.#firstIndex,
      lastIndex: this.#committedIndex,
    }
    return {
      state: encodeState(state, crc32c),
      compactStart,
      compactEnd: this.#firstIndex,
      deleteStart: kept + 1,
      deleteEnd,
      firstIndex: entries[0]?.index ?? 0,
      rows: entries.map((entry) => encodeRow(entry, crc32c)),
    }
  }

  /** Of the rows in the map, never of those that this commit brings. */
  #compactEnd(): number {
    const first = this.#firstIndex
    const end = Math.min(this.#compactThrough, this.#committedIndex) + 1
    return Math.max(first, Math.min(end, first + COMPACTED_ROWS_MAX))
  }

  #readMap(start: number, end: number, bytesMax: number): Entry[] {
    const found: Entry[] = []
    let bytes = 0
    while (start + found.length < end) {
      const next = start + found.length
      for (const entry of entriesOf(this.#map, next, end, this.#options)) {
        bytes += entry.payload.length
        if (found.length > 0 && bytes > bytesMax) return found
        found.push(entry)
      }
    }
    return found
  }
}

type Restoring = { readonly firstIndex: number; readonly restored: Restored }

/** Reads all of it: what a node says of its log it must be able to show. */
function restore(map: EntryMap, options: MapStoreOptions): Restoring {
  if (map.state === undefined) {
    const hardState = { term: Term(0), votedFor: undefined }
    return { firstIndex: 1, restored: { hardState, terms: [], tail: [], lastIndex: LogIndex(0) } }
  }
  const state = decodeState(map.state, options.crc32c)
  if (state === undefined) throw refused(options, 'its state is damaged')
  if (state.format !== MAP_FORMAT) throw refused(options, `it has format ${state.format}`)
  if (state.node !== options.node || state.group !== options.group) {
    const asker = `node ${options.node}, group ${options.group} wants to open it`
    throw refused(options, `it belongs to node ${state.node}, group ${state.group}, and ${asker}`)
  }
  const terms: TermStart[] = []
  let tail: readonly Entry[] = []
  for (let next = state.firstIndex; next <= state.lastIndex; next += tail.length) {
    tail = entriesOf(map, next, state.lastIndex + 1, options)
    for (const { term, index } of tail) {
      if (terms.at(-1)?.term !== term) terms.push({ term, firstIndex: index })
    }
  }
  const { firstIndex, hardState, lastIndex } = state
  return { firstIndex, restored: { hardState, terms, tail, lastIndex: LogIndex(lastIndex) } }
}

/** The first of the entries in `[start, end)`, at least one of them. */
function entriesOf(
  map: EntryMap,
  start: number,
  end: number,
  options: MapStoreOptions,
): readonly Entry[] {
  const rows = map.rows(start, end, ROWS_BYTES_MAX)
  if (rows.length === 0) throw refused(options, `entry ${start} is missing`)
  return rows.map((row, at) => {
    const entry = decodeRow(start + at, row, options.crc32c)
    if (entry === undefined) throw refused(options, `entry ${start + at} is damaged`)
    return entry
  })
}

const refused = (options: MapStoreOptions, found: string): RaftmarkError =>
  new RaftmarkError('store-refused', `${options.path} cannot be opened: ${found}`, {
    nextStep: 'Choose the directory that is meant, or restore it from a copy.',
    place: { file: options.path },
  })

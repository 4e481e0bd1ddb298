import { Term } from '../../contract/types.ts'
import type { HardState, Persist } from '../../replica/consensus/effects.ts'
import type { Entry, Heartbeat } from '../../replica/consensus/message.ts'

const NOTHING: HardState = { term: Term(0), votedFor: undefined }

/** What one node has written, kept outside of it: the truth that its store is held to. */
export class NodeRecord {
  /** What the node wrote; entry `index` is at `index - 1`. */
  readonly log: Entry[] = []
  /** What its store called durable. */
  readonly durable: Entry[] = []
  durableHardState: HardState = NOTHING
  #pending: Persist[] = []

  // What it last said of itself in this life.
  term = 0
  commitIndex = 0
  isLeader = false
  /** Since when it has led, or run without a stop, whichever is later. */
  leadsSinceNs = 0
  /** When a message of each node last reached it. */
  readonly heardNs: number[] = []
  /** When it last heard a leader of its term or a later one, and of which. */
  leaderHeardNs = Number.NEGATIVE_INFINITY
  leaderHeardTerm = 0
  /** The last heartbeat to each node. */
  readonly told: (Heartbeat | undefined)[] = []

  write(write: Persist): void {
    applyWrite(this.log, write)
    this.#pending.push(write)
  }

  /** Returns whether `id` is the write that is due. */
  becomeDurable(id: number): boolean {
    const write = this.#pending.shift()
    if (write === undefined || write.id !== id) return false
    applyWrite(this.durable, write)
    if (write.hardState !== undefined) this.durableHardState = write.hardState
    return true
  }

  /**
   * A store may return all that was durable, and of what was written after it any whole writes in
   * their order. Returns what is wrong, if anything.
   */
  restart(hardState: HardState, entries: readonly Entry[]): string | undefined {
    const why = this.#whyNot(hardState, entries)
    replace(this.log, entries)
    replace(this.durable, entries)
    this.durableHardState = hardState
    this.#pending = []
    this.term = hardState.term
    this.commitIndex = 0
    this.leaderHeardNs = Number.NEGATIVE_INFINITY
    this.isLeader = false
    return why
  }

  #whyNot(hardState: HardState, entries: readonly Entry[]): string | undefined {
    const expected = [...this.durable]
    let expectedHardState = this.durableHardState
    const why = whyDiffers(expected, entries) ?? whyHardStateDiffers(expectedHardState, hardState)
    if (why === undefined) return undefined
    for (const write of this.#pending) {
      applyWrite(expected, write)
      expectedHardState = write.hardState ?? expectedHardState
      const differs =
        whyDiffers(expected, entries) ?? whyHardStateDiffers(expectedHardState, hardState)
      if (differs === undefined) return undefined
    }
    return `${why} (${this.#pending.length} writes were on the way)`
  }
}

function applyWrite(log: Entry[], { truncateFrom, entries }: Persist): void {
  if (truncateFrom !== undefined && truncateFrom <= log.length) log.length = truncateFrom - 1
  for (const entry of entries) log.push(entry)
}

function replace(log: Entry[], entries: readonly Entry[]): void {
  log.length = 0
  for (const entry of entries) log.push(entry)
}

function whyHardStateDiffers(kept: HardState, found: HardState): string | undefined {
  if (kept.term === found.term && kept.votedFor === found.votedFor) return undefined
  return (
    `term ${kept.term} and vote ${kept.votedFor} were durable, ` +
    `the store returned term ${found.term} and vote ${found.votedFor}`
  )
}

function whyDiffers(kept: readonly Entry[], found: readonly Entry[]): string | undefined {
  if (kept.length !== found.length) {
    return `${kept.length} entries were durable, the store returned ${found.length}`
  }
  const at = kept.findIndex((entry, place) => !sameEntry(entry, found[place] as Entry))
  return at < 0 ? undefined : `entry ${at + 1} came back changed`
}

/** By reference first: what is not read from a disk is shared by all who hold it. */
export function sameEntry(a: Entry, b: Entry): boolean {
  if (a === b) return true
  if (a.term !== b.term || a.index !== b.index || a.kind !== b.kind) return false
  return a.payload === b.payload || sameBytes(a.payload, b.payload)
}

export function sameBytes(a: Uint8Array, b: Uint8Array, from = 0): boolean {
  if (a.length !== b.length) return false
  for (let at = from; at < a.length; at += 1) if (a[at] !== b[at]) return false
  return true
}

import { LogIndex, type NodeId } from '../../contract/types.ts'
import type { Window } from './core.ts'

/**
 * What a leader knows of one follower.
 *
 * `probe`: where the logs agree is not known; one append at a time, sent again after a heartbeat.
 * `replicate`: they agree up to `matchIndex`; appends are pipelined and `nextIndex` runs ahead.
 *
 * Source: etcd/raft tracker/progress.go.
 */
export type Progress = {
  readonly id: NodeId
  state: 'probe' | 'replicate'
  matchIndex: LogIndex
  nextIndex: LogIndex
  /** In `probe`: an append is on the way, or was lost. */
  probeSent: boolean
  /** A `load` was asked for and is not answered. */
  loading: boolean
  /** The next take sends an append even if there is no entry for it. */
  askAgain: boolean
  /** The round of heartbeats that was the last to start when an append was last sent. */
  sentRound: number
  /** When this leader last received anything from it. */
  heardNs: number
  /** The last round of heartbeats that it answered. */
  round: number
  readonly inFlight: InFlight
}

export const createProgress = (id: NodeId, window: Window): Progress => ({
  id,
  state: 'probe',
  matchIndex: LogIndex(0),
  nextIndex: LogIndex(1),
  probeSent: false,
  loading: false,
  askAgain: false,
  sentRound: 0,
  heardNs: 0,
  round: 0,
  inFlight: new InFlight(window),
})

/** What a new leader assumes: that the follower's log ends where its own does. Raft §5.3. */
export function resetProgress(progress: Progress, lastIndex: LogIndex, nowNs: number): void {
  progress.matchIndex = LogIndex(0)
  progress.loading = false
  progress.askAgain = false
  progress.sentRound = 0
  progress.heardNs = nowNs
  progress.round = 0
  becomeProbe(progress, (lastIndex + 1) as LogIndex)
}

export function becomeProbe(progress: Progress, nextIndex: LogIndex): void {
  progress.state = 'probe'
  progress.nextIndex = nextIndex
  progress.probeSent = false
  progress.inFlight.clear()
}

export function becomeReplicate(progress: Progress): void {
  progress.state = 'replicate'
  progress.nextIndex = (progress.matchIndex + 1) as LogIndex
  progress.probeSent = false
  progress.inFlight.clear()
}

/** The appends on the way to one follower, oldest first: a ring of the size of the window. */
export class InFlight {
  /** Empty until the first append leaves: most nodes never lead. */
  #lastIndexes: number[] = []
  #sizes: number[] = []
  readonly #messagesMax: number
  readonly #bytesMax: number
  #oldest = 0
  #count = 0
  #bytes = 0

  constructor(window: Window) {
    this.#messagesMax = window.messagesMax
    this.#bytesMax = window.bytesMax
  }

  /** A last append may pass `bytesMax`, or a window smaller than one entry would never open. */
  get full(): boolean {
    return this.#count === this.#messagesMax || this.#bytes >= this.#bytesMax
  }

  add(lastIndex: LogIndex, bytes: number): void {
    const capacity = this.#messagesMax
    if (this.#sizes.length === 0) {
      this.#lastIndexes = new Array<number>(capacity).fill(0)
      this.#sizes = new Array<number>(capacity).fill(0)
    }
    const unwrapped = this.#oldest + this.#count
    const slot = unwrapped < capacity ? unwrapped : unwrapped - capacity
    this.#lastIndexes[slot] = lastIndex
    this.#sizes[slot] = bytes
    this.#count += 1
    this.#bytes += bytes
  }

  /** An acceptance is cumulative: it frees every append that ends at or below `matchIndex`. */
  free(matchIndex: LogIndex): void {
    while (this.#count > 0 && (this.#lastIndexes[this.#oldest] as number) <= matchIndex) {
      this.#bytes -= this.#sizes[this.#oldest] as number
      this.#oldest = this.#oldest + 1 === this.#messagesMax ? 0 : this.#oldest + 1
      this.#count -= 1
    }
  }

  clear(): void {
    this.#count = 0
    this.#bytes = 0
  }
}

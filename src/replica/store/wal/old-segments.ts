import type { Done } from '../group-sync.ts'
import type { Position } from './position.ts'
import { segmentName } from './segment-header.ts'
import type { WriterOptions } from './segment-writer.ts'
import { writeMark } from './synced-mark.ts'

/**
 * Removes segments whose entries were all compacted. The oldest goes first, and its removal is
 * durable before the next one goes: so those that a power cut leaves follow each other.
 */
export class OldSegments {
  readonly #options: WriterOptions
  readonly #onSync: () => void
  /** The oldest segment that is there. */
  #first: number
  #isRemoving = false
  #whenIdle: (() => void) | undefined

  constructor(
    options: WriterOptions,
    start: { readonly first: number; readonly onSync: () => void },
  ) {
    this.#options = options
    this.#first = start.first
    this.#onSync = start.onSync
  }

  get first(): number {
    return this.#first
  }

  /**
   * `done` when all before `segment` are gone. One call at a time. The log is `synced` as far as
   * the frame that tells of the compaction: the mark says so first, or else that frame, damaged,
   * would pass for one that was never synced, and what is left for a log without a beginning.
   */
  removeBefore(segment: number, synced: Position, done: Done): void {
    const ended = (error?: Error): void => {
      this.#isRemoving = false
      done(error)
      const call = this.#whenIdle
      this.#whenIdle = undefined
      call?.()
    }
    this.#isRemoving = true
    if (this.#options.isSynced) this.#vouchThenRemove(segment, synced, ended)
    else this.#removeNext(segment, ended)
  }

  /** Calls when nothing is being removed: at once, or when what is has ended. */
  whenIdle(call: () => void): void {
    if (this.#isRemoving) this.#whenIdle = call
    else call()
  }

  #vouchThenRemove(segment: number, synced: Position, done: Done): void {
    this.#onSync()
    try {
      writeMark(this.#options, synced, (error) => {
        if (error === undefined) this.#removeNext(segment, done)
        else done(error)
      })
    } catch (error) {
      done(error as Error)
    }
  }

  #removeNext(end: number, done: Done): void {
    if (this.#first >= end) {
      done()
      return
    }
    const { disk, directory, isSynced } = this.#options
    try {
      disk.remove(`${directory}/${segmentName(this.#first)}`)
      this.#first += 1
      if (!isSynced) {
        this.#removeNext(end, done)
        return
      }
      this.#onSync()
      disk.syncDirectory(directory, (error) => {
        if (error === undefined) this.#removeNext(end, done)
        else done(error)
      })
    } catch (error) {
      done(error as Error)
    }
  }
}

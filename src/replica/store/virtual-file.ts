import type { Prng } from '../../base/prng.ts'
import { FileContents } from './file-contents.ts'

/** What a disk writes whole or not at all. */
const SECTOR_BYTES = 512

/** `all` and `none` of what no sync has covered is lost, or `some` of it, by chance. */
export type Loss = 'all' | 'none' | 'some'

/** Whether a change is on the platter: `lost` ones are seen, and never will be there. */
type Fate = 'pending' | 'durable' | 'lost'

/** A write of `[at, end)`, or a truncation to `at` of what went up to `end`. */
type Change = {
  readonly id: number
  readonly isWrite: boolean
  readonly at: number
  readonly end: number
  readonly sizeBefore: number
  /** What stood there; `undefined`: zeros alone. */
  readonly before: Uint8Array | undefined
  /** What a write wrote; known once it was taken back. */
  after: Uint8Array | undefined
  fate: Fate
}

/**
 * The contents of a file as every process sees it, and what leads back to those on the platter:
 * the changes since, each with what it changed. So a sync costs nothing and an append no copy; a
 * power cut takes the changes back and makes those again that the platter keeps.
 */
export class VirtualFile {
  readonly #seen = new FileContents()
  /** Oldest first, from the first one that is not on the platter. */
  #changes: Change[] = []
  #lastId = 0
  /** Whether some are lost: then later ones are kept although they are durable. */
  #hasLost = false

  get size(): number {
    return this.#seen.size
  }

  /** Names all changes so far, for `sync`. */
  get lastChange(): number {
    return this.#lastId
  }

  read(at: number, into: Uint8Array): number {
    return this.#seen.read(at, into)
  }

  write(at: number, bytes: Uint8Array): void {
    this.#note(true, at, at + bytes.length)
    this.#seen.write(at, bytes)
  }

  truncate(size: number): void {
    this.#note(false, size, Math.max(size, this.#seen.size))
    this.#seen.truncate(size)
  }

  /** Makes the changes up to `through` durable. */
  sync(through: number): void {
    const changes = this.#changes
    if (this.#hasLost) this.#settle(through, 'durable')
    else if (this.#lastId <= through) this.#changes = []
    else {
      let count = 0
      while ((changes[count] as Change).id <= through) count += 1
      changes.splice(0, count)
    }
  }

  /**
   * What a failed sync does on Linux: the pages count as clean, are seen until the next start,
   * and never reach the disk, whatever later syncs say. Source: Rebello et al., ATC'20.
   */
  forget(through: number): void {
    this.#hasLost = this.#settle(through, 'lost') || this.#hasLost
  }

  /** The power fails: from now on all see what has survived. */
  cutPower(loss: Loss, prng: Prng): void {
    if (loss === 'some') this.#takeBackAndKeep(prng)
    else if (loss === 'all' || this.#hasLost) {
      this.#takeBackAndKeep(undefined, loss === 'none')
    }
    this.#changes = []
    this.#hasLost = false
  }

  /** Changes what is on the platter, behind everybody's back. */
  corrupt(change: (bytes: Uint8Array) => void): void {
    this.sync(this.#lastId)
    if (this.#hasLost) this.#takeBackAndKeep(undefined)
    this.#changes = []
    this.#hasLost = false
    change(this.#seen.bytes())
  }

  #note(isWrite: boolean, at: number, end: number): void {
    const sizeBefore = this.#seen.size
    this.#lastId += 1
    this.#changes.push({
      id: this.#lastId,
      isWrite,
      at,
      end,
      sizeBefore,
      before: at < sizeBefore ? this.#seen.copyUnlessZero(at, end) : undefined,
      after: undefined,
      fate: 'pending',
    })
  }

  /** Returns whether there were any. */
  #settle(through: number, fate: Fate): boolean {
    let isAny = false
    for (const change of this.#changes) {
      if (change.fate !== 'pending' || change.id > through) continue
      change.fate = fate
      isAny = true
    }
    return isAny
  }

  /** Without `prng` the platter has got all that was pending, or nothing of it. */
  #takeBackAndKeep(prng: Prng | undefined, keepsPending = false): void {
    for (let at = this.#changes.length - 1; at >= 0; at -= 1) {
      this.#takeBack(this.#changes[at] as Change)
    }
    const pending: Change[] = []
    for (const change of this.#changes) {
      const isKept = change.fate === 'durable' || (keepsPending && change.fate === 'pending')
      if (isKept) this.#makeAgain(change)
      else if (change.fate === 'pending') pending.push(change)
    }
    if (prng !== undefined) this.#keepSome(pending, prng)
  }

  #takeBack(change: Change): void {
    const { isWrite, at, end, sizeBefore, before } = change
    const seen = this.#seen
    if (isWrite) {
      change.after = seen.bytes().slice(at, end)
      seen.clear(at, end)
    }
    seen.truncate(sizeBefore)
    if (before !== undefined) seen.write(at, before)
  }

  #makeAgain({ at, after }: Change): void {
    if (after === undefined) this.#seen.truncate(at)
    else this.#seen.write(at, after)
  }

  /**
   * Sectors reach the disk in any order, but each with all that was written to it up to a moment;
   * the size of the file is as of a moment of its own.
   */
  #keepSome(pending: readonly Change[], prng: Prng): void {
    const moments = pending.length + 1
    const sizeMoment = prng.below(moments)
    const sectorMoments = new Map<number, number>()
    const momentOf = (sector: number): number => {
      const known = sectorMoments.get(sector) ?? prng.below(moments)
      sectorMoments.set(sector, known)
      return known
    }
    let { size } = this.#seen
    for (const [moment, change] of pending.entries()) {
      if (moment < sizeMoment) size = sizeAfter(change, size)
      if (change.after !== undefined) {
        writeSome(this.#seen, change.at, change.after, (sector) => momentOf(sector) > moment)
      } else if (moment < sizeMoment) this.#seen.truncate(change.at)
    }
    this.#seen.truncate(size)
  }
}

const sizeAfter = ({ isWrite, at, end }: Change, size: number): number =>
  isWrite ? Math.max(size, end) : at

function writeSome(
  contents: FileContents,
  start: number,
  bytes: Uint8Array,
  isKept: (sector: number) => boolean,
): void {
  const end = start + bytes.length
  let at = start
  while (at < end) {
    const sector = Math.floor(at / SECTOR_BYTES)
    const next = Math.min(end, (sector + 1) * SECTOR_BYTES)
    if (isKept(sector)) contents.write(at, bytes.subarray(at - start, next - start))
    at = next
  }
}

import type { Prng } from '../../base/prng.ts'
import { FileContents } from './file-contents.ts'

/** What a disk writes whole or not at all. */
const SECTOR_BYTES = 512

/** `all` and `none` of what no sync has covered is lost, or `some` of it, by chance. */
export type Loss = 'all' | 'none' | 'some'

type Change = { readonly id: number } & (
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number }
)

/**
 * The contents of a file twice: as every process sees it, and as it is on the platter, with the
 * changes in between. Each costs what it changes; nothing copies the file but a power cut.
 */
export class VirtualFile {
  readonly #seen = new FileContents()
  readonly #durable = new FileContents()
  #changes: Change[] = []
  #lastId = 0

  get size(): number {
    return this.#seen.size
  }

  /** Names all changes so far, for `sync`. */
  get lastChange(): number {
    return this.#lastId
  }

  read(at: number, into: Uint8Array): number {
    const found = this.#seen.bytes().subarray(at, at + into.length)
    into.set(found)
    return found.length
  }

  write(at: number, bytes: Uint8Array): void {
    this.#seen.write(at, bytes)
    this.#lastId += 1
    // Copied, because the caller may use its memory again.
    this.#changes.push({ kind: 'write', id: this.#lastId, at, bytes: bytes.slice() })
  }

  truncate(size: number): void {
    this.#seen.truncate(size)
    this.#lastId += 1
    this.#changes.push({ kind: 'truncate', id: this.#lastId, size })
  }

  /** Makes the changes up to `through` durable. */
  sync(through: number): void {
    for (const change of this.#takeUntil(through)) apply(this.#durable, change)
  }

  /**
   * What a failed sync does on Linux: the pages count as clean, are seen until the next start,
   * and never reach the disk, whatever later syncs say. Source: Rebello et al., ATC'20.
   */
  forget(through: number): void {
    this.#takeUntil(through)
  }

  /** The power fails: from now on all see what has survived. */
  cutPower(loss: Loss, prng: Prng): void {
    if (loss === 'none') for (const change of this.#changes) apply(this.#durable, change)
    if (loss === 'some') this.#keepSome(prng)
    this.#changes = []
    this.#seen.copyFrom(this.#durable)
  }

  /** Changes what is on the platter, behind everybody's back. */
  corrupt(change: (bytes: Uint8Array) => void): void {
    this.sync(this.#lastId)
    change(this.#durable.bytes())
    this.#seen.copyFrom(this.#durable)
  }

  #takeUntil(through: number): readonly Change[] {
    const count = this.#changes.findLastIndex((change) => change.id <= through) + 1
    return this.#changes.splice(0, count)
  }

  /**
   * Sectors reach the disk in any order, but each with all that was written to it up to a moment;
   * the size of the file is as of a moment of its own.
   */
  #keepSome(prng: Prng): void {
    const moments = this.#changes.length + 1
    const sizeMoment = prng.below(moments)
    const sectorMoments = new Map<number, number>()
    const momentOf = (sector: number): number => {
      const known = sectorMoments.get(sector) ?? prng.below(moments)
      sectorMoments.set(sector, known)
      return known
    }
    let { size } = this.#durable
    for (const [moment, change] of this.#changes.entries()) {
      if (moment < sizeMoment) size = sizeAfter(change, size)
      if (change.kind === 'write')
        writeSome(this.#durable, change, (sector) => momentOf(sector) > moment)
      else if (moment < sizeMoment) this.#durable.truncate(change.size)
    }
    this.#durable.truncate(size)
  }
}

function apply(contents: FileContents, change: Change): void {
  if (change.kind === 'write') contents.write(change.at, change.bytes)
  else contents.truncate(change.size)
}

const sizeAfter = (change: Change, size: number): number =>
  change.kind === 'write' ? Math.max(size, change.at + change.bytes.length) : change.size

function writeSome(
  contents: FileContents,
  write: { readonly at: number; readonly bytes: Uint8Array },
  isKept: (sector: number) => boolean,
): void {
  const end = write.at + write.bytes.length
  let at = write.at
  while (at < end) {
    const sector = Math.floor(at / SECTOR_BYTES)
    const next = Math.min(end, (sector + 1) * SECTOR_BYTES)
    if (isKept(sector)) contents.write(at, write.bytes.subarray(at - write.at, next - write.at))
    at = next
  }
}

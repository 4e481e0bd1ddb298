import { assert } from '../../../base/assert.ts'
import { LogIndex, Term } from '../../../contract/types.ts'
import type { TermStart } from '../../consensus/core.ts'
import type { HardState } from '../../consensus/effects.ts'
import { FRAME_HEADER_BYTES, type FrameHeader, type Kept, visitTerms } from './frame.ts'
import { FrameIndex } from './frame-index.ts'
import type { VisitFrame } from './segment-scan.ts'

/** What the frames of a log add up to. */
export class RecoveredLog {
  readonly index = new FrameIndex()
  readonly terms: TermStart[] = []
  hardState: HardState = { term: Term(0), votedFor: undefined }
  lastIndex = LogIndex(0)
  /** Segments before it may be missing: some frame tells of their compaction. */
  keptSegment = 1
  /** Whether the frames so far tell where the log ends: not at first, if some were compacted. */
  #isEndKnown: boolean

  constructor(isWhole: boolean) {
    this.#isEndKnown = isWhole
  }

  readonly apply: VisitFrame = (header, view, at) => {
    if (header.hardState !== undefined) this.hardState = header.hardState
    if (header.kept !== undefined) this.#compact(header.kept)
    if (header.truncateFrom !== undefined) this.#truncate(header.truncateFrom)
    if (header.entryCount > 0) this.#append(header, view, at)
  }

  #compact({ segment, nextIndex }: Kept): void {
    this.keptSegment = segment
    if (!this.#isEndKnown) this.lastIndex = LogIndex(nextIndex - 1)
    this.#isEndKnown = true
  }

  #truncate(from: LogIndex): void {
    this.index.truncate(from)
    this.lastIndex = LogIndex(Math.min(this.lastIndex, from - 1))
    while ((this.terms.at(-1)?.firstIndex ?? 0) >= from) this.terms.pop()
  }

  #append(header: FrameHeader, view: DataView, at: number): void {
    const { firstIndex, entryCount, position, bodyBytes } = header
    if (!this.#isEndKnown) this.lastIndex = LogIndex(firstIndex - 1)
    this.#isEndKnown = true
    assert(firstIndex === this.lastIndex + 1, `frame begins at ${firstIndex}, not after the last`)
    const { segment, byte } = position
    this.index.append(segment, byte, FRAME_HEADER_BYTES + bodyBytes, firstIndex)
    let last = this.terms.at(-1)?.term ?? 0
    let index = firstIndex
    visitTerms(view, at, entryCount, (term) => {
      if (term !== last) {
        this.terms.push({ term: Term(term), firstIndex: LogIndex(index) })
        last = Term(term)
      }
      index += 1
    })
    this.lastIndex = LogIndex(index - 1)
  }
}

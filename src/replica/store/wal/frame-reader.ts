import type { Crc32c } from '../../../base/crc32c.ts'
import type { Entry } from '../../consensus/message.ts'
import type { Disk, DiskFile } from '../disk.ts'
import { damaged } from '../refusal.ts'
import { decodeEntries, isWholeFrame } from './frame.ts'
import type { FrameSpan } from './frame-index.ts'
import { segmentName } from './segment-header.ts'

/** Reads frames back. Keeps the last one and its file, since readers go forward. */
export class FrameReader {
  readonly #disk: Disk
  readonly #directory: string
  readonly #crc32c: Crc32c
  #file: { readonly segment: number; readonly file: DiskFile } | undefined
  #last: { readonly span: FrameSpan; readonly entries: readonly Entry[] } | undefined

  constructor(options: {
    readonly disk: Disk
    readonly directory: string
    readonly crc32c: Crc32c
  }) {
    this.#disk = options.disk
    this.#directory = options.directory
    this.#crc32c = options.crc32c
  }

  /** Throws `store-refused` when the disk returns something else than was written. */
  entries(span: FrameSpan): readonly Entry[] {
    const last = this.#last
    if (last?.span.segment === span.segment && last.span.byte === span.byte) return last.entries
    const file = this.#open(span.segment)
    const bytes = new Uint8Array(span.frameBytes)
    const view = new DataView(bytes.buffer, 0, file.read(span.byte, bytes))
    if (!isWholeFrame(view, 0, span, this.#crc32c)) {
      throw damaged(file.path, span.byte, 'a frame that was written is not read back')
    }
    const entries = decodeEntries(view, 0)
    this.#last = { span, entries }
    return entries
  }

  /** Lets go of a file that is about to be removed. */
  forgetBefore(segment: number): void {
    if (this.#file !== undefined && this.#file.segment < segment) this.close()
  }

  close(): void {
    this.#file?.file.close()
    this.#file = undefined
  }

  #open(segment: number): DiskFile {
    if (this.#file?.segment === segment) return this.#file.file
    this.close()
    const file = this.#disk.open(`${this.#directory}/${segmentName(segment)}`, 'existing')
    this.#file = { segment, file }
    return file
  }
}

import { BYTES, FIXED32, FIXED64, VARINT } from './wire-writer.ts'

/** Why bytes are no frame of the contract, and where. */
export type FrameFault = { readonly fault: string; readonly byte: number }

export const isFrameFault = (value: object): value is FrameFault => 'fault' in value

const UINT32_END = 2 ** 32
const VARINT_BYTES_MAX = 10

/**
 * Reads proto3 fields in place. The first mistake is kept in `fault` and ends all loops; what is
 * read after it means nothing, so a decoder checks once, at its end.
 */
export class WireReader {
  readonly #bytes: Uint8Array
  #at: number
  #end: number
  #tagAt = 0
  fault: FrameFault | undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#at = 0
    this.#end = bytes.length
  }

  /** The next field's tag, or 0 at the end of the message, or after a fault. */
  tag(): number {
    if (this.#at >= this.#end || this.fault !== undefined) return 0
    this.#tagAt = this.#at
    const tag = this.#varint()
    if (tag < 8 || tag >= UINT32_END) this.fail('field number 0 or out of range')
    return this.fault === undefined ? tag : 0
  }

  /** Enters a message field: `tag` ends at its end. Returns what `leave` needs. */
  enter(): number {
    const outer = this.#end
    this.#end = this.#lengthEnd()
    return outer
  }

  leave(outer: number): void {
    this.#end = outer
  }

  /** A uint64 that must be exact in a number: at most 2⁵³ − 1. */
  uint64(): number {
    const value = this.#varint()
    if (value > Number.MAX_SAFE_INTEGER) this.fail('number above 2^53')
    return value
  }

  uint32(): number {
    const value = this.#varint()
    if (value >= UINT32_END) this.fail('number above 2^32')
    return value
  }

  /** An enum that is one of `names`; its number when it is in range. */
  enumBelow(count: number, name: string): number {
    const value = this.uint32()
    if (value >= count) this.fail(`${name} ${value} is unknown`)
    return value
  }

  /** A view of a bytes field, not a copy. */
  bytes(): Uint8Array {
    const end = this.#lengthEnd()
    const view = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return view
  }

  /** Steps over a field that this decoder does not know. */
  skip(tag: number): void {
    const wireType = tag & 7
    if (wireType === VARINT) this.#varint()
    else if (wireType === BYTES) this.#at = this.#lengthEnd()
    else if (wireType === FIXED64) this.#step(8)
    else if (wireType === FIXED32) this.#step(4)
    else this.fail(`wire type ${wireType} is no part of proto3`)
  }

  fail(text: string): void {
    this.fault ??= { fault: text, byte: this.#tagAt }
    this.#at = this.#end
  }

  #step(bytes: number): void {
    if (this.#at + bytes > this.#end) this.fail('field runs past its message')
    else this.#at += bytes
  }

  #lengthEnd(): number {
    const end = this.#varint() + this.#at
    if (end <= this.#end) return end
    this.fail('field runs past its message')
    return this.#end
  }

  #varint(): number {
    const first = this.#bytes[this.#at] as number
    if (this.#at < this.#end && first < 0x80) {
      this.#at += 1
      return first
    }
    return this.#longVarint()
  }

  #longVarint(): number {
    let value = 0
    let scale = 1
    const last = Math.min(this.#end, this.#at + VARINT_BYTES_MAX)
    for (let at = this.#at; at < last; at += 1) {
      const byte = this.#bytes[at] as number
      value += (byte & 0x7f) * scale
      scale *= 0x80
      if (byte < 0x80) {
        this.#at = at + 1
        return value
      }
    }
    this.fail('a varint does not end')
    return 0
  }
}

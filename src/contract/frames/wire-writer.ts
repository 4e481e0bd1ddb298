/** Frames are carved from slabs of this size: no allocation per request, and few per frame. */
const SLAB_BYTES = 512 * 1024
const SPLIT = 2 ** 32
const VARINT_BYTES_MAX = 10

/** Wire types of proto3. Source: protobuf.dev/programming-guides/encoding. */
export const VARINT = 0
export const FIXED64 = 1
export const BYTES = 2
export const FIXED32 = 5

export const tagOf = (field: number, wireType: number): number => field * 8 + wireType

/**
 * Writes proto3 into slabs. What `take` returns is never written again, so it may be kept, and a
 * frame is handed on without a copy. All field numbers of the contract are below 16: one-byte tags.
 */
export class WireWriter {
  #slab = new Uint8Array(0)
  #start = 0
  #at = 0

  /** Bytes written since the last `take`. */
  get bytes(): number {
    return this.#at - this.#start
  }

  /** Makes room for `bytes` more: call it before the `put`s that need them. */
  reserve(bytes: number): void {
    if (this.#at + bytes <= this.#slab.length) return
    const begun = this.#slab.subarray(this.#start, this.#at)
    this.#slab = new Uint8Array(Math.max(SLAB_BYTES, 2 * (begun.length + bytes)))
    this.#slab.set(begun)
    this.#start = 0
    this.#at = begun.length
  }

  /** The frame that was written, for the caller to keep. */
  take(): Uint8Array {
    const frame = this.#slab.subarray(this.#start, this.#at)
    this.#start = this.#at
    return frame
  }

  /** Opens a message field whose body has exactly `bytes` bytes, all reserved by this call. */
  openMessage(tag: number, bytes: number): void {
    this.reserve(bytes + VARINT_BYTES_MAX)
    this.#slab[this.#at] = tag
    this.#at += 1
    this.#putVarint(bytes)
  }

  /** Left out when 0, as proto3 does. For unsigned integers up to 2⁵³. */
  putNumber(tag: number, value: number): void {
    if (value === 0) return
    this.#slab[this.#at] = tag
    this.#at += 1
    this.#putVarint(value)
  }

  /** Left out when empty. */
  putBytes(tag: number, value: Uint8Array): void {
    if (value.length > 0) this.putElement(tag, value)
  }

  /** An element of a repeated field: never left out. */
  putElement(tag: number, value: Uint8Array): void {
    this.#slab[this.#at] = tag
    this.#at += 1
    this.#putVarint(value.length)
    this.#slab.set(value, this.#at)
    this.#at += value.length
  }

  /** Opens a bytes field of `bytes` bytes, at least one, for the caller to fill in. */
  openBytes(tag: number, bytes: number): Uint8Array {
    this.#slab[this.#at] = tag
    this.#at += 1
    this.#putVarint(bytes)
    const start = this.#at
    this.#at += bytes
    return this.#slab.subarray(start, this.#at)
  }

  #putVarint(value: number): void {
    let rest = value
    while (rest >= SPLIT) {
      this.#slab[this.#at] = (rest % 0x80) | 0x80
      this.#at += 1
      rest = Math.floor(rest / 0x80)
    }
    while (rest >= 0x80) {
      this.#slab[this.#at] = (rest & 0x7f) | 0x80
      this.#at += 1
      rest >>>= 7
    }
    this.#slab[this.#at] = rest
    this.#at += 1
  }
}

/** Bytes of a number field with its tag; none when it is 0. */
export const numberBytes = (value: number): number => (value === 0 ? 0 : 1 + varintBytes(value))

/** Bytes of a bytes field with its tag; none when it is empty. */
export const bytesBytes = (length: number): number => (length === 0 ? 0 : elementBytes(length))

export const elementBytes = (length: number): number => 1 + varintBytes(length) + length

function varintBytes(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  if (value < 0x1000_0000) return 4
  let bytes = 5
  for (let rest = Math.floor(value / 2 ** 35); rest > 0; rest = Math.floor(rest / 0x80)) bytes += 1
  return bytes
}

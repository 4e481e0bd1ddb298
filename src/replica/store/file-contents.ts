const ROOM_AT_FIRST = 512

/** Small files are carved from slabs: an allocation of its own costs more than what it holds. */
const SLAB_BYTES = 128 * 1024
const CARVED_BYTES_MAX = 16 * 1024

let slab = new Uint8Array(0)
let slabUsed = 0

/** The bytes of a file in memory. Growing costs what is written, not what is there. */
export class FileContents {
  #memory = zeroed(ROOM_AT_FIRST)
  size = 0

  /** A view: valid until the next change. */
  bytes(): Uint8Array {
    return this.#memory.subarray(0, this.size)
  }

  /** Copies what is there from `at` on into `into`; returns how many bytes that were. */
  read(at: number, into: Uint8Array): number {
    const end = Math.min(this.size, at + into.length)
    if (end <= at) return 0
    into.set(this.#memory.subarray(at, end))
    return end - at
  }

  /** A copy of `[start, end)`, of what is there; `undefined` if that is zeros alone. */
  copyUnlessZero(start: number, end: number): Uint8Array | undefined {
    const last = Math.min(end, this.size)
    for (let at = start; at < last; at += 1) {
      if (this.#memory[at] !== 0) return this.#memory.slice(start, last)
    }
    return undefined
  }

  write(at: number, bytes: Uint8Array): void {
    const end = at + bytes.length
    if (end > this.#memory.length) this.#makeRoom(end)
    this.#memory.set(bytes, at)
    if (end > this.size) this.size = end
  }

  clear(start: number, end: number): void {
    this.#memory.fill(0, start, Math.min(end, this.size))
  }

  truncate(size: number): void {
    this.#makeRoom(size)
    if (size < this.size) this.#memory.fill(0, size, this.size)
    this.size = size
  }

  /** Memory beyond the size is always zero. */
  #makeRoom(bytes: number): void {
    if (bytes <= this.#memory.length) return
    const larger = zeroed(Math.max(bytes, 2 * this.#memory.length))
    larger.set(this.bytes())
    this.#memory = larger
  }
}

function zeroed(bytes: number): Uint8Array {
  if (bytes > CARVED_BYTES_MAX) return new Uint8Array(bytes)
  if (slabUsed + bytes > slab.length) {
    slab = new Uint8Array(SLAB_BYTES)
    slabUsed = 0
  }
  slabUsed += bytes
  return slab.subarray(slabUsed - bytes, slabUsed)
}

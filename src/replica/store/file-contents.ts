const ROOM_AT_FIRST = 512

/** The bytes of a file in memory. Growing costs what is written, not what is there. */
export class FileContents {
  #memory = new Uint8Array(ROOM_AT_FIRST)
  size = 0

  /** A view: valid until the next change. */
  bytes(): Uint8Array {
    return this.#memory.subarray(0, this.size)
  }

  write(at: number, bytes: Uint8Array): void {
    this.#makeRoom(at + bytes.length)
    this.#memory.set(bytes, at)
    this.size = Math.max(this.size, at + bytes.length)
  }

  truncate(size: number): void {
    this.#makeRoom(size)
    if (size < this.size) this.#memory.fill(0, size, this.size)
    this.size = size
  }

  copyFrom(other: FileContents): void {
    this.#memory = new Uint8Array(Math.max(ROOM_AT_FIRST, other.size))
    this.#memory.set(other.bytes())
    this.size = other.size
  }

  /** Memory beyond the size is always zero. */
  #makeRoom(bytes: number): void {
    if (bytes <= this.#memory.length) return
    const larger = new Uint8Array(Math.max(bytes, 2 * this.#memory.length))
    larger.set(this.bytes())
    this.#memory = larger
  }
}

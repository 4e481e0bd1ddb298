/** Marks an empty slot: no record has this value. */
const EMPTY = -1

/**
 * From a record's value to its place in the history. Open addressing over typed arrays: a `Map`
 * with a million numbers above 2^31 takes four times as long and boxes every key.
 */
export class ValueTable {
  #values = new Float64Array(64).fill(EMPTY)
  #places = new Int32Array(64)
  #size = 0

  /** Returns whether the value was new; an old one keeps its place. */
  add(value: number, place: number): boolean {
    if (this.#size * 2 >= this.#values.length) this.#grow()
    const slot = this.#slotOf(value)
    if (this.#values[slot] !== EMPTY) return false
    this.#values[slot] = value
    this.#places[slot] = place
    this.#size += 1
    return true
  }

  /** The place of `value`, or -1. */
  placeOf(value: number): number {
    const slot = this.#slotOf(value)
    return this.#values[slot] === EMPTY ? -1 : (this.#places[slot] as number)
  }

  #slotOf(value: number): number {
    const mask = this.#values.length - 1
    const low = value >>> 0
    const high = (value / 2 ** 32) >>> 0
    let mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
    mixed ^= mixed >>> 15
    let slot = mixed & mask
    while (this.#values[slot] !== EMPTY && this.#values[slot] !== value) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const values = this.#values
    const places = this.#places
    this.#values = new Float64Array(values.length * 4).fill(EMPTY)
    this.#places = new Int32Array(values.length * 4)
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at] as number
      if (value === EMPTY) continue
      const slot = this.#slotOf(value)
      this.#values[slot] = value
      this.#places[slot] = places[at] as number
    }
  }
}

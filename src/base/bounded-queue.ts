import { assert } from './assert.ts'

/**
 * A FIFO that refuses instead of growing. The caller decides what a refusal means (shed, block,
 * step down), so overload is a visible event and never a slow leak. Both ends take constant time.
 */
export class BoundedQueue<T> {
  #items: T[] = []
  #head = 0
  readonly #sizeMax: number

  constructor(options: { readonly sizeMax: number }) {
    assert(Number.isSafeInteger(options.sizeMax) && options.sizeMax > 0, 'sizeMax must be ≥ 1')
    this.#sizeMax = options.sizeMax
  }

  /** Returns whether the item was accepted. */
  offer(item: T): boolean {
    if (this.size >= this.#sizeMax) return false
    this.#items.push(item)
    return true
  }

  /** Removes and returns the oldest item, if any. */
  poll(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#head += 1
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    }
    return item
  }

  get size(): number {
    return this.#items.length - this.#head
  }
}

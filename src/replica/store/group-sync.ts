/** Called once, with the error if there was one. */
export type Done = (error?: Error) => void

/**
 * One sync at a time, and each covers all that was asked before it began: what group commit is.
 * Requests end in the order in which they were made.
 */
export class GroupSync {
  readonly #sync: (done: Done) => void
  readonly #isShared: boolean
  #waiting: Done[] = []
  #isRunning = false
  #isDelivering = false
  #failure: Error | undefined

  constructor(options: {
    readonly sync: (done: Done) => void
    /** `false`: one sync for each request. */
    readonly isShared: boolean
  }) {
    this.#sync = options.sync
    this.#isShared = options.isShared
  }

  /** What ended all this; nothing succeeds after it. */
  get failure(): Error | undefined {
    return this.#failure
  }

  request(done: Done): void {
    this.#waiting.push(done)
    if (!this.#isRunning && !this.#isDelivering) this.#start()
  }

  /** No sync begins any more. One that runs may still succeed; all that wait behind it fail. */
  fail(error: Error): void {
    this.#failure ??= error
    if (!this.#isRunning && !this.#isDelivering) this.#start()
  }

  #start(): void {
    while (!this.#isRunning && this.#waiting.length > 0) {
      if (this.#failure !== undefined) {
        this.#deliver(this.#takeAll(), this.#failure)
        continue
      }
      const batch = this.#isShared ? this.#takeAll() : this.#waiting.splice(0, 1)
      this.#isRunning = true
      this.#sync((error) => this.#end(batch, error))
    }
  }

  #takeAll(): readonly Done[] {
    const all = this.#waiting
    this.#waiting = []
    return all
  }

  /**
   * Tells of one sync before the next begins, so that it covers what the news has brought about:
   * else requests that come in answer to others would split into two groups for ever.
   */
  #end(batch: readonly Done[], error: Error | undefined): void {
    this.#failure ??= error
    this.#deliver(batch, error)
    this.#isRunning = false
    this.#start()
  }

  #deliver(batch: readonly Done[], error: Error | undefined): void {
    this.#isDelivering = true
    try {
      for (const done of batch) done(error)
    } finally {
      this.#isDelivering = false
    }
  }
}

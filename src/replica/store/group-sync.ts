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
  readonly #ended: { readonly done: Done; readonly error: Error | undefined }[] = []
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
    if (!this.#isRunning) this.#start()
  }

  /** No sync begins any more. One that runs may still succeed; all that wait behind it fail. */
  fail(error: Error): void {
    this.#failure ??= error
    if (!this.#isRunning) this.#start()
  }

  #start(): void {
    if (this.#failure !== undefined) {
      this.#end(this.#waiting.splice(0), this.#failure)
      return
    }
    const batch = this.#waiting.splice(0, this.#isShared ? this.#waiting.length : 1)
    this.#isRunning = true
    this.#sync((error) => {
      this.#isRunning = false
      this.#failure ??= error
      this.#collect(batch, error)
      // The next one starts first, so that the disk does not idle while this one is told of.
      if (this.#waiting.length > 0) this.#start()
      this.#deliver()
    })
  }

  #end(batch: readonly Done[], error: Error | undefined): void {
    this.#collect(batch, error)
    this.#deliver()
  }

  #collect(batch: readonly Done[], error: Error | undefined): void {
    for (const done of batch) this.#ended.push({ done, error })
  }

  #deliver(): void {
    if (this.#isDelivering) return
    this.#isDelivering = true
    try {
      for (let at = 0; at < this.#ended.length; at += 1) {
        const ended = this.#ended[at]
        ended?.done(ended.error)
      }
    } finally {
      this.#ended.length = 0
      this.#isDelivering = false
    }
  }
}

import type { Hello } from '../contract/frames/hello.ts'
import { CONTRACT_VERSION } from '../contract/node-config.ts'

/** What a client said of itself on one stream, and what it has unanswered. */
export class StreamWindow {
  readonly #runId: string
  #hello: Hello | undefined
  #requests = 0
  #bytes = 0

  constructor(runId: string) {
    this.#runId = runId
  }

  /** Takes a frame's hello; returns why the stream must be closed, if it must. */
  greet(hello: Hello | undefined): string | undefined {
    if (hello === undefined) {
      return this.#hello === undefined ? 'the first frame has no hello' : undefined
    }
    if (this.#hello !== undefined) return 'a second hello'
    if (hello.contract !== CONTRACT_VERSION) {
      return `contract ${hello.contract} is not spoken here, but ${CONTRACT_VERSION}`
    }
    if (hello.runId !== this.#runId) {
      return `this node belongs to run ${this.#runId}, not ${hello.runId}`
    }
    this.#hello = hello
    return undefined
  }

  /** Counts a request; returns why the stream must be closed, if it must. */
  admit(bytes: number): string | undefined {
    const hello = this.#hello
    this.#requests += 1
    this.#bytes += bytes
    if (hello === undefined) return 'no hello'
    if (this.#requests > hello.windowRequests) {
      return `window overrun: more than ${hello.windowRequests} requests unanswered`
    }
    if (this.#bytes > hello.windowBytes) {
      return `window overrun: more than ${hello.windowBytes} bytes unanswered`
    }
    return undefined
  }

  settle(bytes: number): void {
    this.#requests -= 1
    this.#bytes -= bytes
  }
}

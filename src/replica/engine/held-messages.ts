import type { Message } from '../consensus/message.ts'

/** Messages that reveal a write, kept until that write is durable. In the order of the writes. */
export class HeldMessages {
  readonly #send: (message: Message) => void
  #held: { readonly persistId: number; readonly messages: readonly Message[] }[] = []
  #sent = 0

  constructor(send: (message: Message) => void) {
    this.#send = send
  }

  /** Messages sent so far, those that never waited included. */
  get sent(): number {
    return this.#sent
  }

  countSent(messages: number): void {
    this.#sent += messages
  }

  hold(persistId: number, messages: readonly Message[]): void {
    this.#held.push({ persistId, messages })
  }

  /** Every write up to `persistId` is durable. */
  release(persistId: number): void {
    while (this.#held.length > 0) {
      const first = this.#held[0]
      if (first === undefined || first.persistId > persistId) return
      this.#held.shift()
      this.#sent += first.messages.length
      for (const message of first.messages) this.#send(message)
    }
  }
}

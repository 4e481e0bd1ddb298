import type { Clock } from '../../base/clock.ts'
import { LatestValues } from '../../base/latest-values.ts'
import type { GroupId } from '../../contract/types.ts'
import type { Message } from '../consensus/message.ts'
import type { Transport } from './transport.ts'

type Held = { readonly group: GroupId; readonly message: Message; readonly sentNs: number }

/**
 * Holds each message for `delayNs` before it is sent, as a longer wire would: any number are under
 * way at once, and their order stays. A round trip between two such nodes takes twice that longer.
 */
export class DelayedTransport implements Transport {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #delayNs: number
  readonly #achievedNs = new LatestValues()
  /** In the order in which they are due, since all are held for as long. */
  #held: Held[] = []
  #isWaiting = false
  #isClosed = false

  constructor(transport: Transport, options: { readonly clock: Clock; readonly delayNs: number }) {
    this.#transport = transport
    this.#clock = options.clock
    this.#delayNs = options.delayNs
  }

  /** The median of the delays that the clock really gave; `undefined` before the first. */
  get delayNsP50(): number | undefined {
    return this.#achievedNs.median
  }

  send(group: GroupId, message: Message): void {
    if (this.#isClosed) return
    this.#held.push({ group, message, sentNs: this.#clock.nowNs() })
    if (!this.#isWaiting) this.#wait()
  }

  receive(handler: (group: GroupId, message: Message) => void): void {
    this.#transport.receive(handler)
  }

  close(): void {
    this.#isClosed = true
    this.#held = []
    this.#transport.close()
  }

  #wait(): void {
    const [first] = this.#held
    this.#isWaiting = first !== undefined
    if (first !== undefined) this.#clock.wakeAt(first.sentNs + this.#delayNs, this.#sendDue)
  }

  readonly #sendDue = (): void => {
    const nowNs = this.#clock.nowNs()
    let sent = 0
    for (const { group, message, sentNs } of this.#held) {
      if (sentNs + this.#delayNs > nowNs) break
      this.#achievedNs.add(nowNs - sentNs)
      this.#transport.send(group, message)
      sent += 1
    }
    if (this.#isClosed) return
    this.#held = this.#held.slice(sent)
    this.#wait()
  }
}

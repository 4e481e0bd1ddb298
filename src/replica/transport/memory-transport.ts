import type { Clock } from '../../base/clock.ts'
import type { GroupId, NodeId } from '../../contract/types.ts'
import type { Message } from '../consensus/message.ts'
import type { Transport } from './transport.ts'

type Handler = (group: GroupId, message: Message) => void

/**
 * A network inside one process: messages pass by reference, never from within `send`, and all that
 * one burst sent arrives in one go. Loses nothing, but what is sent to a node that is not there.
 */
export class MemoryNetwork {
  readonly #clock: Clock
  readonly #inboxes = new Map<NodeId, Inbox>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Connects `node`; one that was connected before is cut off. */
  connect(node: NodeId): Transport {
    const inbox = new Inbox(this.#clock)
    this.#inboxes.get(node)?.close()
    this.#inboxes.set(node, inbox)
    return {
      send: (group, message) => this.#inboxes.get(message.to)?.add(group, message),
      receive: (handler) => inbox.receive(handler),
      close: () => inbox.close(),
    }
  }
}

class Inbox {
  readonly #clock: Clock
  #handler: Handler | undefined
  #groups: GroupId[] = []
  #messages: Message[] = []
  #isScheduled = false
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  receive(handler: Handler): void {
    this.#handler = handler
    if (this.#messages.length > 0) this.#schedule()
  }

  add(group: GroupId, message: Message): void {
    if (this.#isClosed) return
    this.#groups.push(group)
    this.#messages.push(message)
    if (!this.#isScheduled) this.#schedule()
  }

  close(): void {
    this.#isClosed = true
    this.#groups = []
    this.#messages = []
  }

  #schedule(): void {
    this.#isScheduled = true
    this.#clock.defer(this.#deliver)
  }

  readonly #deliver = (): void => {
    this.#isScheduled = false
    const handler = this.#handler
    if (handler === undefined) return
    const groups = this.#groups
    const messages = this.#messages
    this.#groups = []
    this.#messages = []
    for (let at = 0; at < messages.length && !this.#isClosed; at += 1) {
      handler(groups[at] as GroupId, messages[at] as Message)
    }
  }
}

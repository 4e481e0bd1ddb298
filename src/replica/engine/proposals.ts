import type { Clock, Timer } from '../../base/clock.ts'
import type { RaftCore } from '../consensus/core.ts'
import type { Token } from '../consensus/effects.ts'
import type { Batching } from './design.ts'

/** Axis E: proposals on their way to the core, and which of them share a step of the protocol. */
export class Proposals {
  readonly #batching: Batching
  readonly #clock: Clock
  readonly #onDue: () => void
  #tokens: Token[] = []
  #payloads: Uint8Array[] = []
  #head = 0
  #linger: Timer | undefined
  #lingered = false

  constructor(batching: Batching, clock: Clock, onDue: () => void) {
    this.#batching = batching
    this.#clock = clock
    this.#onDue = onDue
  }

  add(token: Token, payload: Uint8Array): void {
    this.#tokens.push(token)
    this.#payloads.push(payload)
    const { rule } = this.#batching
    if (rule.kind === 'natural' || this.#linger !== undefined) return
    this.#linger = this.#clock.wakeAt(this.#clock.nowNs() + rule.lingerNs, () => {
      this.#linger = undefined
      this.#lingered = true
      this.#onDue()
    })
  }

  /** Steps the proposals that are due, at most a batch of them; whether there were any. */
  stepInto(core: RaftCore, nowNs: number): boolean {
    const waiting = this.#tokens.length - this.#head
    if (waiting === 0 || !this.#isDue(waiting)) return false
    const end = this.#head + Math.min(waiting, this.#batching.entriesMax)
    for (; this.#head < end; this.#head += 1) {
      const token = this.#tokens[this.#head] as Token
      const payload = this.#payloads[this.#head] as Uint8Array
      core.step({ kind: 'propose', token, payload }, nowNs)
    }
    if (this.#head === this.#tokens.length) {
      this.#tokens = []
      this.#payloads = []
      this.#head = 0
      this.#lingered = false
    }
    return true
  }

  #isDue(waiting: number): boolean {
    const { rule, entriesMax } = this.#batching
    return rule.kind === 'natural' || this.#lingered || waiting >= entriesMax
  }
}

import type { CatchUp } from '../../judgement/history/run-record.ts'
import type { Consumer } from './consumer.ts'
import { partitionsBehind } from './final-check.ts'
import type { Ledger } from './ledger.ts'

const NS_PER_SECOND = 1_000_000_000

/** Holds consumers back for a while, and measures how they come to the end of the log again. */
export class ConsumerPause {
  readonly #consumers: readonly Consumer[]
  readonly #groups: readonly number[]
  readonly #ledger: Ledger
  readonly #endNs: number
  #state: 'paused' | 'behind' | 'done' = 'paused'
  #backlogRecords = 0
  #catchUp: CatchUp | undefined

  constructor(options: {
    readonly consumers: readonly Consumer[]
    readonly groups: readonly number[]
    readonly ledger: Ledger
    readonly endNs: number
  }) {
    this.#consumers = options.consumers
    this.#groups = options.groups
    this.#ledger = options.ledger
    this.#endNs = options.endNs
    for (const consumer of this.#consumers) consumer.pause()
  }

  get catchUp(): CatchUp | undefined {
    return this.#catchUp
  }

  /** To be called every few milliseconds. */
  tick(nowNs: number): void {
    if (this.#state === 'paused' && nowNs >= this.#endNs) this.end()
    else if (this.#state === 'behind' && !this.#isBehind()) {
      this.#state = 'done'
      const seconds = (nowNs - this.#endNs) / NS_PER_SECOND
      this.#catchUp = { backlogRecords: this.#backlogRecords, seconds }
    }
  }

  /** The consumers go on, also when the run is cut short. */
  end(): void {
    if (this.#state !== 'paused') return
    this.#state = 'behind'
    this.#backlogRecords = this.#recordsBehind()
    for (const consumer of this.#consumers) consumer.resume()
  }

  #isBehind(): boolean {
    const [consumers, groups, ledger] = [this.#consumers, this.#groups, this.#ledger]
    return partitionsBehind({ consumers, groups, ledger }).length > 0
  }

  #recordsBehind(): number {
    let records = 0
    for (const consumer of this.#consumers) {
      for (let partition = 0; partition < this.#groups.length; partition += 1) {
        records += this.#ledger.ackedEndOf(partition) - consumer.offsetOf(partition)
      }
    }
    return records
  }
}

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogIndex } from '../../contract/types.ts'
import { Writes } from './writes.ts'

const action = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('truncate' as const), from: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constant('complete' as const), count: fc.integer({ min: 1, max: 3 }) }),
)

/** Every entry that was ever appended has a name of its own, also when it takes an old index. */
type Log = number[]
type Write = { readonly id: number; readonly after: Log }

test('durable is where the disk and the memory agree to, whatever was rewritten in between', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const model = new Model()

      for (const step of actions) {
        model.run(step)

        expect(model.writes.durableIndex).toBe(model.agreeTo())
      }
    }),
    { numRuns: 300 },
  )
})

class Model {
  readonly writes = new Writes(LogIndex(0))
  readonly #memory: Log = []
  #disk: Log = []
  #outstanding: Write[] = []
  #name = 0

  run(step: typeof action extends fc.Arbitrary<infer Step> ? Step : never): void {
    switch (step.kind) {
      case 'append':
        for (let added = 0; added < step.count; added += 1) this.#memory.push(++this.#name)
        break
      case 'truncate':
        this.#memory.length = Math.min(this.#memory.length, step.from - 1)
        this.writes.truncateFrom(LogIndex(step.from))
        break
      case 'take': {
        const id = this.writes.handOut(LogIndex(this.#memory.length), false)
        this.#outstanding.push({ id, after: [...this.#memory] })
        break
      }
      default:
        this.#complete(this.#outstanding[Math.min(step.count, this.#outstanding.length) - 1])
    }
  }

  #complete(write: Write | undefined): void {
    if (write === undefined) return
    this.#outstanding = this.#outstanding.filter(({ id }) => id > write.id)
    this.#disk = write.after
    this.writes.complete(write.id)
  }

  agreeTo(): number {
    let index = 0
    while (index < this.#memory.length && this.#disk[index] === this.#memory[index]) index += 1
    return index
  }
}

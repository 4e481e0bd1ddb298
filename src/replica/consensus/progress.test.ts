import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogIndex } from '../../contract/types.ts'
import { InFlight } from './progress.ts'

const action = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), entries: fc.nat(3), bytes: fc.nat(60) }),
  fc.record({ kind: fc.constant('free' as const), back: fc.nat(6) }),
  fc.record({ kind: fc.constant('clear' as const) }),
)

test('the window agrees with a plain list of what is in flight', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const window = { messagesMax: 3, bytesMax: 100, messageEntriesMax: 9, messageBytesMax: 99 }
      const inFlight = new InFlight(window)
      let list: { lastIndex: number; bytes: number }[] = []
      let lastIndex = 0

      for (const step of actions) {
        if (step.kind === 'add' && !inFlight.full) {
          lastIndex += step.entries + 1
          list.push({ lastIndex, bytes: step.bytes })
          inFlight.add(LogIndex(lastIndex), step.bytes)
        } else if (step.kind === 'free') {
          const matchIndex = Math.max(0, lastIndex - step.back)
          list = list.filter((append) => append.lastIndex > matchIndex)
          inFlight.free(LogIndex(matchIndex))
        } else if (step.kind === 'clear') {
          list = []
          inFlight.clear()
        }

        const bytes = list.reduce((sum, append) => sum + append.bytes, 0)
        expect(inFlight.full).toBe(list.length >= 3 || bytes >= 100)
      }
    }),
  )
})

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkPowerCut } from './check-power-cut.ts'

test.each([
  ['event/memory', undefined, 'event/memory at D0 survives no power cut'],
  ['event/wal', 'D1', 'event/wal at D1 survives no power cut'],
  ['null', undefined, 'null at D0 survives no power cut'],
  ['nobody/wal', undefined, 'no raft is called nobody'],
] as const)('%s at %s is refused before anything starts', async (subject, durability, message) => {
  const asked = { subject, durability, cuts: 1, nodes: 3, seed: 1, adapters: [] }
  const results = join(import.meta.dirname, 'nowhere')

  await expect(checkPowerCut({ ...asked, results, onProgress: () => undefined })).rejects.toThrow(
    message,
  )
})

import { assert } from '../../base/assert.ts'
import type { MicroEngine, MicroTask } from './micro-task.ts'
import { createThreeCores } from './three-cores.ts'

const WINDOWS = [1, 64, 1_024]

/**
 * Three cores step each other: a write is durable at once and a message arrives at once. One
 * operation is a proposal of 100 bytes, from its begin until it is committed.
 */
export function protocolEngine(): MicroEngine {
  const cluster = createThreeCores()
  const payload = new Uint8Array(100).fill(7)
  let token = 0
  const tasks = WINDOWS.map(
    (window): MicroTask => ({
      name: `propose and commit, ${window} at once`,
      operations: window,
      run: () => {
        for (let nth = 0; nth < window; nth += 1) {
          cluster.propose(token, payload)
          token += 1
        }
        cluster.settle()
        assert(cluster.committed() === token, 'all that was proposed is committed')
      },
    }),
  )
  return { tasks }
}

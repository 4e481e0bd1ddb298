import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runAtOnce, schedulingOf } from './scheduling.ts'

/** CAP_SYS_NICE: whether this user may let a process go before others. See capabilities(7). */
const mayOrder = (): boolean => {
  const [, held = '0'] = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return ((BigInt(`0x${held}`) >> 23n) & 1n) === 1n
}

test('a process goes before others where this user may order it, and says how', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const pid = child.pid ?? 0

  expect(schedulingOf(pid)).toBe('usual')
  const scheduling = runAtOnce(pid)

  expect(scheduling).toBe(schedulingOf(pid))
  expect(scheduling === 'usual').toBe(!mayOrder())
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(runAtOnce(pid)).toBeUndefined()
})

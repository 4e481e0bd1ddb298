import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  adapterRules,
  runAdapterRules,
} from '../../src/experiment/conformance/run-adapter-rules.ts'
import { createGuard, type Guard } from '../../src/os/guard.ts'
import { wrongs } from '../wrong-adapters/wrongs.ts'

/** What is wrong, and the rule that is meant for it. */
const caughtBy: readonly (readonly [wrong: string, rule: string])[] = [
  ['prints-a-second-line', 'handshake'],
  ['believes-any-configuration', 'configuration-refused'],
  ['hides-a-taken-port', 'port-taken'],
  ['outlives-its-input', 'ends-with-its-input'],
  ['outlives-its-input', 'dies-with-its-parent'],
  ['fails-at-its-end', 'ends-with-its-input'],
  ['ignores-sigterm', 'ends-at-sigterm'],
  ['serves-any-run', 'hello-checked'],
  ['has-no-window', 'window-overrun'],
  ['swallows-malformed-frames', 'malformed-frame'],
  ['answers-twice', 'answered-once'],
  ['reorders-requests', 'order'],
  ['counts-batches-as-records', 'offsets'],
  ['hosts-everything', 'unknown-partition'],
  ['accepts-corrupt-batches', 'corrupt-batch'],
  ['accepts-any-size', 'batch-too-large'],
  ['appends-duplicates', 'duplicate'],
  ['accepts-gaps', 'sequence-gap'],
  ['accepts-old-epochs', 'fenced-producer'],
  ['serves-unpatched-batches', 'fetch-content'],
  ['serves-from-the-next-batch', 'fetch-position'],
  ['ignores-max-bytes', 'fetch-bytes'],
  ['never-waits', 'fetch-wait'],
  ['forgets-waiting-fetches', 'fetches-together'],
  ['answers-beyond-its-end', 'fetch-out-of-range'],
  ['has-an-inclusive-high-watermark', 'high-watermark'],
  ['says-nobody-leads', 'watch'],
  ['pretends-unknown-calls', 'later-calls'],
  ['follower-acknowledges', 'not-leader'],
  ['follower-serves-nothing', 'followers-agree'],
  ['counts-no-syncs', 'counters'],
  ['boasts-of-bytes', 'counters'],
  ['has-a-smaller-window', 'window-allowed'],
  ['fails-acks-leader', 'acks-leader'],
  ['sends-giant-frames', 'frames-bounded'],
  ['serves-its-first-term-only', 'leader-killed'],
  ['forgets-at-a-restart', 'restart'],
  ['calls-a-timeout-definite', 'no-quorum'],
  ['acknowledges-alone', 'no-quorum'],
]

let guard: Guard
let scratch: string
let program: string
let runs = 0

beforeAll(async () => {
  guard = await createGuard()
  scratch = mkdtempSync(join(tmpdir(), 'raftmark-wrong-'))
  program = join(scratch, 'node.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('../wrong-adapters/node.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['raftmark-source'],
    external: ['@node-rs/crc32'],
    banner: {
      js: "import { createRequire as from } from 'node:module'; const require = from(import.meta.url);",
    },
  })
})

afterAll(async () => {
  await guard.close()
  rmSync(scratch, { recursive: true })
})

test('a node without a fault keeps every rule', async () => {
  const results = await check('right')

  expect(results.filter(({ verdict }) => verdict === 'broken')).toEqual([])
})

test.each(caughtBy)('a node that %s is caught by the rule %s', async (wrong, rule) => {
  const [result] = await check(wrong, [rule])

  expect(result).toMatchObject({ rule, verdict: 'broken' })
  expect(result?.detail).toMatch(/expected .*; saw .*; exchange: /s)
})

test('every rule has a wrong adapter, and every wrong adapter is listed', () => {
  expect(new Set(caughtBy.map(([wrong]) => wrong))).toEqual(new Set(Object.keys(wrongs)))
  expect(new Set(caughtBy.map(([, rule]) => rule))).toEqual(
    new Set(adapterRules.map(({ name }) => name)),
  )
})

function check(wrong: string, names?: readonly string[]) {
  runs += 1
  const manifest = {
    name: wrong,
    kind: 'raft',
    language: 'typescript',
    version: '0',
    contract: 1,
    start: ['node', program, wrong],
    claims: { stores: ['wal'], durability: 'D2' },
    tuning: {},
    exceptions: [],
  } as const
  return runAdapterRules(
    { adapter: { directory: scratch, manifest }, guard, directory: join(scratch, `run-${runs}`) },
    names === undefined ? adapterRules : adapterRules.filter(({ name }) => names.includes(name)),
  )
}

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { systemClock } from '../src/os/clock.ts'

/**
 * How long a user waits before anything happens: `raftmark --help` of the built package against
 * starting node alone, in turn; and the whole of `npm test`, once.
 */
const PAIRS = 15
const HELP_RATIO_MAX = 4
const TEST_SECONDS_MAX = 360

const root = join(import.meta.dirname, '..')
const help = [join(root, 'bin/run.js'), '--help']
const nothing = ['-e', '0']

milliseconds(process.execPath, help)
const pairs = Array.from({ length: PAIRS }, () => ({
  nodeMs: milliseconds(process.execPath, nothing),
  helpMs: milliseconds(process.execPath, help),
}))
const ratios = pairs.map(({ nodeMs, helpMs }) => helpMs / nodeMs).sort((a, b) => a - b)
const helpRatio = ratios[PAIRS >> 1] ?? Number.NaN
const testSeconds = milliseconds('npm', ['test']) / 1_000
const claims = [
  {
    claim: 'raftmark --help ÷ node -e 0, wall time (median of pairs)',
    value: helpRatio,
    limit: HELP_RATIO_MAX,
    held: helpRatio <= HELP_RATIO_MAX,
  },
  {
    claim: 'npm test (seconds)',
    value: testSeconds,
    limit: TEST_SECONDS_MAX,
    held: testSeconds <= TEST_SECONDS_MAX,
  },
]
console.log(JSON.stringify({ bench: 'start', figures: { pairs }, claims }))
process.exitCode = claims.every(({ held }) => held) ? 0 : 1

function milliseconds(program: string, args: readonly string[]): number {
  const startNs = systemClock.nowNs()
  const { status } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`)
  return (systemClock.nowNs() - startNs) / 1e6
}

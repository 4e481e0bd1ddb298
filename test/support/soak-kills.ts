// Starts small runs and hits a random process of each with a random signal at a random time. Each
// must end in a known way and leave nothing, and the results must be readable afterwards.
// usage: soak-kills.ts [BLOWS] [SEED]
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Prng, prngFromSeed } from '../../src/base/prng.ts'
import { freshSeed } from '../../src/os/entropy.ts'
import {
  CommandLine,
  expectNothingLeft,
  kill,
  type Outcome,
  pass,
  workloadIn,
} from './command-line.ts'

/** Longer than every limit that can be met in a row: handshake, answer, silence, stop. */
const ENDS_MS = 90_000
/** What to wait for before a blow, so that every phase is hit however slow the machine is. */
const milestones = ['cli', 'warden', 'echo', 'node', 'generator', 'generator'] as const
/** Between the milestone and the blow. */
const BLOW_MS_MAX = 2_500

const signals = ['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGSTOP', 'SIGTERM', 'SIGINT'] as const

/** Done, unknown or mistake, Ctrl-C, SIGTERM. Neither a wrong verdict (1) nor a bug (70). */
const exitCodesAllowed = [0, 2, 130, 143]

const [blows = 100, seed = freshSeed()] = process.argv.slice(2).map(Number)
const prng = prngFromSeed(seed)
const folder = mkdtempSync(join(tmpdir(), 'raftmark-soak-'))
mkdirSync(join(folder, 'tmp'))
console.log(`${blows} blows, seed ${seed}, in ${folder}`)

let failed = 0
for (let blow = 1; blow <= blows; blow += 1) {
  const command = new CommandLine(folder, run(), {})
  try {
    const what = await strike(command, prng.fork(`blow ${blow}`))
    const outcome = await command.endWithin(ENDS_MS)
    console.log(`${blow}: ${what} → ${outcome.exitCode ?? outcome.signal} ${mainLineOf(outcome)}`)
    refuseUnknownEnd(outcome, what)
    await expectNothingLeft(command)
  } catch (error) {
    failed += 1
    console.log(`${blow}: FAILED: ${error instanceof Error ? error.message : String(error)}`)
    command.killAll()
    // Said once is enough: what is left now must not count against the next.
    rmSync(join(folder, 'tmp'), { recursive: true })
    mkdirSync(join(folder, 'tmp'))
  }
}
failed += await readResults()
console.log(`${blows + 1 - failed} passed, ${failed} failed`)
if (failed === 0) rmSync(folder, { recursive: true })
process.exitCode = failed === 0 ? 0 : 1

function run(): readonly string[] {
  const change = { warmUpSecondsMax: 0.5, measureSeconds: 1.5 }
  return ['run', workloadIn(folder, change), '--subject', 'event/wal', '--rounds', '1']
}

/** Returns what was done, in words. */
async function strike(command: CommandLine, prng: Prng): Promise<string> {
  const milestone = drawn(milestones, prng)
  const afterMs = prng.below(BLOW_MS_MAX)
  await command.untilThereIs(milestone)
  await pass(afterMs)
  const when = `${afterMs} ms after the ${milestone}`
  const processes = command.processes()
  if (processes.length === 0) return `nothing: it was over ${when}`
  const target = drawn(processes, prng)
  const signal = drawn(signals, prng)
  kill(target.pid, signal)
  const name = target.node === undefined ? target.role : `node ${target.node}`
  // A stopped command cannot end by itself: whoever stopped it loses patience.
  if (signal === 'SIGSTOP' && target.role === 'cli') {
    await pass(1_000)
    command.signal('SIGKILL')
  }
  return `${signal} to ${name} ${when}`
}

function drawn<T>(items: readonly T[], prng: Prng): T {
  return items[prng.below(items.length)] as T
}

function refuseUnknownEnd({ exitCode, signal, stderr }: Outcome, what: string): void {
  const wasItsOwn = what.includes('to cli') && signal !== null
  if (!wasItsOwn && !exitCodesAllowed.includes(exitCode ?? -1)) {
    throw new Error(`ended with ${exitCode ?? signal} after ${what}:\n${stderr}`)
  }
}

function mainLineOf({ stderr }: Outcome): string {
  return stderr.split('\n').find((line) => line.startsWith('Error')) ?? ''
}

/** Returns how many checks failed: 0 or 1. */
async function readResults(): Promise<number> {
  const list = new CommandLine(folder, ['results', 'list', '--json'], {})
  const { exitCode, stdout, stderr } = await list.endWithin(ENDS_MS)
  const isRead = exitCode === 0 && Array.isArray(JSON.parse(stdout).experiments)
  console.log(`results ${isRead ? 'readable' : 'NOT READABLE'}: ${stderr}`)
  return isRead ? 0 : 1
}

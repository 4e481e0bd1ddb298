import type { Persist } from '../../replica/consensus/effects.ts'
import type { Loss } from '../../replica/store/virtual-file.ts'
import { Broken, hold } from './broken.ts'
import type { StoreLab } from './store-lab.ts'
import { StoreMachine } from './store-machine.ts'
import type { StoreRule } from './store-rule.ts'
import {
  describeState,
  describeWrite,
  type LogState,
  numbered,
  restoredState,
  run,
  sameState,
  scriptedWrites,
  statesOf,
} from './store-sequence.ts'

const SEEDS = 6
/** Between writes. A sync takes 500 to 2,000: some writes are outstanding, all are, or none is. */
const PAUSES_NS = [400, 0, 50_000]
const NONE_OUTSTANDING = [50_000]

/** What a store promises when the power fails, at every write and sync of a virtual disk. */
export const storePowerCutRules: readonly StoreRule[] = [
  {
    name: 'power-cut-keeps-acknowledged',
    promise: 'a write that has ended is there after a power cut at any moment',
    asks: 'on-disk',
    check: async (lab) => {
      forEachCut(lab, { losses: ['all', 'some'] }, holdAcknowledged)
    },
  },
  {
    name: 'power-cut-whole-writes',
    promise: 'vote, truncation and entries of one write are all there after a power cut, or none',
    asks: 'on-disk',
    check: async (lab) => {
      forEachCut(lab, { losses: ['some'] }, ({ state, states, sequence }) => {
        const isWhole = states.some((each) => sameState(each, state))
        hold(isWhole, 'the log after some write', `${describeState(state)}; ${sequence}`)
      })
    },
  },
  {
    name: 'power-cut-keeps-names',
    promise: 'the directory is synced after a file was made: a power cut does not lose its name',
    asks: 'on-disk',
    check: async (lab) => {
      const only = { losses: ['none'], names: 'all', pausesNs: NONE_OUTSTANDING } as const
      forEachCut(lab, only, holdAcknowledged)
    },
  },
  {
    name: 'killed-then-power-cut',
    promise: 'what a new process restores is durable, also what a killed one left unsynced',
    asks: 'on-disk',
    check: async (lab) => {
      const machine = new StoreMachine(lab, 1)
      const store = machine.open()
      const [first, second] = numbered([
        { entries: run(1, 1, 2, 50) },
        { entries: run(1, 3, 2, 50) },
      ]) as [Persist, Persist]
      machine.outcomes(store, [first])
      store.persist(second, () => undefined)
      machine.disk.killProcesses()
      const restored = machine.open().restored.lastIndex
      machine.disk.cutPower('all')
      const kept = machine.open().restored.lastIndex
      const sequence = 'write, kill before its sync ends, open, power cut, open'
      hold(kept === restored, `a log to ${restored} again`, `one to ${kept}; ${sequence}`)
    },
  },
]

type Cut = {
  /** What the store held when it was opened again. */
  readonly state: LogState
  /** What it may hold: the states after none, one, … of the writes that were begun. */
  readonly states: readonly LogState[]
  /** How many writes had ended. */
  readonly acknowledged: number
  readonly sequence: string
}

function holdAcknowledged({ state, states, acknowledged, sequence }: Cut): void {
  const found = states.findLastIndex((each) => sameState(each, state))
  // What is no state at all is the rule of whole writes.
  if (found === -1) return
  const wanted = `write ${acknowledged} and all before it`
  hold(found >= acknowledged, wanted, `the log after write ${found}; ${sequence}`)
}

class PowerCut extends Error {}

type Plans = {
  readonly losses: readonly Loss[]
  /** What is lost of names; nothing when left out. */
  readonly names?: Loss
  readonly pausesNs?: readonly number[]
}

type CutPlan = {
  readonly writes: readonly Persist[]
  readonly seed: number
  readonly at: number
  readonly loss: Loss
  readonly names: Loss
  readonly pauseNs: number
}

/** Cuts the power before every operation of every sequence, until `judge` throws. */
function forEachCut(lab: StoreLab, plans: Plans, judge: (cut: Cut) => void): void {
  for (const sequence of sequences(plans)) {
    for (let at = 1; ; at += 1) {
      const cut = cutAt(lab, { ...sequence, at })
      if (cut === undefined) break
      judge(cut)
    }
  }
}

/** Shortest first, so that the first one that is wrong is small. */
function sequences(plans: Plans): Omit<CutPlan, 'at'>[] {
  const { losses, names = 'none', pausesNs = PAUSES_NS } = plans
  const script = scriptedWrites()
  return [1, 4, script.length].flatMap((count) =>
    losses.flatMap((loss) =>
      Array.from({ length: loss === 'some' ? SEEDS : pausesNs.length }, (_, at) => ({
        writes: script.slice(0, count),
        loss,
        names,
        seed: at + 1,
        pauseNs: pausesNs[at % pausesNs.length] ?? 0,
      })),
    ),
  )
}

/** `undefined` when the writes need fewer operations. */
function cutAt(lab: StoreLab, plan: CutPlan): Cut | undefined {
  let operations = 0
  let cutBefore: string | undefined
  const machine = new StoreMachine(lab, plan.seed, (operation) => {
    operations += 1
    if (cutBefore !== undefined || operations !== plan.at) return
    cutBefore = operation
    throw new PowerCut()
  })
  const { begun, acknowledged } = runUntil(machine, plan, () => cutBefore !== undefined)
  if (cutBefore === undefined) return undefined
  machine.disk.cutPower(plan.loss, plan.names)
  const lost = plan.loss === 'none' ? 'names' : plan.loss
  const sequence =
    `${plan.writes.slice(0, begun).map(describeWrite).join('; ')}; power cut before operation ` +
    `${plan.at} (${cutBefore}) that loses ${lost} of what is not synced, seed ${plan.seed}`
  const states = statesOf(plan.writes.slice(0, begun))
  return { state: reopenedState(machine, sequence), states, acknowledged, sequence }
}

function runUntil(machine: StoreMachine, { writes, pauseNs }: CutPlan, isCut: () => boolean) {
  let begun = 0
  let acknowledged = 0
  try {
    const store = machine.open()
    for (const write of writes) {
      if (isCut()) break
      begun += 1
      store.persist(write, (error) => {
        if (error === undefined && !isCut()) acknowledged = write.id
      })
      machine.wait(pauseNs)
    }
    if (!isCut()) machine.wait()
  } catch (error) {
    if (!isCut()) throw error
  }
  return { begun, acknowledged }
}

function reopenedState(machine: StoreMachine, sequence: string): LogState {
  try {
    return restoredState(machine.open())
  } catch (error) {
    throw new Broken('a store that opens after a power cut', `${String(error)}; ${sequence}`)
  }
}

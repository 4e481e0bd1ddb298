import { Flags } from '@oclif/core'
import { RaftmarkError } from '../base/errors.ts'

/** A whole number within bounds; the message says what would be possible. */
const wholeNumber = Flags.custom<
  number,
  { readonly name: string; readonly min: number; readonly max: number }
>({
  parse: async (text, _, { name, min, max }) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new RaftmarkError('flag-invalid', `--${name} cannot be ${text}`, {
      nextStep: `give a whole number from ${min} to ${max}`,
    })
  },
})

export const results = Flags.string({
  summary: 'Folder of runs and experiments.',
  default: 'results',
  helpValue: 'DIR',
})

export const output = Flags.string({
  char: 'o',
  summary: 'File to write; standard output without it.',
  helpValue: 'FILE',
})

export const adapter = Flags.string({
  summary: 'A raft or store in any folder with an adapter.json, also outside the package.',
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'DIR',
})

export const subject = Flags.string({
  summary: 'What to run; give it once for each.',
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'RAFT[/STORE][@TUNING]',
})

export const oneSubject = Flags.string({
  summary: 'What to check.',
  required: true,
  helpValue: 'RAFT[/STORE][@TUNING]',
})

export const shutdowns = wholeNumber({
  summary: 'How often the file system is shut down under a store; needs root.',
  name: 'shutdowns',
  min: 1,
  max: 100_000,
  default: 30,
  helpValue: 'N',
})

export const cuts = wholeNumber({
  summary: 'How often power is cut.',
  name: 'cuts',
  min: 1,
  max: 10_000,
  default: 30,
  helpValue: 'N',
})

export const effort = Flags.option({
  summary: 'How long to measure: at most 5, or 10, or 20 rounds instead of the suite’s own.',
  options: ['smoke', 'standard', 'publish'] as const,
})()

export const rounds = wholeNumber({
  summary: 'Rounds of the part with most of them; other parts keep their proportion.',
  name: 'rounds',
  min: 1,
  max: 1_000,
  helpValue: 'N',
})

export const nodes = wholeNumber({
  summary: 'Nodes of each cluster.',
  name: 'nodes',
  min: 1,
  max: 9,
  default: 3,
  helpValue: 'N',
})

export const durability = Flags.option({
  summary: 'What an acknowledgement promises, instead of the workload’s.',
  options: ['D0', 'D1', 'D2', 'D3'] as const,
})()

export const placement = Flags.option({
  summary: 'One process for each node, or the engine alone in one process.',
  options: ['process', 'in-process'] as const,
})()

export const cpus = Flags.option({
  summary:
    'All on all cores, or the generator on one of its own; both: see whether a ranking flips.',
  options: ['shared', 'apart'] as const,
  multiple: true,
  multipleNonGreedy: true,
})()

export const seed = wholeNumber({
  summary: 'Decides order and arrivals; a fresh one otherwise.',
  name: 'seed',
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  helpValue: 'N',
})

export const keep = wholeNumber({
  summary: 'How many of the newest experiments stay.',
  name: 'keep',
  min: 0,
  max: 1_000_000,
  required: true,
  helpValue: 'N',
})

export const resume = Flags.string({
  summary: 'Go on with an interrupted experiment; all else is as it was planned.',
  helpValue: 'ID',
  exclusive: [
    'subject',
    'effort',
    'rounds',
    'durability',
    'placement',
    'cpus',
    'seed',
    'adapter',
    'plan',
  ],
})

export const plan = Flags.boolean({ summary: 'Say what would run, in what order and how long.' })

export const failOn = Flags.string({
  summary: 'Exit with 1 when B’s metric is surely beyond: p50, p99, cpu, throughput ±N%.',
  multiple: true,
  multipleNonGreedy: true,
  helpValue: "'p99 +5%'",
})

export const requireRankable = Flags.boolean({
  summary: 'Exit with 1 when a result missed a gate.',
})

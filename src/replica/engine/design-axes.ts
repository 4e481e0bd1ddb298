import { RaftmarkError } from '../../base/errors.ts'
import type { Timing } from '../consensus/core.ts'
import type { Design, Layout } from './design.ts'
import { designNamed } from './designs.ts'
import { validateDesign } from './validate-design.ts'

const MS = 1_000_000

/** A letter of the design space, as docs/ADAPTERS.md and `Design` name them. */
export type AxisLetter = 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G'

type Axis = {
  readonly letter: AxisLetter
  readonly name: string
  readonly key: 'clock' | 'disk' | 'leaderDisk' | 'window' | 'batching' | 'sharing' | 'layout'
  /** A design's value as a reader sees it. */
  readonly word: (design: Design) => string
}

const axes: readonly Axis[] = [
  { letter: 'A', name: 'clock', key: 'clock', word: ({ clock }) => clockWord(clock) },
  { letter: 'B', name: 'disk coupling', key: 'disk', word: ({ disk }) => diskWord(disk) },
  {
    letter: 'C',
    name: 'the leader’s disk',
    key: 'leaderDisk',
    word: ({ leaderDisk }) => leaderDisk,
  },
  { letter: 'D', name: 'window', key: 'window', word: ({ window }) => windowWord(window) },
  { letter: 'E', name: 'batching', key: 'batching', word: ({ batching }) => batchWord(batching) },
  { letter: 'F', name: 'sharing', key: 'sharing', word: ({ sharing }) => sharing },
  { letter: 'G', name: 'log layout', key: 'layout', word: ({ layout }) => layout },
]

/** One choice that two designs take differently, with the word for each one's value. */
export type AxisDifference = {
  readonly letter: AxisLetter
  readonly name: string
  readonly from: string
  readonly to: string
}

/** Where two designs differ, in the order of the axes; timing is the harness's and no choice. */
export function axesBetween(from: Design, to: Design): readonly AxisDifference[] {
  return axes
    .filter(({ key }) => JSON.stringify(from[key]) !== JSON.stringify(to[key]))
    .map(({ letter, name, word }) => ({ letter, name, from: word(from), to: word(to) }))
}

/** What `@…` of a design's subject stands for: `{ b: 'event', linger: 2 }`. */
export type DesignTuning = Readonly<Record<string, string | number | boolean>>

/**
 * The design of this name with some choices taken otherwise: an axis (`a` to `g`) as the design
 * that is named takes it, `linger` in ms, `cap` in proposals of one step, `window` in messages
 * under way to a follower, `layout` of axis G by its name. Throws `subject-invalid` for other
 * words, and `design-impossible`.
 */
export function designTuned(name: string, tuning: DesignTuning, timing?: Timing): Design {
  const words = Object.entries(tuning)
  const design = words.reduce(
    (changed, [word, value]) => withWord(changed, word, value),
    designNamed(name, timing),
  )
  validateDesign(design)
  return design
}

function withWord(design: Design, word: string, value: string | number | boolean): Design {
  const axis = axes.find(({ letter }) => letter.toLowerCase() === word)
  if (axis !== undefined) return { ...design, [axis.key]: designNamed(String(value))[axis.key] }
  const amount = Number(value)
  switch (word) {
    case 'linger': {
      const rule = { kind: 'linger', lingerNs: amount * MS } as const
      return { ...design, batching: { ...design.batching, rule } }
    }
    case 'cap':
      return { ...design, batching: { ...design.batching, entriesMax: amount } }
    case 'window':
      return { ...design, window: { ...design.window, messagesMax: amount } }
    case 'layout':
      return { ...design, layout: value as Layout }
    default:
      throw new RaftmarkError('subject-invalid', `${design.name} has no tuning word ${word}`, {
        nextStep:
          'write a.DESIGN to g.DESIGN for an axis, linger.MS, cap.N, window.N, layout.NAME, or ' +
          'same',
        place: { key: `tuning.${word}` },
      })
  }
}

function clockWord(clock: Design['clock']): string {
  if (clock.kind === 'timers') return 'timers'
  return `ticks of ${clock.periodNs / MS} ms, ${clock.phase}`
}

function diskWord(disk: Design['disk']): string {
  if (disk.kind === 'lockstep') return 'lockstep'
  return disk.votesAndTruncations === 'overlapped' ? 'overlap' : 'overlap, votes inline'
}

function windowWord({ messagesMax, bytesMax, messageEntriesMax }: Design['window']): string {
  const mebibytes = bytesMax / 2 ** 20
  return `${messagesMax} messages of ${messageEntriesMax} entries, ${mebibytes} MiB`
}

function batchWord({ rule, entriesMax, handle, apply }: Design['batching']): string {
  const gathered = rule.kind === 'natural' ? 'natural' : `linger of ${rule.lingerNs / MS} ms`
  return `${gathered}, cap ${entriesMax}, ${handle}, apply ${apply}`
}

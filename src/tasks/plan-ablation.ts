import { RaftmarkError } from '../base/errors.ts'
import type { Adapter } from '../experiment/cluster/adapter-manifest.ts'
import type { AblationAxis, PlannedAblation } from '../judgement/history/ablation.ts'
import { axesBetween, designTuned } from '../replica/engine/design-axes.ts'
import { designNames } from '../replica/engine/designs.ts'
import { didYouMean } from './nearest-name.ts'
import { parseSubject, type Subject } from './parse-subject.ts'

/** A full factorial of more axes is more than an afternoon. */
const FACTORIAL_AXES_MAX = 4

/**
 * The points between two designs over `store`. Throws `subject-invalid` for what is no design of
 * ours, for two that are the same, and for a factorial that is too large.
 */
export function planAblation(
  texts: { readonly from: string; readonly to: string; readonly store: string },
  factorial: boolean,
  adapters: ReadonlyMap<string, Adapter>,
): PlannedAblation {
  const from = designSubject(texts.from, adapters, texts.store)
  const to = designSubject(texts.to, adapters, texts.store)
  if (from.store !== to.store) {
    throw invalid(`${from.name} and ${to.name} differ in their store`, 'name one store for both')
  }
  const axes = axesBetween(designTuned(from.design, {}), designTuned(to.design, {})).map(
    ({ letter, name, from: before, to: after }): AblationAxis => ({
      axis: letter,
      name,
      from: before,
      to: after,
    }),
  )
  if (axes.length === 0) throw invalid(`${from.name} and ${to.name} are one design`, 'name two')
  if (factorial && axes.length > FACTORIAL_AXES_MAX) {
    throw invalid(
      `${axes.length} choices have ${2 ** axes.length} combinations`,
      'leave --factorial out: one choice at a time, from both ends',
    )
  }
  const letters = axes.map(({ axis }) => axis)
  const combinations = factorial ? subsetsOf(letters) : subsetsAtBothEnds(letters)
  const points: { subject: string; axes: readonly string[] }[] = []
  const impossible: { axes: readonly string[]; reason: string }[] = []
  for (const changed of combinations) {
    const reason = whyImpossible(from.design, to.design, changed)
    if (reason !== undefined) impossible.push({ axes: changed, reason })
    else points.push({ subject: pointName(from, to, changed, axes.length), axes: changed })
  }
  return { from: from.name, to: to.name, factorial, axes, points, impossible }
}

type DesignSubject = Pick<Subject, 'name' | 'store'> & { readonly design: string }

function designSubject(
  text: string,
  adapters: ReadonlyMap<string, Adapter>,
  defaultStore: string,
): DesignSubject {
  const { name, store, adapter, tuning } = parseSubject(text, adapters, defaultStore)
  const design = adapter.manifest.name
  if (!designNames.includes(design)) {
    throw invalid(
      `${text} is no design of this engine: its choices cannot be taken one by one`,
      didYouMean(design, designNames),
    )
  }
  if (Object.keys(tuning).length > 0) throw invalid(`${text} is tuned`, `write ${design}/${store}`)
  return { name, store, design }
}

/** As a subject: from's design with some axes as in to; the ends keep their names. */
function pointName(
  from: DesignSubject,
  to: DesignSubject,
  changed: readonly string[],
  axisCount: number,
): string {
  if (changed.length === 0) return from.name
  if (changed.length === axisCount) return to.name
  const words = changed.map((letter) => `${letter.toLowerCase()}.${to.design}`)
  return `${from.name}@${words.join('+')}`
}

function whyImpossible(from: string, to: string, changed: readonly string[]): string | undefined {
  const tuning = Object.fromEntries(changed.map((letter) => [letter.toLowerCase(), to]))
  try {
    designTuned(from, tuning)
    return undefined
  } catch (error) {
    if (error instanceof RaftmarkError && error.code === 'design-impossible') return error.message
    throw error
  }
}

/** Nothing, each alone, all but each, everything; without repetition. */
function subsetsAtBothEnds(letters: readonly string[]): readonly (readonly string[])[] {
  const alone = letters.map((letter) => [letter])
  const others = letters.map((letter) => letters.filter((one) => one !== letter))
  const all = [[], ...alone, ...others, [...letters]]
  return [...new Map(all.map((subset) => [subset.join(), subset])).values()]
}

/** All combinations of letters, from none to all, each in the letters' order. */
export const subsetsOf = (letters: readonly string[]): readonly (readonly string[])[] =>
  letters.reduce<readonly (readonly string[])[]>(
    (subsets, letter) => subsets.flatMap((subset) => [subset, [...subset, letter]]),
    [[]],
  )

const invalid = (message: string, nextStep: string): RaftmarkError =>
  new RaftmarkError('subject-invalid', message, { nextStep })

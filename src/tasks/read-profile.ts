import { join } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { GateUse, Profile, Rubric } from '../judgement/score/rubric.ts'
import { didYouMean } from './nearest-name.ts'
import type { YamlFile } from './read-yaml.ts'
import { readScorecardFile, refusal, scorecardsFolder, yamlNamesIn } from './scorecard-files.ts'

type ProfileFile = {
  readonly name: string
  readonly title: string
  readonly for: string
  readonly weights: Readonly<Record<string, number>>
  readonly gates: Readonly<Record<string, GateUse['effect']>>
  readonly floors: Readonly<Record<string, number>>
  readonly ready: number
  readonly conditional: number
}

/** The names of the profiles, sorted. */
const profileNames = (folder = scorecardsFolder): Promise<readonly string[]> =>
  yamlNamesIn(join(folder, 'profiles'))

/**
 * Reads the profile of this name, or of this file when it ends in `.yaml`. Rejects with
 * `scorecard-invalid`, file and line, for weights that do not sum to 100 and for unknown names.
 */
export async function readProfile(
  nameOrFile: string,
  rubric: Rubric,
  folder = scorecardsFolder,
): Promise<Profile> {
  const path = nameOrFile.endsWith('.yaml')
    ? nameOrFile
    : join(folder, 'profiles', `${await knownProfile(nameOrFile, folder)}.yaml`)
  const { content, file } = await readScorecardFile<ProfileFile>(path, 'profile')
  const criteria = new Set(rubric.criteria.map(({ id }) => id))
  const gates = new Set(rubric.gates.map(({ id }) => id))
  refuseUnknown(file, 'weights', content.weights, criteria, 'criterion')
  refuseUnknown(file, 'floors', content.floors, criteria, 'criterion')
  refuseUnknown(file, 'gates', content.gates, gates, 'gate')
  const weights = new Map(
    Object.entries(content.weights).map(([name, weight]) => [name, Math.round(weight * 100)]),
  )
  const sum = [...weights.values()].reduce((total, weight) => total + weight, 0)
  if (sum !== 10_000) {
    throw refusal(file, ['weights'], `The weights sum to ${sum / 100} %, not 100.`)
  }
  return {
    name: content.name,
    title: content.title,
    for: content.for,
    weights,
    gates: Object.entries(content.gates).map(([gate, effect]) => ({ gate, effect })),
    floors: Object.entries(content.floors).map(([criterion, score]) => ({
      criterion,
      tenths: Math.round(score * 10),
    })),
    readyTenths: Math.round(content.ready * 10),
    conditionalTenths: Math.round(content.conditional * 10),
  }
}

async function knownProfile(name: string, folder: string): Promise<string> {
  const names = await profileNames(folder)
  if (names.includes(name)) return name
  throw new RaftmarkError('flag-invalid', `there is no profile ${name}`, {
    nextStep: didYouMean(name, names),
  })
}

function refuseUnknown(
  file: YamlFile,
  key: string,
  found: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  what: string,
): void {
  const unknown = Object.keys(found).find((name) => !known.has(name))
  if (unknown === undefined) return
  const message = `${unknown} is no ${what}.`
  throw refusal(file, [key, unknown], message, didYouMean(unknown, known))
}

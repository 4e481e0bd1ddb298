import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import type { Durability } from '../contract/durability.ts'
import type { DurabilityRecord } from '../judgement/history/durability-record.ts'
import { makeDirectories, writeFileAtomic } from '../os/files.ts'

/** Keeps it in `durability/` of the folder of results: one for each subject and claim. */
export async function saveDurability(directory: string, record: DurabilityRecord): Promise<void> {
  makeDirectories(join(directory, 'durability'))
  const file = fileOf(directory, record.subject, record.claimed)
  await writeFileAtomic(file, `${JSON.stringify(record, undefined, 2)}\n`)
}

/**
 * What was last observed of a subject under a claim; undefined when nobody looked. Throws
 * `result-damaged`: what was seen must not be forgotten without a word.
 */
export function observedOf(
  directory: string,
  subject: string,
  claimed: Durability,
): Durability | undefined {
  const file = fileOf(directory, subject, claimed)
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as DurabilityRecord
    return record.observed ?? undefined
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new RaftmarkError('result-damaged', `${file} cannot be read`, {
      nextStep: `Remove it, and run "raftmark check durability --subject ${subject}" again.`,
      place: { file },
      cause,
    })
  }
}

const fileOf = (directory: string, subject: string, claimed: Durability): string =>
  join(directory, 'durability', `${subject.replaceAll('/', '_')}-${claimed}.json`)

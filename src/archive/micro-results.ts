import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MicroRecord } from '../judgement/history/micro-record.ts'
import { makeDirectories, writeFileAtomic } from '../os/files.ts'

/** Keeps it in `micro/` of the folder of results, under the time at which it was taken. */
export async function saveMicro(directory: string, record: MicroRecord): Promise<string> {
  const folder = join(directory, 'micro')
  makeDirectories(folder)
  const file = join(folder, `${record.takenAt.replaceAll(':', '')}.json`)
  await writeFileAtomic(file, `${JSON.stringify(record, undefined, 2)}\n`)
  return file
}

/**
 * The newest that has all of these engines; undefined when there is none. What cannot be read is
 * passed over: it must not keep anybody from measuring.
 */
export function lastMicro(directory: string, engines: readonly string[]): MicroRecord | undefined {
  for (const name of namesIn(join(directory, 'micro'))) {
    const record = recordIn(join(directory, 'micro', name))
    const has = record?.engines.map(({ engine }) => engine) ?? []
    if (engines.every((engine) => has.includes(engine))) return record
  }
  return undefined
}

/** Newest first: names are times. */
function namesIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
    return names.sort().reverse()
  } catch {
    return []
  }
}

function recordIn(file: string): MicroRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as MicroRecord
    return record.schema === 'raftmark/micro/1' ? record : undefined
  } catch {
    return undefined
  }
}

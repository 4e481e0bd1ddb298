import { resolve } from 'node:path'
import { type Archive, openArchive } from '../archive/archive.ts'
import { openResultIndex, type ResultIndex } from '../archive/result-index.ts'

/** Hands over what was saved under `directory`, and closes it again. */
export function withResults<T>(
  directory: string,
  use: (index: ResultIndex, archive: Archive) => T,
): T {
  const archive = openArchive(resolve(directory))
  const index = openResultIndex(archive)
  try {
    return use(index, archive)
  } finally {
    index.close()
  }
}

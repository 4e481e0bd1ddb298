import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js'
import { RaftmarkError } from '../base/errors.ts'

/** Microseconds, three significant digits, as every generator records them. */
export function emptyHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
  })
}

/**
 * All intervals tagged `tag` of a run's histogram.hlog, added to `into`. Throws `result-damaged`.
 * Source of the format: HdrHistogram's log format 1.3 (`Tag=…,start,length,max,payload`).
 */
export function addHistogram(runDirectory: string, tag: string, into: Histogram): void {
  const file = join(runDirectory, 'histogram.hlog')
  for (const [at, line] of textOf(file).split('\n').entries()) {
    if (!line.startsWith(`Tag=${tag},`)) continue
    const payload = line.slice(line.lastIndexOf(',') + 1)
    try {
      into.add(decodeFromCompressedBase64(payload))
    } catch (cause) {
      throw damaged(file, at + 1, cause)
    }
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw damaged(file, undefined, cause)
  }
}

function damaged(file: string, line: number | undefined, cause: unknown): RaftmarkError {
  return new RaftmarkError('result-damaged', 'the histogram of a run cannot be read', {
    nextStep: 'move the run’s folder away; other results are not touched by this',
    place: line === undefined ? { file } : { file, line },
    cause,
  })
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js'
import { RaftmarkError } from '../base/errors.ts'

/** Microseconds, three significant digits, up to 35 minutes: as every generator records them. */
export const emptyHistogram = (): Histogram =>
  build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2 ** 31,
    numberOfSignificantValueDigits: 3,
  })

/**
 * The response times of all intervals of a run's histogram.hlog, added to `into`; they are the
 * lines without a tag. Throws `result-damaged`.
 * Source of the format: HdrHistogram's log format 1.3 (`[Tag=…,]start,length,max,payload`).
 */
export const addResponses = (runDirectory: string, into: Histogram): void =>
  addIntervals(runDirectory, /^\d/, into)

/** The same of the lines with this tag: `service`, `send-lag`, `fetch-lag`. */
export const addTagged = (runDirectory: string, tag: string, into: Histogram): void =>
  addIntervals(runDirectory, new RegExp(`^Tag=${tag},`), into)

function addIntervals(runDirectory: string, wanted: RegExp, into: Histogram): void {
  const file = join(runDirectory, 'histogram.hlog')
  for (const [at, line] of textOf(file).split('\n').entries()) {
    if (!wanted.test(line)) continue
    const payload = line.slice(line.lastIndexOf(',') + 1)
    try {
      into.add(decodeFromCompressedBase64(payload, 32))
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

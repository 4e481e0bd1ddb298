import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { RaftmarkError } from '../base/errors.ts'
import { judgeHistory } from '../judgement/check/judge-history.ts'
import type { History } from '../judgement/history/history.ts'
import { HistoryReader } from '../judgement/history/parse-history.ts'
import type { CheckResult, Verdict } from '../judgement/history/run-record.ts'

export type CheckDocument = {
  readonly schema: 'raftmark/check/1'
  readonly verdict: Verdict
  readonly operations: number
  readonly checks: readonly CheckResult[]
}

/**
 * Judges the history in `file`, whoever recorded it. Rejects with RaftmarkError `history-invalid`
 * if it cannot be read or breaks the schema.
 */
export async function checkHistory(file: string): Promise<CheckDocument> {
  const history = await readHistory(file)
  const { verdict, checks } = judgeHistory(history)
  return { schema: 'raftmark/check/1', verdict, operations: history.operationCount, checks }
}

async function readHistory(file: string): Promise<History> {
  const reader = new HistoryReader(file)
  try {
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
    for await (const line of lines) reader.line(line)
  } catch (cause) {
    if (cause instanceof RaftmarkError || !isSystemError(cause)) throw cause
    throw new RaftmarkError('history-invalid', `cannot read ${file}: ${cause.code}`, {
      nextStep: 'Give the path of a history.ndjson; runs keep theirs in results/runs/ID/.',
      place: { file },
      cause,
    })
  }
  return reader.end()
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException & { code: string } =>
  error instanceof Error && 'code' in error && 'errno' in error

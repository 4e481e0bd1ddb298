import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorCodes, RaftmarkError } from '../base/errors.ts'
import { refusalOf } from '../os/system-error.ts'

/** 0 and 1 are verdicts; 2 is the user's mistake or an unknown verdict; 70 is a bug of ours. */
export const exitCodes = { done: 0, failed: 1, mistake: 2, bug: 70 } as const

const REPORT_AT = 'the issue tracker of raftmark'

/** oclif's own complaints about flags, arguments and commands are the user's mistakes too. */
function isUsageError(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error
}

/** A full disk or a lacking right is no bug, wherever it was met. */
function mistakeOf(error: unknown): RaftmarkError | undefined {
  return error instanceof RaftmarkError ? error : refusalOf(error)
}

export function exitCodeOf(error: unknown): number {
  const isMistake = mistakeOf(error) !== undefined || isUsageError(error)
  return isMistake ? exitCodes.mistake : exitCodes.bug
}

/** What goes to standard error. The stack of a bug goes into a file, never on the screen. */
export function renderError(error: unknown, version: string): string {
  const mistake = mistakeOf(error)
  if (mistake !== undefined) {
    const place = placeOf(mistake)
    const at = place === '' ? '' : `At: ${place}\n`
    return `Error: ${mistake.message}\n${at}Next: ${mistake.nextStep}\n`
  }
  if (isUsageError(error)) return `Error: ${usageMessageOf(error)}\n`
  return (
    `Error: a bug in raftmark: ${error instanceof Error ? error.message : String(error)}\n` +
    `Next: please report it to ${REPORT_AT} with ${keepReport(bugReportOf(error, version))}\n`
  )
}

/** Where the report is; the report itself when there is no room for a file. */
function keepReport(report: string): string {
  const file = join(tmpdir(), `raftmark-bug-${process.pid}.txt`)
  try {
    writeFileSync(file, report)
    return `the file ${file}`
  } catch {
    return `this:\n${report}`
  }
}

/** What `--json` prints instead of the document that the command could not make. */
export function toErrorDocument(error: unknown): unknown {
  const mistake = mistakeOf(error)
  if (mistake !== undefined) {
    const { code, message, nextStep, place } = mistake
    return { schema: 'raftmark/error/1', error: { code, message, place, nextStep } }
  }
  const message = error instanceof Error ? error.message : String(error)
  const code = isUsageError(error) ? 'usage' : 'bug'
  return { schema: 'raftmark/error/1', error: { code, message } }
}

function placeOf(error: RaftmarkError): string {
  const { file, line, key, byte } = error.place
  const parts: string[] = []
  if (file !== undefined) parts.push(line === undefined ? file : `${file}:${line}`)
  if (key !== undefined) parts.push(key)
  if (byte !== undefined) parts.push(`byte ${byte}`)
  return parts.join(' ')
}

/** oclif appends the whole help to some messages: the first paragraph says what is wrong. */
function usageMessageOf(error: Error): string {
  const [first = error.message] = error.message.split('\n\n')
  return `${first.trim()}\nNext: see the same command with --help`
}

function bugReportOf(error: unknown, version: string): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : undefined
  return [
    `raftmark ${version}, node ${process.version}, ${process.platform} ${process.arch}`,
    `command: ${process.argv.slice(2).join(' ')}`,
    stack,
    ...(cause instanceof Error ? [`caused by: ${cause.stack ?? cause.message}`] : []),
    `error codes of raftmark: ${Object.keys(errorCodes).length}`,
    '',
  ].join('\n')
}

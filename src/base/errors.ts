/** Every way in which a person, and not raftmark, can be at fault. The CLI documents each. */
export const errorCodes = {
  'adapter-invalid': 'The adapter.json breaks its schema, or names a file that is not there.',
  'adapter-not-found': 'No adapter has this name, and no folder with an adapter.json is at it.',
  'adapter-handshake-failed': 'The process did not print one correct handshake line in time.',
  'adapter-exited': 'A node ended by itself while it was needed.',
  'calibration-failed': 'A part of the calibration broke, or did not end in time.',
  'cluster-leaderless': 'A group had no leader within the time that an election may take.',
  'design-impossible': 'The values of the design contradict each other, or do not exist yet.',
  'directory-unusable': 'A directory cannot be read or written, or holds something else.',
  'environment-lacking': 'This machine lacks a program or right that the command needs.',
  'flag-invalid': 'A flag has a value that it cannot take.',
  'history-invalid': 'A history breaks its schema at the line that is named.',
  'node-unresponsive': 'A node runs, but did not answer in time, or ended a stream.',
  'scorecard-invalid': 'A file of scorecards breaks its schema or contradicts itself, at a line.',
  'evidence-invalid': 'A row of evidence has no source, an impossible date or a wrong value.',
  'raft-unknown': 'There is no evidence about a Raft of this name.',
  'result-not-found': 'No run or experiment has this id.',
  'result-damaged': 'A file of a saved run is missing, cut or altered.',
  'seed-differs': 'A seed lives another life than was recorded: another version recorded it.',
  'store-refused': 'A store found its files damaged, foreign, newer or in use, and did not open.',
  'subject-invalid': 'A subject is RAFT[/STORE][@TUNING]; this one is not, or a part is unknown.',
  'suite-not-found': 'No suite or workload has this name.',
  'workload-invalid': 'The workload or suite file breaks the schema at the key that is named.',
} as const

export type ErrorCode = keyof typeof errorCodes

/** Where the mistake stands, as far as it is known. `key` is a dotted path. Lines start at 1. */
export type Place = {
  readonly file?: string
  readonly line?: number
  readonly key?: string
  readonly byte?: number
}

/** A mistake that its reader can put right. Says what was found, where, and what to do next. */
export class RaftmarkError extends Error {
  override readonly name = 'RaftmarkError'
  readonly code: ErrorCode
  readonly nextStep: string
  readonly place: Place

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly nextStep: string; readonly place?: Place; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.nextStep = options.nextStep
    this.place = options.place ?? {}
  }
}

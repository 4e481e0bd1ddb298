/** One thing that a machine has or lacks. */
export type Finding = {
  readonly name: string
  /** `lacking`: what it is for cannot be done here. `poor`: it can, with worse results. */
  readonly state: 'there' | 'poor' | 'lacking'
  /** What was found: a version, a path, a size. */
  readonly found: string
  /** Which adapter or check needs it. */
  readonly for: string
  /** How to get it; absent when it is there. */
  readonly nextStep?: string
}

export type Examination = {
  readonly schema: 'raftmark/doctor/1'
  readonly findings: readonly Finding[]
  /** Whether the main job, `raftmark run quick`, can run here. */
  readonly mainJobRuns: boolean
}

/** Looks at this machine; starts nothing but version queries. Never rejects for what it lacks. */
export declare function examineMachine(options: {
  readonly resultsDirectory: string
}): Promise<Examination>

/** The examination as lines of plain text. */
export declare function examinationLines(examination: Examination): readonly string[]

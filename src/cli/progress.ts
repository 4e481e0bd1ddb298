import type { WriteStream } from 'node:tty'
import type { ExperimentPlan, PlannedRun } from '../judgement/history/experiment-record.ts'
import type { RunRecord } from '../judgement/history/run-record.ts'
import { durationText, quantity } from '../report/quantity.ts'
import type { RunEvent } from '../tasks/run-experiment.ts'

export type Progress = {
  readonly show: (event: RunEvent) => void
  /** Leaves the screen as it should stay. */
  readonly end: () => void
}

/** Lines on a pipe; on a terminal a table that fills round by round, with what happens now. */
export function createProgress(stream: NodeJS.WriteStream | WriteStream): Progress {
  return stream.isTTY ? new LiveTable(stream) : linesOn(stream)
}

function linesOn(stream: NodeJS.WriteStream): Progress {
  return {
    show: (event) => {
      const line = lineOf(event)
      if (line !== undefined) stream.write(`${line}\n`)
    },
    end: () => undefined,
  }
}

function lineOf(event: RunEvent): string | undefined {
  switch (event.kind) {
    case 'begun':
      return `experiment ${event.plan.id}: ${runsAndTime(event.plan, event.secondsLeft)}`
    case 'run-done': {
      const { run, record, done, secondsLeft } = event
      const state = record.rankable ? '' : ' (not rankable)'
      const figure = `${nameOf(run)}: ${figureOf(record)}${state}`
      return `${done} · ${figure} · ${durationText(secondsLeft)} left`
    }
    case 'notice':
      return event.text
    default:
      return undefined
  }
}

const runsAndTime = ({ runs }: ExperimentPlan, seconds: number): string =>
  `${runs.length} runs, about ${durationText(seconds)}`

const nameOf = ({ round, workload, subject }: PlannedRun): string =>
  `round ${round} · ${workload} · ${subject}`

/** The one figure that a glance needs. */
function figureOf({ figures }: RunRecord): string {
  if (figures.operationsPerSecond !== undefined) {
    return `${quantity(figures.operationsPerSecond)} operations/s`
  }
  if (figures.offeredPerSecond === undefined) return `${quantity(figures.achievedPerSecond)}/s`
  const { p50, p99 } = figures.responseMs
  return `p50 ${ms(p50)} p99 ${ms(p99)}`
}

const ms = (value: number | undefined): string =>
  value === undefined ? 'n/a' : `${quantity(value)} ms`

const UP = '\u001b[1A'
const CLEAR = '\u001b[2K'
const LABEL_WIDTH = 30
const CELL_WIDTH = 6

/** A row for each workload × subject, a column for each round, redrawn in place. */
class LiveTable implements Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #rows = new Map<string, string[]>()
  #total = 0
  #done = 0
  #status = ''
  #drawn = 0

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  readonly show = (event: RunEvent): void => {
    this.#take(event)
    this.#draw()
  }

  readonly end = (): void => {
    this.#status = ''
    this.#draw()
  }

  #take(event: RunEvent): void {
    switch (event.kind) {
      case 'begun':
        this.#total = event.plan.runs.length
        for (const run of event.plan.runs) this.#rows.set(rowOf(run), [])
        this.#status = `experiment ${event.plan.id}: ${runsAndTime(event.plan, event.secondsLeft)}`
        return
      case 'phase':
        this.#status = this.#now(event.run, event.phase)
        return
      case 'run-done':
        this.#done = event.done
        this.#rows.get(rowOf(event.run))?.push(cellOf(event.record))
        this.#status = `${durationText(event.secondsLeft)} left`
        return
      case 'notice':
        this.#erase()
        this.#stream.write(`${event.text}\n`)
    }
  }

  #now(run: PlannedRun, phase: string): string {
    return `${this.#done}/${this.#total} · ${nameOf(run)} · ${phase}`
  }

  #erase(): void {
    this.#stream.write(`${CLEAR}\r${`${UP}${CLEAR}`.repeat(this.#drawn)}`)
    this.#drawn = 0
  }

  #draw(): void {
    const columns = Math.max(40, this.#stream.columns ?? 80)
    const cellsMax = Math.floor((columns - LABEL_WIDTH) / CELL_WIDTH)
    const lines = [...this.#rows].map(([label, cells]) => {
      const shown = cells.slice(-cellsMax).map((cell) => cell.padStart(CELL_WIDTH))
      return label.padEnd(LABEL_WIDTH).slice(0, LABEL_WIDTH) + shown.join('')
    })
    if (this.#status !== '') lines.push(this.#status)
    this.#erase()
    this.#stream.write(lines.map((line) => `${line.slice(0, columns - 1)}\n`).join(''))
    this.#drawn = lines.length
  }
}

const rowOf = ({ workload, subject }: PlannedRun): string => `${workload} ${subject}`

/** p50 in milliseconds, or thousands a second; `!` marks a run that missed a gate. */
function cellOf({ figures, rankable }: RunRecord): string {
  const mark = rankable ? '' : '!'
  const rate = figures.operationsPerSecond ?? figures.achievedPerSecond
  if (figures.offeredPerSecond === undefined) return `${(rate / 1_000).toFixed(1)}k${mark}`
  const { p50 } = figures.responseMs
  return `${p50 === undefined ? 'n/a' : p50.toFixed(1)}${mark}`
}

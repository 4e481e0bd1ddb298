import { RaftmarkError } from '../../base/errors.ts'
import type { FromGenerator, HistogramName, LoadReport, ToGenerator } from './plan.ts'

/**
 * The generator and its parent speak JSON, one message a line, on the generator's standard input
 * and output. A report's histograms go before it, each on a line of its own, since a line of an
 * unbounded length would have to be held in memory by whoever reads lines.
 */
type Line =
  | Exclude<FromGenerator, { kind: 'report' }>
  | { readonly kind: 'histogram'; readonly name: HistogramName; readonly encoded: string }
  | { readonly kind: 'report'; readonly report: Omit<LoadReport, 'histograms'> }

export const orderLine = (message: ToGenerator): string => `${JSON.stringify(message)}\n`

/** What `orderLine` wrote. */
export const readOrder = (line: string): ToGenerator => JSON.parse(line) as ToGenerator

export function messageLines(message: FromGenerator): string {
  if (message.kind !== 'report') return lineOf(message)
  const { histograms, ...report } = message.report
  const names = Object.keys(histograms) as HistogramName[]
  const lines = names.map((name) => lineOf({ kind: 'histogram', name, encoded: histograms[name] }))
  return [...lines, lineOf({ kind: 'report', report })].join('')
}

const lineOf = (line: Line): string => `${JSON.stringify(line)}\n`

/** Puts together what `messageLines` wrote. Calls `onMessage` for each message. */
export function messageReader(onMessage: (message: FromGenerator) => void): (line: string) => void {
  const histograms: Partial<Record<HistogramName, string>> = {}
  return (text) => {
    const line = parse(text)
    if (line.kind === 'histogram') histograms[line.name] = line.encoded
    else if (line.kind === 'report') {
      const all = histograms as Record<HistogramName, string>
      onMessage({ kind: 'report', report: { ...line.report, histograms: { ...all } } })
    } else onMessage(line)
  }
}

function parse(text: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch (cause) {
    const shown = text.slice(0, 80)
    throw new RaftmarkError('adapter-exited', `The load generator printed “${shown}”.`, {
      nextStep: 'This is a bug of raftmark or of a package it loads: see generator.log of the run.',
      cause,
    })
  }
}

import { html, type Markup } from './markup.ts'
import { fold } from './page.ts'

type Note = { readonly formula: string; readonly doubt: string; readonly section: string }

/** What each figure is and when not to trust it, in the words of docs/METHOD.md. */
export const figureNotes = {
  responseMs: {
    formula:
      'Response time is done − intended, of every operation; what was not acknowledged enters at its timeout. Quantiles come from the histograms of all rankable runs merged; percentiles are never averaged. A quantile needs ten samples beyond it.',
    doubt:
      'In a closed loop latency follows from the window and is no response time at a load. Requests of one run share its fate: intervals are between runs.',
    section: 'Figures',
  },
  series: {
    formula:
      'Operations stand in the slot in which they were due, so a stall shows as a slope that begins where the stall began. The line is the slowest operation of each slot, the dashed one the median.',
    doubt:
      'A slot holds few operations: its median is at most 6 % above the exact one and absent below 20 operations. Elections are seen within 250 ms: their band is that wide.',
    section: 'Figures',
  },
  cpuMicrosPerRecord: {
    formula:
      'CPU time of the process in the measured part ÷ records acknowledged; the leader is the node that leads most groups at the end, the followers are the sum of the others. Median of the runs.',
    doubt:
      'It includes garbage collection and compilation of the warm runtime; with leaders spread over nodes the split means little.',
    section: 'Figures',
  },
  achievedPerSecond: {
    formula:
      'Closed loop: operations acknowledged within the measured part ÷ its time. Open loop: all acknowledged operations ÷ the longer of its time and the time to the last answer. Median of the runs.',
    doubt:
      'In an open loop it is the rate that was asked for, not a capacity. With all nodes on one machine a capacity is a statement about CPU per operation.',
    section: 'Figures',
  },
  search: {
    formula:
      'A rate holds when every operation of a probe was acknowledged and at most 1 % took longer than the limit; it has failed when two probes in a row broke the rule. The found rate is then measured for longer.',
    doubt:
      'It takes it that what holds at a rate holds below it; a probe of seconds says nothing about an hour.',
    section: 'Load',
  },
  interval: {
    formula:
      'Each dot is one run: a fresh cluster that carried the workload once. The stroke is the Hodges–Lehmann estimate of the runs that may be ranked, the bar its exact 95 % signed-rank interval on the log scale; it needs six runs.',
    doubt:
      'It is the spread of this machine on this day. Hollow dots missed a gate and do not count.',
    section: 'The unit is the run',
  },
  ratio: {
    formula:
      'Per round the ratio B ÷ A on the log scale; Hodges–Lehmann estimate, exact 95 % signed-rank interval, Wilcoxon’s p adjusted by Holm over all comparisons of the pair. Grey: the margin within which a difference does not matter.',
    doubt:
      'Undecided is not equal: the smallest ratio that these rounds could have found stands beside it.',
    section: 'Comparing two subjects',
  },
  gates: {
    formula:
      'A run is rankable when every gate held and its verdict is valid. A result is rankable when at least half of its runs are; the others are listed with their reason.',
    doubt:
      'Gates hold back what is wrong about the measurement, not what is bad about the subject.',
    section: 'Gates',
  },
} as const satisfies Readonly<Record<string, Note>>

/** The note as a fold under its chart. */
export function noteOf(figure: keyof typeof figureNotes, summary = 'Formula and doubt'): Markup {
  const { formula, doubt, section } = figureNotes[figure]
  return fold(
    summary,
    html`<p>${formula}</p><p><strong>When not to trust it.</strong> ${doubt}</p>
<p class="muted">docs/METHOD.md, “${section}”.</p>`,
  )
}

/** The result of many simulated lives for a terminal. */
export function renderSim(document: {
  readonly scenario: string
  readonly seeds: number
  readonly failures: readonly {
    readonly seed: number
    readonly check: string
    readonly explanation: string
  }[]
  readonly processes: number
  readonly seedsPerSecond: number
  readonly eventsPerSecond: number
  readonly meanEvents: number
  readonly meanAcked: number
  readonly meanFaults: number
}): string {
  const { scenario, seeds, failures, processes } = document
  const bound = failures.length === 0 ? `; 95 % sure: fewer than 1 in ${Math.floor(seeds / 3)}` : ''
  return [
    `${scenario}: ${seeds} seeds, ${failures.length} failures${bound}`,
    `  on average ${document.meanEvents} events, ${document.meanAcked} acknowledged batches, ` +
      `${document.meanFaults} faults`,
    `  ${document.seedsPerSecond} seeds/s, ${document.eventsPerSecond} events/s ` +
      `on ${processes} processes`,
    ...failures.map(({ seed, check, explanation }) => `  seed ${seed} ${check}: ${explanation}`),
  ].join('\n')
}

/** One life, step by step, and what it came to. */
export function renderReplay(document: {
  readonly seed: number
  readonly design: string
  readonly hash: string
  readonly events: number
  readonly failure: { readonly check: string; readonly explanation: string } | undefined
  readonly trace: readonly string[]
}): string {
  const { seed, design, events, failure, hash } = document
  const end = failure === undefined ? 'nothing failed' : `${failure.check}: ${failure.explanation}`
  return [
    ...document.trace,
    `seed ${seed}, design ${design}: ${events} events, ${end}`,
    `hash ${hash}`,
  ].join('\n')
}

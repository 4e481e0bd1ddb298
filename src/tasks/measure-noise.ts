import { assert } from '../base/assert.ts'
import { NOISE_SUITE } from './noise-floor.ts'
import { type RunSuiteOptions, runSuite, type SuiteOutcome } from './run-suite.ts'

/** Runs the A/A suite, which leaves the noise floor of this machine behind. */
export async function measureNoise(
  options: Pick<RunSuiteOptions, 'results' | 'version' | 'onEvent'>,
): Promise<Extract<SuiteOutcome, { readonly kind: 'measured' }>> {
  const outcome = await runSuite({
    ...options,
    names: [NOISE_SUITE],
    subjects: [],
    effort: 'own',
    rounds: undefined,
    nodes: 3,
    durability: undefined,
    placement: undefined,
    cpus: [],
    seed: undefined,
    adapters: [],
    planOnly: false,
  })
  assert(outcome.kind === 'measured', 'it was not asked for a plan')
  return outcome
}

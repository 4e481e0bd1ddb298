import { calibrate } from '../experiment/calibrate/calibrate.ts'
import type { Calibration, Quantiles } from '../experiment/calibrate/calibration.ts'
import { createGuard } from '../os/guard.ts'

/** Calibrates in the results directory, which is made if needed. */
export async function calibrateMachine(options: {
  readonly resultsDirectory: string
}): Promise<Calibration> {
  const guard = await createGuard()
  try {
    return await calibrate({ directory: options.resultsDirectory, guard })
  } finally {
    await guard.close()
  }
}

/** The calibration as lines of plain text, warnings last. */
export function calibrationLines(calibration: Calibration): readonly string[] {
  const percent = (ratio: number) => `${(ratio * 100).toFixed(2)} %`
  return [
    `sync of 4 KiB        ${quantiles(calibration.syncMs)}`,
    `loopback round trip  ${quantiles(calibration.roundTripMs)}`,
    `timer lateness       ${quantiles(calibration.timerLatenessMs)}`,
    `one core             ${calibration.coreScore.toFixed(0)} rounds/µs`,
    `no core free         ${percent(calibration.runDelayRatio)} of the time`,
    `stolen by the host   ${percent(calibration.stealRatio)} of the time`,
    ...calibration.warnings.map((warning) => `warning: ${warning}`),
  ]
}

const quantiles = ({ p50, p99, count }: Quantiles): string =>
  `p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms (${count} samples)`

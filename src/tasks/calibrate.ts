import type { Calibration } from '../experiment/calibrate/calibration.ts'

/** Calibrates in the results directory, which is made if needed. */
export declare function calibrateMachine(options: {
  readonly resultsDirectory: string
}): Promise<Calibration>

/** The calibration as lines of plain text, warnings last. */
export declare function calibrationLines(calibration: Calibration): readonly string[]

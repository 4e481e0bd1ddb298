import { resolve } from 'node:path'
import { calibrate } from '../experiment/calibrate/calibrate.ts'
import type { Calibration } from '../experiment/calibrate/calibration.ts'

/** What this machine can do, where the results would lie. */
export const calibrateMachine = (results: string): Promise<Calibration> =>
  calibrate({ directory: resolve(results) })

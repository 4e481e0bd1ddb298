import { resolve } from 'node:path'
import type { FullCalibration } from '../../experiment/calibrate/calibration.ts'
import { calibrateMachine, calibrationLines } from '../../tasks/calibrate.ts'
import * as flags from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'

export default class Calibrate extends RaftmarkCommand {
  static override summary = 'Measures what this machine can do: sync, round trip, timers, a core.'
  static override description =
    'Every experiment measures a short form of it before its first run and keeps it.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { results: flags.results }

  async run(): Promise<FullCalibration> {
    const { flags: given } = await this.parse(Calibrate)
    const calibration = await calibrateMachine({ resultsDirectory: resolve(given.results) })
    for (const line of calibrationLines(calibration)) this.log(line)
    return calibration
  }
}

import { resolve } from 'node:path'
import { Flags } from '@oclif/core'
import type { FullCalibration } from '../../experiment/calibrate/calibration.ts'
import { renderExperiment } from '../../report/terminal-experiment.ts'
import { calibrateMachine, calibrationLines } from '../../tasks/calibrate.ts'
import { measureNoise } from '../../tasks/measure-noise.ts'
import * as flags from '../flags.ts'
import { createProgress } from '../progress.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'
import { exitCodeOfVerdict } from '../verdict-exit-code.ts'

export default class Calibrate extends RaftmarkCommand {
  static override summary = 'Measures what this machine can do: sync, round trip, timers, a core.'
  static override description =
    'Every experiment measures a short form of it before its first run and keeps it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --noise',
  ]
  static override flags = {
    results: flags.results,
    noise: Flags.boolean({
      summary: 'Also run aa-noise (5 min): how much a subject differs from itself here.',
      default: false,
    }),
  }

  async run(): Promise<FullCalibration> {
    const { flags: given } = await this.parse(Calibrate)
    const calibration = await calibrateMachine({ resultsDirectory: resolve(given.results) })
    for (const line of calibrationLines(calibration)) this.log(line)
    if (given.noise) await this.#measureNoise(given.results)
    return calibration
  }
  async #measureNoise(results: string): Promise<void> {
    const progress = createProgress(process.stderr)
    const { document, exitCode } = await measureNoise({
      results,
      version: this.config.version,
      onEvent: progress.show,
    }).finally(progress.end)
    this.log(renderExperiment(document))
    process.exitCode = exitCode ?? exitCodeOfVerdict(document.verdict)
  }
}

import { resolve } from 'node:path'
import { type Examination, examinationLines, examineMachine } from '../../tasks/doctor.ts'
import * as flags from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'

export default class Doctor extends RaftmarkCommand {
  static override summary = 'Says what this machine has and lacks for which adapter or check.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { results: flags.results }

  async run(): Promise<Examination> {
    const { flags: given } = await this.parse(Doctor)
    const examination = await examineMachine({ resultsDirectory: resolve(given.results) })
    for (const line of examinationLines(examination)) this.log(line)
    return examination
  }
}

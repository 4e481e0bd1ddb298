import { textTable } from '../../report/text-table.ts'
import { examineMachine, type MachineReport } from '../../tasks/examine-machine.ts'
import * as flags from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'

export default class Doctor extends RaftmarkCommand {
  static override summary = 'Says what this machine has and lacks for which adapter or check.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { adapter: flags.adapter, results: flags.results }

  async run(): Promise<MachineReport> {
    const { flags: given } = await this.parse(Doctor)
    const report = await examineMachine({
      root: this.config.root,
      adapters: given.adapter ?? [],
      results: given.results,
    })
    const rows = report.findings.map(({ subject, state, detail, nextStep }) => [
      subject,
      state,
      nextStep === '' ? detail : `${detail}; ${nextStep}`,
    ])
    this.log(textTable(['what', 'state', 'detail'], rows, { widths: [24, 10, 44], left: true }))
    return report
  }
}

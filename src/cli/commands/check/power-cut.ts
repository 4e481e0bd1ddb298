import type { PowerCutRecord } from '../../../judgement/history/power-cut-record.ts'
import { powerCutLine, renderPowerCut } from '../../../report/terminal-power-cut.ts'
import { checkPowerCut } from '../../../tasks/check-power-cut.ts'
import * as flags from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'
import { exitCodeOfVerdict } from '../../verdict-exit-code.ts'

export default class CheckPowerCut extends RaftmarkCommand {
  static override summary =
    'Cuts the power of nodes under load: is all there that was acknowledged?'
  static override description =
    'One node, a majority and all at once lose power in turn. As root each node has a file ' +
    'system of its own that is shut down under it; otherwise the node keeps in memory what it ' +
    'has not synced, and is killed. The same subject with its syncs switched off must lose, or ' +
    'the verdict is unknown. Exit code 0: valid. 1: lost or broken. 2: unknown. ' +
    'docs/CHECKS.md has the rest.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --subject event/wal --cuts 50',
    '<%= config.bin %> <%= command.id %> --subject tick/sqlite --cuts 10 --json',
  ]
  static override flags = {
    subject: flags.oneSubject,
    cuts: flags.cuts,
    nodes: flags.nodes,
    durability: flags.durability,
    seed: flags.seed,
    results: flags.results,
    adapter: flags.adapter,
  }

  async run(): Promise<PowerCutRecord> {
    const { flags: given } = await this.parse(CheckPowerCut)
    let cuts = 0
    const { record, exitCode } = await checkPowerCut({
      subject: given.subject,
      cuts: given.cuts,
      nodes: given.nodes,
      durability: given.durability,
      seed: given.seed,
      adapters: given.adapter ?? [],
      results: given.results,
      onProgress: (progress) => {
        if (progress.kind === 'cut' && progress.of === 'subject') cuts += 1
        const text =
          progress.kind === 'cut' ? powerCutLine(progress.cut, progress.of, cuts) : progress.text
        process.stderr.write(`${text}\n`)
      },
    })
    this.log(renderPowerCut(record))
    process.exitCode = exitCode ?? exitCodeOfVerdict(record.verdict)
    return record
  }
}

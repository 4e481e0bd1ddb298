import { Args } from '@oclif/core'
import { renderCheck } from '../../../report/terminal-check.ts'
import { type CheckDocument, checkHistory } from '../../../tasks/check-history.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'
import { exitCodeOfVerdict } from '../../verdict-exit-code.ts'

export default class Check extends RaftmarkCommand {
  static override summary = 'Judges a recorded history: was anything lost, repeated or stale?'
  static override description =
    'Exit code 0: valid. 1: invalid, with the smallest explanation. 2: unknown. ' +
    'The format is in docs/CHECKS.md.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> results/runs/ID/history.ndjson',
    '<%= config.bin %> <%= command.id %> history.ndjson --json',
  ]
  static override args = {
    file: Args.string({ required: true, description: 'a history.ndjson' }),
  }

  async run(): Promise<CheckDocument> {
    const { args } = await this.parse(Check)
    const document = await checkHistory(args.file)
    this.log(renderCheck(document))
    process.exitCode = exitCodeOfVerdict(document.verdict)
    return document
  }
}

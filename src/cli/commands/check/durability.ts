import type { DurabilityRecord } from '../../../judgement/history/durability-record.ts'
import { renderDurability } from '../../../report/terminal-durability.ts'
import { checkDurability } from '../../../tasks/check-durability.ts'
import * as flags from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'
import { exitCodeOfVerdict } from '../../verdict-exit-code.ts'

export default class CheckDurability extends RaftmarkCommand {
  static override summary = 'Counts the syncs that the system sees per acknowledgement.'
  static override description =
    'Nodes run under strace, where there is one, alone with a request and with 64 in flight: ' +
    'what is observed (D0 to D3) is laid beside what is claimed. Exit code 0: no less was ' +
    'observed. 1: less was. 2: unknown, since nobody could watch. docs/CHECKS.md has the rest.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --subject event/wal',
    '<%= config.bin %> <%= command.id %> --subject tick/sqlite --durability D3 --json',
  ]
  static override flags = {
    subject: flags.oneSubject,
    nodes: flags.nodes,
    durability: flags.durability,
    results: flags.results,
    adapter: flags.adapter,
  }

  async run(): Promise<DurabilityRecord | undefined> {
    const { flags: given } = await this.parse(CheckDurability)
    const { document, exitCode } = await checkDurability({
      subject: given.subject,
      nodes: given.nodes,
      durability: given.durability,
      adapters: given.adapter ?? [],
      results: given.results,
    })
    if (document !== undefined) {
      this.log(renderDurability(document))
      process.exitCode = exitCodeOfVerdict(document.verdict)
    } else process.exitCode = exitCode
    return document
  }
}

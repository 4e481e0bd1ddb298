import { renderAdapterCheck } from '../../../report/terminal-adapter-check.ts'
import { type CheckOutcome, checkAdapters } from '../../../tasks/check-adapter.ts'
import * as flags from '../../flags.ts'
import { nameArguments } from '../../name-arguments.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

type Check = CheckOutcome['checks'][number]

export default class AdapterCheck extends RaftmarkCommand {
  static override summary =
    'Holds rafts to every rule of the contract, and stores to every rule of their port.'
  static override description =
    'Builds each one first, if its adapter.json says how. Exit code 1 when a rule is broken. ' +
    'With --json one document, or a list of them when several adapters are named.'
  static override strict = false
  static override usage = 'adapter check NAME[@TUNING]|store/NAME|DIR… [--shutdowns N] [--json]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> tick event null',
    '<%= config.bin %> <%= command.id %> store/wal',
    '<%= config.bin %> <%= command.id %> event@separate-log',
    '<%= config.bin %> <%= command.id %> ./mine --json',
  ]

  static override flags = { shutdowns: flags.shutdowns }

  async run(): Promise<Check | readonly Check[]> {
    const { argv, flags: given } = await this.parse(AdapterCheck)
    const { checks, exitCode } = await checkAdapters({
      adapters: nameArguments(argv, 'raftmark adapter list shows the shipped ones'),
      shutdowns: given.shutdowns,
      onProgress: (progress) => {
        if (progress.kind === 'notice') process.stderr.write(`${progress.text}\n`)
        if (progress.kind === 'adapter') process.stderr.write(`checking ${progress.name}\n`)
        if (progress.kind === 'rule' && progress.result.verdict === 'broken') {
          process.stderr.write(`  broken: ${progress.result.rule}\n`)
        }
      },
    })
    for (const check of checks) this.log(renderAdapterCheck(check))
    process.exitCode = exitCode
    const [only] = checks
    return only !== undefined && checks.length === 1 ? only : checks
  }
}

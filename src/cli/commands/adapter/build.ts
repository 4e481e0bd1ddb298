import { Flags } from '@oclif/core'
import { type BuildOutcome, buildAdapterAlone } from '../../../tasks/build-adapter.ts'
import { adapterAt } from '../../../tasks/check-adapter.ts'
import { readAdapters } from '../../../tasks/read-adapters.ts'
import { nameArguments } from '../../name-arguments.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

type Built = { readonly adapter: string; readonly outcome: BuildOutcome }

const shown: Readonly<Record<BuildOutcome, string>> = {
  'nothing-to-build': 'nothing to build',
  current: 'built before, from the same sources',
  built: 'built',
}

export default class AdapterBuild extends RaftmarkCommand {
  static override summary = 'Builds adapters as their adapter.json says.'
  static override description =
    'What was built before from the same sources is not built again, and needs no network.'
  static override strict = false
  static override usage = 'adapter build NAME|DIR…|--all [--json]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> raft-rs openraft',
    '<%= config.bin %> <%= command.id %> --all',
    '<%= config.bin %> <%= command.id %> ./mine',
  ]
  static override flags = {
    all: Flags.boolean({ summary: 'Every shipped adapter that has something to build.' }),
  }

  async run(): Promise<readonly Built[]> {
    const { argv, flags } = await this.parse(AdapterBuild)
    const names = flags.all ? await buildable() : namesOf(argv)
    const done: Built[] = []
    for (const name of names) {
      const adapter = await adapterAt(name)
      const outcome = await buildAdapterAlone(adapter, {
        onLog: (path) =>
          process.stderr.write(`building ${name}; it says what it does in ${path}\n`),
        onLine: (line) => process.stderr.write(`  ${line}\n`),
      })
      done.push({ adapter: adapter.manifest.name, outcome })
      this.log(`${adapter.manifest.name}: ${shown[outcome]}`)
    }
    return done
  }
}

const namesOf = (argv: readonly unknown[]): readonly string[] =>
  nameArguments(argv, 'raftmark adapter list shows the shipped ones; --all builds them all')

async function buildable(): Promise<readonly string[]> {
  const { rafts, stores } = await readAdapters([])
  const shipped = [...rafts.values(), ...stores.values()]
  return shipped.filter(({ manifest }) => manifest.build).map(({ manifest }) => manifest.name)
}

import { buildAdapterAlone } from '../../../tasks/build-adapter.ts'
import { adapterAt } from '../../../tasks/check-adapter.ts'
import { nameArguments } from '../../name-arguments.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

type Built = { readonly adapter: string; readonly built: boolean }

export default class AdapterBuild extends RaftmarkCommand {
  static override summary = 'Builds adapters as their adapter.json says.'
  static override strict = false
  static override usage = 'adapter build NAME|DIR… [--json]'
  static override examples = ['<%= config.bin %> <%= command.id %> ./mine']

  async run(): Promise<readonly Built[]> {
    const { argv } = await this.parse(AdapterBuild)
    const names = nameArguments(argv, 'raftmark adapter list shows the shipped ones')
    const done: Built[] = []
    for (const name of names) {
      const adapter = await adapterAt(name)
      const built = await buildAdapterAlone(adapter)
      done.push({ adapter: adapter.manifest.name, built })
      this.log(`${adapter.manifest.name}: ${built ? 'built' : 'nothing to build'}`)
    }
    return done
  }
}

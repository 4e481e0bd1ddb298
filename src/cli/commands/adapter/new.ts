import { Args, Flags } from '@oclif/core'
import { adapterLanguages, type NewAdapter, newAdapter } from '../../../tasks/new-adapter.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

export default class AdapterNew extends RaftmarkCommand {
  static override summary = 'Starts an adapter: a log on one node with a marked place for a Raft.'
  static override examples = ['<%= config.bin %> <%= command.id %> mine --language python']
  static override args = {
    name: Args.string({ required: true, description: 'Its name, and that of its new folder.' }),
  }
  static override flags = {
    language: Flags.option({
      summary: 'Which template to copy.',
      options: adapterLanguages,
      required: true,
    })(),
  }

  async run(): Promise<NewAdapter> {
    const { args, flags } = await this.parse(AdapterNew)
    const { language } = flags
    const made = await newAdapter({ name: args.name, language, parent: process.cwd() })
    this.log(`${made.directory}: ${made.files.join(' ')}`)
    this.log(`Next:\n${made.nextSteps.map((step) => `  ${step}`).join('\n')}`)
    return made
  }
}

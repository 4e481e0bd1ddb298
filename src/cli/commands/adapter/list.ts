import { textTable } from '../../../report/text-table.ts'
import { type AdapterList as List, listAdapters } from '../../../tasks/list-adapters.ts'
import * as flags from '../../flags.ts'
import { RaftmarkCommand } from '../../raftmark-command.ts'

export default class AdapterList extends RaftmarkCommand {
  static override summary =
    'Lists the rafts that can be measured, with their stores and tunings, and the stores.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --adapter ../my-raft',
  ]
  static override flags = { adapter: flags.adapter }

  async run(): Promise<List> {
    const { flags: given } = await this.parse(AdapterList)
    const list = await listAdapters(given.adapter ?? [])
    const rows = list.adapters.map(({ manifest }) => [
      manifest.name,
      manifest.language,
      manifest.version,
      manifest.claims.stores.join(' ') || 'none',
      manifest.claims.durability,
      Object.keys(manifest.tuning).join(' '),
    ])
    const head = ['raft', 'language', 'version', 'stores', 'claims', 'tunings']
    const widths = [16, 12, 9, 18, 8, 10]
    this.log(textTable(head, rows, { left: true, widths }))
    this.log(storeTable(list))
    return list
  }
}

function storeTable({ stores }: List): string {
  const rows = stores.map(({ manifest }) => [
    manifest.name,
    manifest.language,
    manifest.version,
    manifest.claims.durability.join(' '),
  ])
  const head = ['store', 'language', 'version', 'claims, the default first']
  return textTable(head, rows, { left: true, widths: [16, 12, 9, 28] })
}

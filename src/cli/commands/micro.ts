import { resolve } from 'node:path'
import { renderMicro } from '../../report/terminal-micro.ts'
import { type MicroDocument, measureMicro } from '../../tasks/micro.ts'
import * as flags from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'

export default class Micro extends RaftmarkCommand {
  static override summary = 'Measures the parts: codecs, checksum, protocol step, every store.'
  static override description =
    'Each in a process of its own, for about a minute in all, and compared with the last ' +
    'time. Names choose: record-batch, checksum, wal-framing, protocol-step, frame-codec, ' +
    'store/NAME.'
  static override strict = false
  static override usage = 'micro [NAME…] [--results DIR] [--adapter DIR…] [--json]'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> store/wal checksum --json',
  ]
  static override flags = { results: flags.results, adapter: flags.adapter }

  async run(): Promise<MicroDocument | undefined> {
    const { argv, flags: given } = await this.parse(Micro)
    const { document, exitCode } = await measureMicro({
      resultsDirectory: resolve(given.results),
      adapters: given.adapter ?? [],
      engines: argv.map(String),
      onEngine: (engine) => process.stderr.write(`measuring ${engine}\n`),
    })
    if (document !== undefined) {
      for (const line of renderMicro(document, document.before)) this.log(line)
    }
    process.exitCode = exitCode
    return document
  }
}

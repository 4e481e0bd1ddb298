import { Args, Flags } from '@oclif/core'
import { evaluateRaft } from '../../tasks/evaluate.ts'
import { output, results } from '../flags.ts'
import { RaftmarkCommand } from '../raftmark-command.ts'
import { evidence, profile } from '../scorecard-flags.ts'

type Evaluated = {
  readonly schema: 'raftmark/evaluation/1'
  readonly raft: string
  readonly format: string
  readonly file: string | null
  /** The document, when it went into no file. */
  readonly text: string | null
}

export default class Evaluate extends RaftmarkCommand {
  static override summary =
    'Writes the whole evaluation of a Raft, every statement with its source.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> openraft --profile chronik -o openraft.md',
    '<%= config.bin %> <%= command.id %> openraft --format html -o openraft.html',
  ]
  static override args = { raft: Args.string({ required: true, description: 'Name of a Raft.' }) }
  static override flags = {
    profile,
    evidence,
    results,
    format: Flags.option({
      summary: 'How it is written; by the ending of the output file when that is .html.',
      options: ['markdown', 'html'] as const,
    })(),
    output,
  }

  async run(): Promise<Evaluated> {
    const { args, flags: given } = await this.parse(Evaluate)
    const { output: file } = given
    const format = given.format ?? (file?.endsWith('.html') ? 'html' : 'markdown')
    const text = await evaluateRaft(args.raft, { ...given, format })
    const document = { schema: 'raftmark/evaluation/1', raft: args.raft, format } as const
    await this.show(text, file)
    return { ...document, file: file ?? null, text: file === undefined ? text : null }
  }
}

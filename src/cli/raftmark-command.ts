import { Command } from '@oclif/core'
import { exitCodeOf, renderError, toErrorDocument } from './errors.ts'

/** What all commands share: `--json`, and errors that say what, where and what to do next. */
export abstract class RaftmarkCommand extends Command {
  static override enableJsonFlag = true

  protected override async catch(error: unknown): Promise<void> {
    process.exitCode = exitCodeOf(error)
    if (this.jsonEnabled()) this.logJson(toErrorDocument(error))
    process.stderr.write(renderError(error, this.config.version))
  }

  /** One document, plain: colours would make it another one on a terminal. */
  override logJson(document: unknown): void {
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`)
  }
}

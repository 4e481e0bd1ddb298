import { Command } from '@oclif/core'
import { RaftmarkError } from '../base/errors.ts'
import { didYouMean } from '../tasks/nearest-name.ts'
import { saveDocument } from '../tasks/save-document.ts'
import { exitCodeOf, renderError, toErrorDocument } from './errors.ts'

/** What all commands share: `--json`, and errors that say what, where and what to do next. */
export abstract class RaftmarkCommand extends Command {
  static override enableJsonFlag = true

  protected override async catch(thrown: unknown): Promise<void> {
    const error = this.#withSuggestion(thrown)
    process.exitCode = exitCodeOf(error)
    if (this.jsonEnabled()) this.logJson(toErrorDocument(error))
    process.stderr.write(renderError(error, this.config.version))
  }

  /** One document, plain: colours would make it another one on a terminal. */
  override logJson(document: unknown): void {
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`)
  }

  /** Prints a document, or writes it to a file and says so. */
  protected async show(text: string, file: string | undefined): Promise<void> {
    if (file === undefined) {
      this.log(text)
      return
    }
    await saveDocument(file, text)
    this.log(`wrote ${file}`)
  }

  #withSuggestion(error: unknown): unknown {
    if (!isUnknownFlag(error)) return error
    const [wrong = ''] = error.flags
    const known = [...Object.keys(this.ctor.flags), 'json', 'help'].map((name) => `--${name}`)
    return new RaftmarkError('flag-invalid', `there is no flag ${wrong}`, {
      nextStep: didYouMean(wrong, known),
    })
  }
}

/** oclif's NonExistentFlagsError, which it does not export. */
function isUnknownFlag(error: unknown): error is Error & { readonly flags: readonly string[] } {
  return error instanceof Error && error.message.startsWith('Nonexistent flag') && 'flags' in error
}

import type { Interfaces } from '@oclif/core'
import { Config, flush, run } from '@oclif/core'
import { RaftmarkError } from '../base/errors.ts'
import { didYouMean } from '../tasks/nearest-name.ts'
import { exitCodeOf, renderError, toErrorDocument } from './errors.ts'

/** The whole command line: what commands do not catch themselves ends here, never as a stack. */
export async function main(
  options: Interfaces.LoadOptions,
  argv: readonly string[],
): Promise<void> {
  let version = 'unknown'
  process.on('uncaughtException', (error) => {
    process.stderr.write(renderError(error, version))
    process.exit(exitCodeOf(error))
  })
  try {
    const config = await Config.load(options)
    version = config.version
    refuseUnknownCommand(argv, config)
    await run([...argv], config)
  } catch (error) {
    if (isHelpOrVersion(error)) return
    process.exitCode = exitCodeOf(error)
    if (argv.includes('--json')) {
      process.stdout.write(`${JSON.stringify(toErrorDocument(error), undefined, 2)}\n`)
    }
    process.stderr.write(renderError(error, version))
  } finally {
    await flush()
  }
}

/** oclif would show the topic's help for `results lits`, and call a wrong topic a command. */
function refuseUnknownCommand(argv: readonly string[], config: Config): void {
  const words: string[] = []
  for (const word of argv) {
    if (word.startsWith('-')) break
    words.push(word)
  }
  const [first, second] = words
  if (first === undefined) return
  const ids = config.commandIDs.map((id) => id.replaceAll(':', ' '))
  if (ids.includes(first)) return
  const inTopic = ids.filter((id) => id.startsWith(`${first} `))
  if (inTopic.length === 0) throw unknownCommand(first, [...new Set(ids)])
  if (second === undefined || inTopic.includes(`${first} ${second}`)) return
  throw unknownCommand(`${first} ${second}`, inTopic)
}

function unknownCommand(wrong: string, known: readonly string[]): RaftmarkError {
  return new RaftmarkError('flag-invalid', `there is no command "${wrong}"`, {
    nextStep: didYouMean(wrong, known),
  })
}

/** oclif ends help and version by an exception with code 0. */
function isHelpOrVersion(error: unknown): boolean {
  return error instanceof Error && 'oclif' in error && 'code' in error && error.code === 'EEXIT'
}

import { RaftmarkError } from '../base/errors.ts'

/** The names that a command needs at least one of. */
export function nameArguments(argv: readonly unknown[], nextStep: string): readonly string[] {
  if (argv.length > 0) return argv.map(String)
  throw new RaftmarkError('flag-invalid', 'name at least one adapter, or its folder', { nextStep })
}

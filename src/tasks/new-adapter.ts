import { existsSync } from 'node:fs'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { RaftmarkError } from '../base/errors.ts'
import { packageRoot } from '../os/package-root.ts'

export const adapterLanguages = ['typescript', 'rust', 'go', 'python'] as const
export type AdapterLanguage = (typeof adapterLanguages)[number]

export type NewAdapterOptions = {
  readonly name: string
  readonly language: AdapterLanguage
  /** Where its folder is made, named like it. */
  readonly parent: string
}

export type NewAdapter = {
  readonly directory: string
  readonly files: readonly string[]
  /** Commands to go on with, in their order. */
  readonly nextSteps: readonly string[]
}

const NAME = /^[a-z0-9][a-z0-9.-]*$/
/** What a template says where the name of the adapter goes. */
const PLACEHOLDER = /\bNAME\b/g

/**
 * Copies the template of a language into a new folder: a log on one node that runs at once, with a
 * marked place for a Raft. Rejects with RaftmarkError `flag-invalid` for a name that no adapter can
 * have, `directory-unusable` when the folder exists or cannot be made.
 */
export async function newAdapter(options: NewAdapterOptions): Promise<NewAdapter> {
  const { name, language } = options
  if (!NAME.test(name)) {
    throw new RaftmarkError('flag-invalid', `"${name}" is no name for an adapter`, {
      nextStep: 'Use lower-case letters, digits, dots and hyphens.',
    })
  }
  const directory = resolve(options.parent, name)
  if (existsSync(directory)) {
    throw new RaftmarkError('directory-unusable', `${directory} exists`, {
      nextStep: 'Choose another name, or move it away.',
      place: { file: directory },
    })
  }
  await copyTemplate(language, directory)
  await copyContract(directory)
  const files = await filesIn(directory)
  for (const file of files) await fillIn(join(directory, file), name)
  return {
    directory,
    files,
    nextSteps: [
      `raftmark adapter check ./${name}`,
      `raftmark run quick --adapter ./${name} --subject ${name}`,
    ],
  }
}

async function copyTemplate(language: AdapterLanguage, directory: string): Promise<void> {
  const template = join(packageRoot, 'adapters', 'templates', language)
  await cp(template, directory, { recursive: true }).catch((cause: unknown) => {
    throw new RaftmarkError('directory-unusable', `cannot make ${directory}: ${String(cause)}`, {
      nextStep: 'Go to a folder that you may write to.',
      place: { file: directory },
      cause,
    })
  })
}

/** An adapter stands alone: it has the protocol that it was written for beside it. */
async function copyContract(directory: string): Promise<void> {
  for (const file of ['raftmark.proto', 'handshake.md']) {
    await cp(join(packageRoot, 'adapters', 'contract', file), join(directory, file))
  }
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort()
}

async function fillIn(path: string, name: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  const filled = text.replaceAll(PLACEHOLDER, name)
  if (filled !== text) await writeFile(path, filled)
}

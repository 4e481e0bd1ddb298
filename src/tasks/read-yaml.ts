import { readFile } from 'node:fs/promises'
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { type ErrorCode, type Place, RaftmarkError } from '../base/errors.ts'

/** A YAML file as read, and where each of its keys stands. */
export type YamlFile = {
  readonly path: string
  readonly content: unknown
  /** The place of a key by its path from the top, or of the nearest key above it. */
  placeOf(keys: readonly string[]): Place
}

/** Rejects with `workload-invalid`, file and line when the file is missing or is no YAML. */
export async function readYaml(path: string): Promise<YamlFile> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RaftmarkError('suite-not-found', `The file ${path} cannot be read.`, {
      nextStep: 'Check the path.',
      place: { file: path },
      cause,
    })
  })
  return parseYaml(path, text)
}

/** Throws a RaftmarkError with `code`, file and line when the text is no YAML (or JSON). */
export function parseYaml(
  path: string,
  text: string,
  code: ErrorCode = 'workload-invalid',
): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = [...document.errors, ...document.warnings]
  if (error !== undefined) {
    throw new RaftmarkError(code, `This is no YAML: ${error.message}.`, {
      nextStep: 'Correct the line.',
      place: { file: path, line: lines.linePos(error.pos[0]).line },
    })
  }
  const lineOf = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line
  return {
    path,
    content: document.toJS({ maxAliasCount: 0 }) as unknown,
    placeOf(keys) {
      const line = document.contents === null ? 1 : lineOf(nodeAt(document.contents, keys))
      return keys.length === 0 ? { file: path, line } : { file: path, line, key: keys.join('.') }
    },
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The node that a reader would look for: of a map's entry the key, of a list's the item. */
function nodeAt(top: Node, keys: readonly string[]): Node {
  let found = top
  let inside: unknown = top
  for (const key of keys) {
    if (isMap(inside)) {
      const pair = inside.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      if (pair === undefined || !isScalar(pair.key)) return found
      found = pair.key
      inside = pair.value
    } else if (isSeq(inside)) {
      inside = inside.items[Number(key)]
      if (!isMap(inside) && !isSeq(inside) && !isScalar(inside) && !isAlias(inside)) return found
      found = inside
    } else return found
  }
  return found
}

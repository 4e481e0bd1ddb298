import { register } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageRoot } from './package-root.ts'

/** Whether this runs from `dist/`, compiled or bundled, and not from the sources. */
export const isCompiled: boolean = import.meta.url.endsWith('.js')

const door = isCompiled ? 'dist/src/replica/adapter.js' : 'src/replica/adapter.ts'

/** Hooks run in a thread of their own (node:module, register), so they are a module as text. */
const HOOKS = `
let door
export function initialize(url) { door = url }
export function resolve(specifier, context, next) {
  if (specifier !== 'raftmark/adapter') return next(specifier, context)
  return { url: door, shortCircuit: true }
}`

let isHooked = false

/**
 * Imports a file of somebody else. Wherever it stands, its `raftmark/adapter` is this package's
 * own, so that both speak of the same classes. Rejects with what Node or the file itself throws.
 */
export function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  if (!isHooked) {
    isHooked = true
    const data = pathToFileURL(join(packageRoot, door)).href
    register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, {
      parentURL: import.meta.url,
      data,
    })
  }
  return import(pathToFileURL(path).href)
}

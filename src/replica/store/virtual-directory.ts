import type { Prng } from '../../base/prng.ts'
import { DiskError } from './disk.ts'
import { type Loss, VirtualFile } from './virtual-file.ts'

type Change = { readonly id: number; readonly path: string } & (
  | { readonly kind: 'create'; readonly file: VirtualFile }
  | { readonly kind: 'rename'; readonly to: string }
  | { readonly kind: 'remove' }
)

/** The names of all files, as processes see them and as they are on the platter. */
export class VirtualDirectory {
  readonly #seen = new Map<string, VirtualFile>()
  readonly #durable = new Map<string, VirtualFile>()
  readonly #directories = new Set<string>(['/'])
  #changes: Change[] = []
  #lastId = 0

  get lastChange(): number {
    return this.#lastId
  }

  get(path: string): VirtualFile | undefined {
    return this.#seen.get(path)
  }

  paths(): readonly string[] {
    return [...this.#seen.keys()]
  }

  bytes(): number {
    let bytes = 0
    for (const file of this.#seen.values()) bytes += file.size
    return bytes
  }

  list(directory: string): readonly string[] {
    if (!this.#directories.has(directory)) throw missing(directory)
    const inside = this.paths().filter((path) => directoryOf(path) === directory)
    return inside.map((path) => path.slice(directory.length + 1))
  }

  makeDirectory(directory: string): void {
    if (this.#directories.has(directory)) return
    this.#directories.add(directory)
    const above = directoryOf(directory)
    if (above !== '') this.makeDirectory(above)
  }

  create(path: string): VirtualFile {
    if (!this.#directories.has(directoryOf(path))) throw missing(directoryOf(path))
    const file = new VirtualFile()
    this.#change({ kind: 'create', id: this.#nextId(), path, file })
    return file
  }

  rename(from: string, to: string): void {
    if (!this.#seen.has(from)) throw missing(from)
    this.#change({ kind: 'rename', id: this.#nextId(), path: from, to })
  }

  remove(path: string): void {
    if (!this.#seen.has(path)) throw missing(path)
    this.#change({ kind: 'remove', id: this.#nextId(), path })
  }

  /** Makes the changes in `directory` up to `through` durable. */
  sync(directory: string, through: number): void {
    const isCovered = (change: Change): boolean =>
      change.id <= through && directoryOf(change.path) === directory
    for (const change of this.#changes.filter(isCovered)) apply(this.#durable, change)
    this.#changes = this.#changes.filter((change) => !isCovered(change))
  }

  /** Each name that no sync has covered is there or not, by chance. Returns the files left. */
  cutPower(loss: Loss, prng: Prng): readonly VirtualFile[] {
    for (const change of this.#changes) {
      if (loss === 'none' || (loss === 'some' && prng.below(2) === 0)) apply(this.#durable, change)
    }
    this.#changes = []
    this.#seen.clear()
    for (const [path, file] of this.#durable) this.#seen.set(path, file)
    return [...this.#seen.values()]
  }

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  #change(change: Change): void {
    apply(this.#seen, change)
    this.#changes.push(change)
  }
}

function apply(names: Map<string, VirtualFile>, change: Change): void {
  if (change.kind === 'create') {
    names.set(change.path, change.file)
    return
  }
  const file = names.get(change.path)
  names.delete(change.path)
  if (change.kind === 'rename' && file !== undefined) names.set(change.to, file)
}

const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

const missing = (path: string): DiskError => new DiskError('ENOENT', path, `${path} is not there`)

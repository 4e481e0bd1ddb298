import { readFileSync } from 'node:fs'
import { realpath, statfs } from 'node:fs/promises'
import { arch, cpus, release, totalmem, type } from 'node:os'

/** What the figures were measured on: recorded with every run. */
export type Machine = {
  readonly cpuModel: string
  readonly cores: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly architecture: string
  readonly nodeVersion: string
  readonly v8Version: string
  readonly fileSystem: FileSystem
}

/** Where a directory lies. */
export type FileSystem = {
  /** Like `ext4`, `tmpfs`, `overlay`. */
  readonly type: string
  readonly device: string
  readonly mountPoint: string
  readonly freeBytes: number
}

/** `directory` must exist. */
export async function describeMachine(directory: string): Promise<Machine> {
  const cores = cpus()
  return {
    cpuModel: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    architecture: arch(),
    nodeVersion: process.versions.node,
    v8Version: process.versions.v8,
    fileSystem: await fileSystemOf(directory),
  }
}

/** `directory` must exist. */
export async function fileSystemOf(directory: string): Promise<FileSystem> {
  const path = await realpath(directory)
  const { bavail, bsize } = await statfs(path)
  const mount = mountOf(path, readFileSync('/proc/self/mountinfo', 'utf8'))
  return { ...mount, freeBytes: bavail * bsize }
}

/**
 * The mount that `path`, absolute and without links, lies in. `mountinfo` is what
 * /proc/self/mountinfo holds: of several mounts at one place the last one is seen.
 */
export function mountOf(path: string, mountinfo: string): Omit<FileSystem, 'freeBytes'> {
  const mounts = mountinfo
    .split('\n')
    .filter((line) => line !== '')
    .map(parseMount)
    .filter(({ mountPoint }) => isWithin(path, mountPoint))
  return mounts.reduce(
    (best, mount) => (mount.mountPoint.length >= best.mountPoint.length ? mount : best),
    { type: 'unknown', device: 'unknown', mountPoint: '' },
  )
}

/** `36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/vda rw`: see proc(5). */
function parseMount(line: string): Omit<FileSystem, 'freeBytes'> {
  const [before = '', after = ''] = line.split(' - ')
  const [fileSystemType = 'unknown', device = 'unknown'] = after.split(' ')
  const mountPoint = before.split(' ')[4] ?? ''
  return { type: fileSystemType, device: unescaped(device), mountPoint: unescaped(mountPoint) }
}

const isWithin = (path: string, mountPoint: string): boolean =>
  mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`)

/** The kernel writes blanks in names as `\040`. */
const unescaped = (name: string): string =>
  name.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )

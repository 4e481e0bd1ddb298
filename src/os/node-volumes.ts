import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { sleepUntil } from '../base/clock.ts'
import { RaftmarkError } from '../base/errors.ts'
import { systemClock } from './clock.ts'
import { freshToken } from './entropy.ts'
import type { Guard } from './guard.ts'
import type { GuardedProcess } from './guarded-process.ts'
import { settles } from './within.ts'

type Argv = readonly [string, ...string[]]

/** A process and the directory on which its file system is mounted. */
export type Housed = { readonly pid: number; readonly directory: string }

/**
 * A file system of its own for each node: an ext4 image on a loop device, mounted in a mount
 * namespace that nobody but the node's process is in. When that process is gone, however it went,
 * the kernel drops namespace, mount and loop device: nothing can be left behind.
 */
export interface NodeVolumes {
  /** The program through which file systems are shut down. */
  readonly shutDownBy: string
  /**
   * Makes the volume of `node` at its first call, waits until nobody uses it at each later one, and
   * returns what to start instead of `argv`: the same process, with the volume at `directory`.
   * Rejects with RaftmarkError `environment-lacking`.
   */
  house(node: number, directory: string, argv: Argv): Promise<Argv>
  /**
   * Ends their file systems as a power cut does, within milliseconds and all at once: what was not
   * synced is gone, and every later call of the processes fails. They are still to be killed. A
   * process that has ended is passed over.
   */
  shutDown(housed: readonly Housed[]): Promise<void>
}

export type VolumeOptions = {
  readonly guard: Guard
  /** Exists; images are made in it, and go with it. */
  readonly directory: string
}

/** Sparse: takes the space that is written. */
const IMAGE_BYTES = 1024 * 1024 * 1024
/** Making a file system, shutting one down: each takes milliseconds. */
const PROGRAM_MS_MAX = 20_000
/** From the end of a process until the kernel has dropped its mounts. */
const RELEASE_MS_MAX = 10_000
const LOOK_EVERY_MS = 1

/** Mounts the image `$1` at `$2` and becomes the rest of its arguments. */
const MOUNT_AND_RUN =
  'mount -o loop,commit=300,noatime "$1" "$2" && ' +
  '{ rmdir "$2/lost+found" 2>/dev/null; shift 2; exec "$@"; }'

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH; XFS has the same. Node.js has no ioctl. */
const IOCTL = '0x8004587d'
const NOLOGFLUSH = 2

/**
 * Programs that can make the call; the directories are appended. The first that is there is used.
 */
const shutDownPrograms: readonly (readonly [string, string, string])[] = [
  [
    'perl',
    '-e',
    `my $how = pack("L", ${NOLOGFLUSH}); for (@ARGV) { open(my $at, "<", $_) or die "$_: $!\n"; ` +
      `ioctl($at, ${IOCTL}, $how) or die "$_: $!\n" }`,
  ],
  [
    'python3',
    '-c',
    'import fcntl, os, struct, sys\n' +
      'for path in sys.argv[1:]:\n' +
      ` fcntl.ioctl(os.open(path, os.O_RDONLY), ${IOCTL}, struct.pack("I", ${NOLOGFLUSH}))`,
  ],
]

/**
 * Tries on a volume of its own, once, whether all of this works here. Otherwise returns in words
 * why it does not.
 */
export async function openNodeVolumes(
  options: VolumeOptions,
): Promise<NodeVolumes | { readonly lacking: string }> {
  if (process.getuid?.() !== 0) return { lacking: 'mounting a file system needs root' }
  const missing = ['sh', 'unshare', 'mount', 'mkfs.ext4'].find((name) => !isInstalled(name))
  if (missing !== undefined) return { lacking: `${missing} is not installed` }
  const shutDown = shutDownPrograms.find(([name]) => isInstalled(name))
  if (shutDown === undefined) {
    const names = shutDownPrograms.map(([name]) => name).join(' nor ')
    return { lacking: `neither ${names} is installed, and Node.js cannot call ioctl` }
  }
  const volumes = new LoopVolumes(options, shutDown)
  try {
    await volumes.tryOut()
    return volumes
  } catch (error) {
    if (!(error instanceof RaftmarkError)) throw error
    return { lacking: error.message }
  }
}

class LoopVolumes implements NodeVolumes {
  readonly shutDownBy: string
  readonly #options: VolumeOptions
  readonly #program: Argv

  constructor(options: VolumeOptions, program: Argv) {
    this.#options = options
    this.#program = program
    this.shutDownBy = program[0]
  }

  async house(node: number, directory: string, argv: Argv): Promise<Argv> {
    const image = resolve(this.#options.directory, `${node}.ext4`)
    if (existsSync(image)) await untilUnused(image)
    else await this.#make(image)
    return ['unshare', '--mount', 'sh', '-c', MOUNT_AND_RUN, 'sh', image, directory, ...argv]
  }

  async shutDown(housed: readonly Housed[]): Promise<void> {
    // The directory as the process sees it: in our own namespace nothing is mounted there.
    const paths = housed.map(({ pid, directory }) => `/proc/${pid}/root${resolve(directory)}`)
    // Who has ended by itself took its file system along, in order.
    let left = paths.filter((path) => existsSync(path))
    while (left.length > 0) {
      try {
        await this.#run([...this.#program, ...left], 'shut a file system down')
        return
      } catch (error) {
        const still = left.filter((path) => existsSync(path))
        if (still.length === left.length) throw error
        left = still
      }
    }
  }

  /** Mounts a volume, shuts it down under a process, and waits until the kernel has let it go. */
  async tryOut(): Promise<void> {
    const directory = join(this.#options.directory, 'trial')
    await mkdir(directory)
    // `cat` says that it runs, and thereby that the volume is mounted, by repeating a line.
    const argv = await this.house(0, directory, ['cat'])
    const { process, stderrFile } = await this.#start(argv)
    const mounted = new Promise<boolean>((resolve) => {
      process.onLine(() => resolve(true))
      void process.ended.then(() => resolve(false))
    })
    process.write('mounted\n')
    const isMounted = (await settles(mounted, systemClock, PROGRAM_MS_MAX)) && (await mounted)
    try {
      if (!isMounted) throw lacking('mount an image', await lastLineOf(stderrFile))
      await this.shutDown([{ pid: process.pid, directory }])
    } finally {
      process.signal('SIGKILL')
      await process.ended
    }
    await untilUnused(resolve(this.#options.directory, '0.ext4'))
  }

  async #make(image: string): Promise<void> {
    const file = await open(image, 'wx')
    await file.truncate(IMAGE_BYTES)
    await file.close()
    await this.#run(['mkfs.ext4', '-q', '-F', '-m', '0', '-E', 'nodiscard', image], 'make ext4')
  }

  async #run(argv: Argv, what: string): Promise<void> {
    const { process, stderrFile } = await this.#start(argv)
    process.endInput()
    if (!(await settles(process.ended, systemClock, PROGRAM_MS_MAX))) {
      process.signal('SIGKILL')
      throw lacking(what, `it took more than ${PROGRAM_MS_MAX / 1_000} s`)
    }
    if (process.end?.exitCode !== 0) throw lacking(what, await lastLineOf(stderrFile))
  }

  async #start(argv: Argv): Promise<{ process: GuardedProcess; stderrFile: string }> {
    const { guard, directory } = this.#options
    const stderrFile = join(directory, `volumes-${freshToken(8)}.log`)
    return { process: await guard.start({ argv, directory, stderrFile }), stderrFile }
  }
}

/** Until no loop device has the image: the kernel drops the mounts of ended processes later. */
async function untilUnused(image: string): Promise<void> {
  for (let waitedMs = 0; isUsed(image); waitedMs += LOOK_EVERY_MS) {
    if (waitedMs > RELEASE_MS_MAX) {
      throw lacking('release a loop device', `${image} was still in use after 10 s`)
    }
    await sleepUntil(systemClock, systemClock.nowNs() + LOOK_EVERY_MS * 1e6)
  }
}

const isUsed = (image: string): boolean =>
  readdirSync('/sys/block').some(
    (device) => device.startsWith('loop') && backingFileOf(device) === image,
  )

function backingFileOf(device: string): string | undefined {
  try {
    return readFileSync(`/sys/block/${device}/loop/backing_file`, 'utf8').trimEnd()
  } catch {
    return undefined
  }
}

const isInstalled = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)))

async function lastLineOf(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  return lines.at(-1) ?? 'it said nothing'
}

const lacking = (what: string, why: string): RaftmarkError =>
  new RaftmarkError('environment-lacking', `cannot ${what}: ${why}`, {
    nextStep: 'Give it a machine on which root may mount loop devices, or run it without root.',
  })

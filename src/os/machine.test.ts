import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { describeMachine, mountOf } from './machine.ts'

const mountinfo = String.raw`24 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
25 24 0:22 / /proc rw - proc proc rw
30 24 0:30 / /mnt/a rw - tmpfs tmpfs rw,size=1k
31 24 7:0 / /mnt/a\040b rw master:1 shared:2 - xfs /dev/loop0 rw
32 30 7:1 / /mnt/a rw - ext4 /dev/loop1 rw
`

test.each([
  ['/work', 'ext4', '/dev/vda', '/'],
  ['/mnt/ab', 'ext4', '/dev/vda', '/'],
  ['/mnt/a b/results', 'xfs', '/dev/loop0', '/mnt/a b'],
  ['/mnt/a/results', 'ext4', '/dev/loop1', '/mnt/a'],
  ['/mnt/a', 'ext4', '/dev/loop1', '/mnt/a'],
])('%s lies on %s of %s', (path, type, device, mountPoint) => {
  expect(mountOf(path, mountinfo)).toEqual({ type, device, mountPoint })
})

test('a machine says what it is', async () => {
  const machine = await describeMachine(tmpdir())

  expect(machine.cores).toBeGreaterThan(0)
  expect(machine.kernel).toMatch(/^Linux \d/)
  expect(machine.nodeVersion).toBe(process.versions.node)
  expect(machine.fileSystem.type).not.toBe('unknown')
  expect(machine.fileSystem.freeBytes).toBeGreaterThan(0)
})

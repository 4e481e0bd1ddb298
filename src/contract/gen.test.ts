import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('the generated code is what the protocol file generates', () => {
  const into = mkdtempSync(join(tmpdir(), 'raftmark-gen-'))
  try {
    const template = readFileSync(join(root, 'buf.gen.yaml'), 'utf8').replace(
      'src/contract/gen',
      into,
    )
    execFileSync(
      join(root, 'node_modules/.bin/buf'),
      ['generate', 'adapters/contract', '--template', template],
      { cwd: root, stdio: 'pipe' },
    )

    expect(readFileSync(join(into, 'raftmark_pb.ts'), 'utf8')).toBe(
      readFileSync(join(root, 'src/contract/gen/raftmark_pb.ts'), 'utf8'),
    )
  } finally {
    rmSync(into, { recursive: true })
  }
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { packageRoot } from '../../src/os/package-root.ts'
import { runCli, temporaryFolder } from '../support/run-cli.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

const original = join(packageRoot, 'scorecards', 'fixtures', 'original')

test('the original evaluation, re-derived from its inputs', async () => {
  const args = ['scorecard', 'openraft', '--profile', 'chronik', '--evidence', original, '--json']
  const { stdout, stderr, exitCode } = await runCli(args, folder.path)

  expect(stderr).toBe('')
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'raftmark/scorecard/1',
    raft: 'openraft',
    profile: 'chronik',
    total: 6.05,
    totalText: '6.1',
    verdict: 'NOT READY',
    coverage: 1,
    criteria: expect.arrayContaining([
      expect.objectContaining({ criterion: 'correctness', weight: 30, score: 6 }),
    ]),
  })
})

test('today’s scorecards of several Rafts, ours and others’', async () => {
  const { stdout, exitCode } = await runCli(
    ['scorecard', 'tick', 'event', 'raft-rs', 'openraft', '--profile', 'chronik'],
    folder.path,
  )

  expect(exitCode).toBe(0)
  for (const raft of ['tick', 'event', 'raft-rs', 'openraft']) {
    expect(stdout).toContain(`${raft} · profile chronik`)
  }
  expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([])
})

test.each(['markdown', 'html'])('scorecards as %s', async (format) => {
  const args = ['scorecard', 'openraft', '--format', format]
  const { stdout, exitCode } = await runCli(args, folder.path)

  expect(exitCode).toBe(0)
  expect(stdout).toContain(format === 'html' ? '<details>' : '## openraft')
})

test('the evaluation goes into a file, as a page when that ends in .html', async () => {
  const args = ['evaluate', 'openraft', '--profile', 'chronik', '-o']
  const markdown = await runCli([...args, 'openraft.md'], folder.path)
  const html = await runCli([...args, 'openraft.html'], folder.path)

  expect([markdown.exitCode, html.exitCode]).toEqual([0, 0])
  expect(readFileSync(join(folder.path, 'openraft.md'), 'utf8')).toMatch(/^# OpenRaft/)
  expect(readFileSync(join(folder.path, 'openraft.html'), 'utf8')).toMatch(/^<!doctype html>/)
})

test('reconsider says met or not met, and --require fails a pipeline', async () => {
  const plain = await runCli(['reconsider', 'openraft'], folder.path)
  const required = await runCli(['reconsider', 'openraft', '--require'], folder.path)

  expect(plain.stdout).toContain('not met  Version 1.0.0 or later is released')
  expect([plain.exitCode, required.exitCode]).toEqual([0, 1])
})

test('explain leads to the source, evidence check to what is missing', async () => {
  const explained = await runCli(['explain', 'openraft', 'stability'], folder.path)
  const checked = await runCli(['evidence', 'check', 'openraft', '--json'], folder.path)

  expect(explained.stdout).toContain('databendlabs/openraft: README.md, API status')
  expect(JSON.parse(checked.stdout).problems).toContainEqual(
    expect.objectContaining({ claim: 'measured.verdict', kind: 'missing' }),
  )
})

test('mistakes are the user’s, with file and line', async () => {
  const profile = join(folder.path, 'heavy.yaml')
  writeFileSync(
    profile,
    'name: heavy\ntitle: t\nfor: f\nready: 8\nconditional: 7\nweights:\n  correctness: 99\n',
  )
  const wrong = await runCli(['scorecard', 'openraft', '--profile', profile], folder.path)
  const unknown = await runCli(['explain', 'openrift'], folder.path)

  expect(wrong.exitCode).toBe(2)
  expect(wrong.stderr).toContain('The weights sum to 99 %, not 100.')
  expect(wrong.stderr).toContain('heavy.yaml:6')
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('did you mean openraft?')
})

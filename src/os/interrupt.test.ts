import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'

test('the first interrupt asks for an end, and the command ends in its own time', async () => {
  const command = await startCommand()

  command.signal('SIGINT')
  await command.line('first SIGINT')
  command.endInput()

  expect(await command.exitCode).toBe(130)
  expect(command.lines).toContain('InterruptedError: ended by Ctrl-C 130')
})

test('the second interrupt ends at once, after the last act', async () => {
  const command = await startCommand()

  command.signal('SIGTERM')
  await command.line('first SIGTERM')
  command.signal('SIGINT')

  expect(await command.exitCode).toBe(143)
  expect(command.lines.at(-1)).toBe('last act')
})

async function startCommand() {
  const args = ['--import', 'tsx', '--conditions', 'raftmark-source', 'test/support/interrupted.ts']
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const line = (text: string) => expect.poll(() => lines, { timeout: 20_000 }).toContain(text)
  await line('ready')
  return {
    lines,
    line,
    exitCode: new Promise((resolve) => child.once('close', resolve)),
    signal: (name: NodeJS.Signals) => child.kill(name),
    endInput: () => child.stdin.end(),
  }
}

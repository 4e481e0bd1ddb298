import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runCli, temporaryFolder } from '../support/run-cli.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

/** A workload that is right but for what `change` makes of it. */
function workloadFile(name: string, change: (text: string) => string): string {
  const right = [
    `name: ${name}`,
    'question: Does the command line read it?',
    'store: memory',
    'durability: D0',
    'arrival:',
    '  kind: constant',
    '  ratePerSecond: 100',
    'partitions: 1',
    'producers: 1',
    'consumers: 1',
    'payloadBytes: 10',
    'timeoutMs: 1000',
    'measureSeconds: 1',
    '',
  ].join('\n')
  const file = join(folder.path, `${name}.yaml`)
  writeFileSync(file, change(right))
  return file
}

/** A raft that ends, or prints nothing right, when it is started. */
function adapterFolder(name: string, program: string): string {
  const directory = join(folder.path, name)
  mkdirSync(directory)
  const manifest = {
    name,
    kind: 'raft',
    language: 'javascript',
    version: '0.0.0',
    contract: 1,
    start: ['node', '-e', program],
    claims: { stores: ['memory'], durability: 'D0' },
  }
  writeFileSync(join(directory, 'adapter.json'), JSON.stringify(manifest, undefined, 2))
  return directory
}

const mistakes: readonly [string, () => readonly string[], RegExp][] = [
  ['an unknown command', () => ['rnu'], /no command "rnu"[\s\S]*did you mean run\?/],
  ['an unknown command of a topic', () => ['results', 'lits'], /did you mean results list\?/],
  ['an unknown flag', () => ['run', '--sed', '3'], /no flag --sed[\s\S]*did you mean --seed\?/],
  ['a negative number', () => ['run', '--rounds', '-1'], /--rounds[\s\S]*from 1 to 1000/],
  ['an absurd number', () => ['run', '--nodes', '99'], /--nodes cannot be 99[\s\S]*from 1 to 9/],
  ['an unknown suite', () => ['run', 'quik'], /quik[\s\S]*Did you mean quick\?/],
  [
    'an unknown subject',
    () => ['run', 'steady', '--subject', 'evnt/wal'],
    /no raft is called evnt[\s\S]*did you mean event\?/,
  ],
  [
    'an unknown store',
    () => ['run', 'steady', '--subject', 'event/wall'],
    /no store wall[\s\S]*did you mean wal\?/,
  ],
  [
    'a durability that memory cannot keep',
    () => ['run', 'steady', '--subject', 'event/memory', '--durability', 'D2'],
    /event\/memory cannot promise D2/,
  ],
  [
    'an unknown key',
    () => ['run', workloadFile('key', (text) => text.replace('timeoutMs', 'timoutMs'))],
    /timoutMs[\s\S]*key\.yaml:12 timoutMs[\s\S]*Did you mean timeoutMs\?/,
  ],
  [
    'a wrong unit',
    () => ['run', workloadFile('unit', (text) => text.replace('1000', '1s'))],
    /timeoutMs[\s\S]*unit\.yaml:12 timeoutMs[\s\S]*1000/,
  ],
  [
    'an absurd rate',
    () => ['run', workloadFile('rate', (text) => text.replace('Second: 100', 'Second: -5'))],
    /ratePerSecond is -5[\s\S]*rate\.yaml:7/,
  ],
  ['a result that is not there', () => ['results', 'show', 'nothing'], /no experiment or run/],
  ['an id that leads out of the folder', () => ['results', 'show', '../x'], /no experiment or run/],
  [
    'a placement that the workload does not have',
    () => ['run', 'steady', '--placement', 'in-process'],
    /steady does not run with --placement in-process/,
  ],
  ['a threshold that does not parse', () => ['compare', 'a', 'b', '--fail-on', 'p99'], /p99 \+5%/],
  [
    'a threshold of no metric',
    () => ['run', '--fail-on', 'p98 +5%'],
    /no metric p98[\s\S]*did you mean p99\?/,
  ],
  ['a comparison of one thing', () => ['compare', 'tick/wal'], /two things are compared/],
  ['an experiment to resume that is not there', () => ['run', '--resume', 'x'], /no experiment x/],
  ['a folder without an adapter', () => ['run', '--adapter', folder.path], /adapter\.json/],
]

test.each(mistakes)('%s is said with the next step, and ends with 2', async (_, args, message) => {
  const result = await runCli(args(), folder.path)

  expect(result.stderr).toMatch(message)
  expect(result.stderr).toContain('Next: ')
  expect(result.stderr).not.toMatch(/^\s+at /m)
  expect(result.stdout).toBe('')
  expect(result.exitCode).toBe(2)
})

test('a results folder that is a file is refused before anything starts', async () => {
  const file = join(folder.path, 'taken')
  writeFileSync(file, '')

  const result = await runCli(['run', 'steady', '--results', file], folder.path)

  expect(result.stderr).toMatch(/cannot write|cannot be written/)
  expect(result.stderr).toContain('--results DIR')
  expect(result.exitCode).toBe(2)
})

test.skipIf(process.getuid?.() === 0)('a read-only results folder is refused', async () => {
  const directory = join(folder.path, 'read-only')
  mkdirSync(directory)
  chmodSync(directory, 0o500)

  const result = await runCli(['run', 'steady', '--results', directory], folder.path)

  expect(result.exitCode).toBe(2)
})

test.each([
  ['exits', 'console.error("disk on fire"); process.exit(3)', /disk on fire/],
  ['prints-rubbish', 'console.log("hello"); setInterval(() => {}, 1000)', /hello/],
])('an adapter that %s is named with its last words', async (name, program, message) => {
  const workload = workloadFile(`with-${name}`, (text) => text)
  const adapter = adapterFolder(name, program)
  const args = ['run', workload, '--subject', `${name}/memory`, '--adapter', adapter]

  const result = await runCli([...args, '--rounds', '1'], folder.path)

  expect(result.stderr).toMatch(message)
  expect(result.stderr).toContain('Next: ')
  expect(result.stderr).not.toMatch(/^\s+at /m)
  expect(result.exitCode).toBe(2)
})

test('with --json a mistake is one document on standard output', async () => {
  const result = await runCli(['run', 'quik', '--json'], folder.path)

  expect(JSON.parse(result.stdout)).toMatchObject({
    schema: 'raftmark/error/1',
    error: { code: 'suite-not-found' },
  })
  expect(result.exitCode).toBe(2)
})

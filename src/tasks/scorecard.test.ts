import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeScorecard } from '../judgement/score/scorecard.ts'
import { readEvidenceFile } from './read-evidence.ts'
import { readProfile } from './read-profile.ts'
import { readRubric } from './read-rubric.ts'
import { scorecardsOf } from './scorecard.ts'
import { scorecardsFolder } from './scorecard-files.ts'

const clock = { nowMs: () => Date.parse('2026-11-22T12:00:00Z') }
const original = join(scorecardsFolder, 'fixtures', 'original')
const request = { profile: 'chronik', evidence: original, results: 'no-results', clock }

describe('the evaluation of 16 October 2025, re-derived', () => {
  test('gives 6.05, prints 6.1, and is NOT READY with everything known', async () => {
    const { scorecards } = await scorecardsOf(['openraft'], request)

    expect(scorecards[0]).toMatchObject({
      schema: 'raftmark/scorecard/1',
      raft: 'openraft',
      profile: 'chronik',
      total: 6.05,
      totalText: '6.1',
      verdict: 'NOT READY',
      coverage: 1,
    })
    expect(
      scorecards[0]?.criteria.map(({ criterion, weight, score }) => [criterion, weight, score]),
    ).toEqual([
      ['correctness', 30, 6],
      ['stability', 25, 4],
      ['performance', 15, 7],
      ['documentation', 10, 9],
      ['production-use', 10, 6],
      ['community', 5, 6],
      ['maintainability', 5, 8],
    ])
  })

  test('the document keeps its schema', async () => {
    const schema = await readFile(
      join(scorecardsFolder, '..', 'docs', 'schemas', 'scorecard.schema.json'),
      'utf8',
    )
    const validate = new Ajv({ strict: false }).compile(JSON.parse(schema))
    const { scorecards } = await scorecardsOf(['openraft'], request)

    expect(validate(scorecards[0]), JSON.stringify(validate.errors)).toBe(true)
    expect(validate({ ...scorecards[0], verdict: 'PERHAPS' })).toBe(false)
  })
})

describe('one row of evidence', () => {
  test('changes the score and, where a gate hangs on it, the verdict', async () => {
    const rubric = await readRubric()
    const profile = await readProfile('chronik', rubric)
    const set = await readEvidenceFile(join(original, 'openraft.yaml'), rubric, '2026-11-22')
    const changed = (claim: string, value: string | number | boolean) =>
      makeScorecard(
        rubric,
        profile,
        {
          ...set,
          rows: set.rows.map((row) => (row.claim === claim ? { ...row, value } : row)),
        },
        '2026-11-22',
      )

    expect(changed('judged.correctness', 8).total).toBe(6.65)
    expect(changed('judged.stability', 8)).toMatchObject({
      total: 6.55,
      criteria: expect.arrayContaining([
        expect.objectContaining({
          criterion: 'stability',
          score: 6,
          capped: 'The project itself calls its API unstable, so stability cannot exceed 6.0.',
        }),
      ]),
    })
    expect(changed('api.promise', 'stable').reasons).not.toContain(
      'The API is not stable, so every upgrade is a migration.',
    )
  })

  test('that has gone stale counts as unknown, never as zero or ten', async () => {
    const rubric = await readRubric()
    const profile = await readProfile('chronik', rubric)
    const set = await readEvidenceFile(join(original, 'openraft.yaml'), rubric, '2026-11-22')
    const { asOf: _, ...thawed } = set
    const card = makeScorecard(rubric, profile, thawed, '2031-12-01')

    expect(card.total).toBeNull()
    expect(card.totalText).toBe('n/a')
    expect(card.coverage).toBe(0)
    expect(card.verdict).not.toBe('READY')
  })
})

describe('bad input is refused with file and line', () => {
  test.each([
    ['criteria.yaml', 'share: 40', 'share: 41', 'The parts of correctness sum to 101 %, not 100.'],
    ['criteria.yaml', 'faultTested, means', 'faultTasted, means', /^faultTasted is no claim/],
    [
      'claims.yaml',
      'hasSimulation: tests',
      'hasSimulation: faultTested and tests',
      /back to itself/,
    ],
    ['reconsider.yaml', 'met: isStableVersion }', 'met: version.latest }', /a version; a boolean/],
    ['gates.yaml', 'passes: faultTested', 'passed: faultTested', /passed is no known key/],
  ])('%s with “%s” changed', async (file, from, to, message) => {
    const folder = await changedCopy(file, from, to)
    await expect(readRubric(folder)).rejects.toMatchObject({
      code: 'scorecard-invalid',
      message: expect.stringMatching(message),
      place: { file: join(folder, file), line: expect.any(Number) },
    })
  })

  test.each([
    ['correctness: 30', 'correctness: 31', 'The weights sum to 101 %, not 100.'],
    ['community: 5', 'comunity: 5', /^comunity is no criterion/],
    ['maintained: forbids', 'maintianed: forbids', /^maintianed is no gate/],
  ])('a profile with “%s” as “%s”', async (from, to, message) => {
    const folder = await changedCopy('profiles/chronik.yaml', from, to)
    await expect(readProfile('chronik', await readRubric(), folder)).rejects.toMatchObject({
      code: 'scorecard-invalid',
      message: expect.stringMatching(message),
      place: { line: expect.any(Number) },
    })
  })

  test.each([
    ["factDate: '2025-06-10'", "factDate: '2027-06-10'", /lies in the future/],
    ["source: 'evaluation of 2025-10-16, section 1'", "source: ''", /source/],
    ['claim: licence', 'claim: license', /license is no claim/],
    ['value: unstable', 'value: shaky', /api.promise cannot be "shaky"/],
    ['value: 62', 'value: many', /community.authors cannot be "many"/],
    ["factDate: '2025-06-10'", "factDate: '2025-02-30'", /is no date/],
  ])('evidence with %s as %s', async (from, to, message) => {
    const folder = await changedCopy('fixtures/original/openraft.yaml', from, to)
    const path = join(folder, 'fixtures', 'original', 'openraft.yaml')
    await expect(readEvidenceFile(path, await readRubric(), '2026-11-22')).rejects.toMatchObject({
      code: 'evidence-invalid',
      message: expect.stringMatching(message),
      place: { file: path, line: expect.any(Number) },
    })
  })

  test('a Raft without evidence, with the name that was meant', async () => {
    await expect(scorecardsOf(['openrift'], request)).rejects.toMatchObject({
      code: 'raft-unknown',
      nextStep: 'did you mean openraft?',
    })
  })
})

async function changedCopy(file: string, from: string, to: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'raftmark-scorecards-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await cp(scorecardsFolder, folder, { recursive: true })
  const path = join(folder, file)
  const text = await readFile(path, 'utf8')
  expect(text).toContain(from)
  await writeFile(path, text.replace(from, to))
  return folder
}

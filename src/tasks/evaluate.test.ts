import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cellsOf } from '../judgement/score/scorecard.ts'
import { renderScorecards } from '../report/scorecard-terminal.ts'
import { COLUMNS } from '../report/text-table.ts'
import { evaluateRaft } from './evaluate.ts'
import { checkEvidence } from './evidence-check.ts'
import { explainRaft } from './explain.ts'
import { reconsiderRaft } from './reconsider.ts'
import { scorecardsOf } from './scorecard.ts'
import { diffScorecard } from './scorecard-diff.ts'
import { scorecardsFolder } from './scorecard-files.ts'

const clock = { nowMs: () => Date.parse('2026-11-22T12:00:00Z') }
const shipped = join(scorecardsFolder, 'evidence')
const original = join(scorecardsFolder, 'fixtures', 'original')
const request = { profile: 'chronik', results: 'no-results', clock }

/** What a reader of the hand-written evaluation looks for. */
const sections = [
  'Summary and recommendation',
  'Features',
  'Architecture and integration',
  'Snapshots',
  'Membership changes',
  'Reads',
  'Many groups',
  'One log or two',
  'Tiered storage',
  'Performance',
  'How it has been tested',
  'Use in production',
  'Alternatives side by side',
  'API stability and releases',
  'Dependencies',
  'Learning curve',
  'Pros and cons',
  'Weighted score',
  'Risks',
  'Migration',
  'Effort',
  'What would change the verdict',
  'What has changed since the last evaluation',
  'Method and sources',
]

describe('the evaluation of OpenRaft', () => {
  test('has every section of the original, none of them empty', async () => {
    const text = await evaluateRaft('openraft', { ...request, format: 'markdown' })
    const found = text.split(/^## /m).slice(1)

    expect(found.map((section) => section.split('\n')[0])).toEqual(expect.arrayContaining(sections))
    for (const section of found) expect(section.split('\n\n').length).toBeGreaterThan(1)
    expect(text).toMatch(/\| 0\.9\.21\[\^\d+\] \| 2025-07-12 \|/)
    expect(text).not.toContain('Nothing is known about this yet')
    expect(text).not.toMatch(/\{[a-z]+\.[a-zA-Z0-9]+!?\}/)
  })

  test('every source that is cited is listed, and the other way round', async () => {
    const text = await evaluateRaft('openraft', { ...request, format: 'markdown' })
    const listed = [...text.matchAll(/^\[\^(\d+)\]: /gm)].map(([, number]) => number)
    const cited = [...text.matchAll(/\[\^(\d+)\](?!:)/g)].map(([, number]) => number)

    expect(new Set(cited)).toEqual(new Set(listed))
    expect(listed.length).toBeGreaterThan(50)
  })

  test('holds itself against the original: phases, range, and what its latencies were', async () => {
    const text = await evaluateRaft('openraft', { ...request, format: 'markdown' })

    expect(text).toContain(
      'The evaluation of 2025-10-16 had phases of 6 weeks together and gave 6–8 weeks.',
    )
    expect(text).toContain('64 clients at that rate wait about 88 µs each')
    expect(Math.round((64 / 730_000) * 1e6)).toBe(88)
    expect(text).toContain('The evaluation of 2025-10-16 gave 6.05 and NOT READY')
  })

  test('as a page stands alone, with every link leading somewhere and all text escaped', async () => {
    const folder = await changedEvidence(
      'openraft',
      "note: 'one person wrote 86 %'",
      "note: '<script>alert(1)</script>'",
    )
    const page = await evaluateRaft('openraft', { ...request, evidence: folder, format: 'html' })
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)

    expect(links.length).toBeGreaterThan(50)
    expect(links.filter((id) => !ids.has(id))).toEqual([])
    expect(page).not.toMatch(/<script|<link|<img|src=/)
    expect(page).toContain('&lt;script&gt;alert(1)')
    for (const tag of ['table', 'details', 'ul', 'ol', 'pre', 'main', 'p']) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length
      expect(page.match(new RegExp(`</${tag}>`, 'g'))?.length).toBe(opened)
    }
  })
})

describe('one changed row of evidence', () => {
  test('changes the sentence, the score and the verdict', async () => {
    const folder = await changedEvidence(
      'etcd-raft',
      'claim: safety.openReproduced\n    value: 0',
      'claim: safety.openReproduced\n    value: 1',
    )
    const evaluate = (evidence: string) =>
      evaluateRaft('etcd-raft', { ...request, evidence, format: 'markdown' })
    const cardOf = async (evidence: string) =>
      (await scorecardsOf(['etcd-raft'], { ...request, evidence })).scorecards[0]

    const [before, after] = [await evaluate(shipped), await evaluate(folder)]
    expect(before).toContain('No open safety bug has been reproduced.')
    expect(after).toContain('Somebody has reproduced an open safety bug.')
    expect(after).toContain('| An open safety bug | blocker |')
    const [cardBefore, cardAfter] = [await cardOf(shipped), await cardOf(folder)]
    expect(cardBefore?.verdict).toBe('CONDITIONAL')
    expect(cardAfter?.verdict).toBe('NOT READY')
    expect(cardAfter?.boundBy).toBe('gate no-open-safety-bug')
    expect(cardAfter?.total).toBeLessThan(cardBefore?.total ?? 0)
  })
})

describe('scorecards of all Rafts', () => {
  test('fit into 80 columns', async () => {
    const text = renderScorecards(await scorecardsOf([], request))
    expect(text.split('\n').filter((line) => [...line].length > COLUMNS)).toEqual([])
  })

  test('do not change when another Raft is added, and only equal coverage is ranked', async () => {
    const { scorecards, rankings } = await scorecardsOf([], request)
    const alone = (await scorecardsOf(['raft-rs'], request)).scorecards[0]

    expect(scorecards.find(({ raft }) => raft === 'raft-rs')).toEqual(alone)
    for (const { places } of rankings) {
      const coverages = places.map(
        ({ raft }) => scorecards.find((card) => card.raft === raft)?.coverage,
      )
      expect(new Set(coverages).size).toBe(1)
    }
    const together = rankings.find(({ places }) => places.some(({ raft }) => raft === 'openraft'))
    expect(together?.places.map(({ raft }) => raft)).toEqual(['openraft', 'raft-rs'])
    expect(together?.places.reduce((sum, { first }) => sum + first, 0)).toBeCloseTo(1, 2)
  })

  test('are summed alike by the exact sum and by what tests its weights', async () => {
    for (const card of (await scorecardsOf([], request)).scorecards) {
      const sum = cellsOf(card).reduce((all, { weight, score }) => all + weight * score, 0)
      expect(Math.abs(sum - (card.total ?? 0))).toBeLessThan(0.0051)
    }
  })

  test.each(['chronik', 'generic-log', 'metadata-store', 'edge', 'library-author'])(
    'come with the profile %s',
    async (profile) => {
      const { scorecards } = await scorecardsOf(['etcd-raft'], { ...request, profile })
      const weights = scorecards[0]?.criteria.map(({ weight }) => weight) ?? []
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(100)
    },
  )
})

describe('explain, reconsider, evidence check and diff', () => {
  test('lead from the total to the source with its dates', async () => {
    const { criteria, total } = await explainRaft('openraft', undefined, request)
    const all = criteria.flatMap(({ parts }) => parts.flatMap(({ evidence }) => evidence))

    const points = criteria.reduce((sum, one) => sum + (one.points ?? 0), 0)
    expect(Math.abs(points - (total ?? 0))).toBeLessThan(0.04)
    for (const row of all.filter(({ state }) => state === 'fresh')) {
      expect(row.source).toMatch(/.../)
      expect(row.lookedAt).toMatch(/^\d{4}-\d\d-\d\d$/)
    }
    const missing = all.find(({ claim }) => claim === 'measured.verdict')
    expect(missing).toMatchObject({
      state: 'missing',
      measuredBy: 'raftmark run quick --subject openraft',
    })
  })

  test('the six criteria of the original are there; its own evidence meets none of them', async () => {
    const { criteria } = await reconsiderRaft('openraft', { ...request, evidence: original })
    const firstSix = criteria.slice(0, 6)

    expect(firstSix.map(({ criterion }) => criterion)).toEqual([
      'stable-release',
      'chaos-tested',
      'jepsen',
      'production-users',
      'multi-raft',
      'twelve-months',
    ])
    expect(firstSix.filter(({ outcome }) => outcome === 'met')).toEqual([])
  })

  test('find what is stale, missing or says two things', async () => {
    const folder = await changedEvidence(
      'openraft',
      'evidence:\n',
      `evidence:
  - claim: licence
    value: GPL-3.0
    kind: document
    source: somebody said so
    factDate: '2026-08-23'
    lookedAt: '2026-08-23'
  - claim: community.commits12Months
    value: 3
    kind: document
    source: an old look
    factDate: '2020-01-01'
    lookedAt: '2020-01-01'
`,
    )
    const later = { nowMs: () => Date.parse('2028-12-01') }
    const now = await checkEvidence(['openraft'], { ...request, evidence: folder })
    const old = await checkEvidence(['openraft'], { ...request, evidence: folder, clock: later })

    expect(now.problems).toContainEqual(
      expect.objectContaining({
        claim: 'licence',
        kind: 'contradictory',
        line: expect.any(Number),
      }),
    )
    expect(now.problems.filter(({ kind }) => kind === 'stale')).toEqual([])
    expect(old.problems.map(({ kind }) => kind)).toContain('stale')
    expect(old.rafts[0]?.fresh).toBeLessThan(now.rafts[0]?.fresh ?? 0)
  })

  test('a diff names the evidence that moved the score', async () => {
    const fromOriginal = await diffScorecard('openraft', original, request)
    const fromDate = await diffScorecard('openraft', '2026-07-01', request)

    expect(fromOriginal.from.total).toBe(6.05)
    const stability = fromOriginal.criteria.find(({ criterion }) => criterion === 'stability')
    expect(stability?.evidence.map(({ claim }) => claim)).toContain('version.latestDate')
    expect(fromDate.from.coverage).toBeLessThan(fromDate.to.coverage)
    await expect(diffScorecard('openraft', 'yesterday', request)).rejects.toMatchObject({
      code: 'flag-invalid',
    })
  })
})

async function changedEvidence(raft: string, from: string, to: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'raftmark-evidence-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await cp(shipped, folder, { recursive: true })
  const path = join(folder, `${raft}.yaml`)
  const text = await readFile(path, 'utf8')
  expect(text).toContain(from)
  await writeFile(path, text.replace(from, to))
  return folder
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  barriersIn,
  CHROMIUM_MISSING,
  chromium,
  look,
  openPage,
  overflowOf,
  startBrowser,
} from '../../../test/support/browser.ts'
import { withEverySection } from '../../../test/support/every-section.ts'
import { hostile } from '../../../test/support/hostile.ts'
import { saveExperiment } from '../../../test/support/saved-results.ts'
import { evaluateRaft } from '../../tasks/evaluate.ts'
import { viewExperiment } from '../../tasks/experiment-view.ts'
import { scorecardsOf } from '../../tasks/scorecard.ts'
import { scorecardDocument } from '../scorecard-document.ts'
import { documentAsHtml } from './document-page.ts'
import { experimentPage } from './experiment-page.ts'
import type { ExperimentView } from './experiment-view.ts'
import { historyPage } from './history-page.ts'

const history = {
  ...{ subject: 'event/wal', workload: 'steady', metric: 'responseMs.p50' },
  points: Array.from({ length: 16 }, (_, at) => ({
    ...{ experiment: `e${at}`, startedAt: `2026-11-${at + 10}T12:00:00.000Z`, runs: 6 },
    ...{ value: (at < 10 ? 4 : 6) + at / 100, harnessHash: at < 5 ? 'aaaa' : 'bbbb' },
  })),
  changes: [{ experiment: 'e10', ratio: 1.5, p: 1e-9, harnessChanged: false }],
}

let results: string
let plain: ExperimentView
let view: ExperimentView
let documents: { readonly evaluation: string; readonly scorecards: string }

beforeAll(async () => {
  results = mkdtempSync(join(tmpdir(), 'raftmark-pages-'))
  saveExperiment({
    directory: results,
    id: 'e1',
    subjects: ['tick/wal', 'event/wal'],
    rounds: 10,
    seed: 1,
    p50Ms: (subject) => (subject === 'tick/wal' ? 4 : 3),
    stallMs: 1_400,
  })
  plain = viewExperiment(results, 'e1')
  view = withEverySection(plain)
  const request = { profile: 'chronik', results }
  const { scorecards } = await scorecardsOf(['openraft', 'raft-rs'], request)
  documents = {
    evaluation: await evaluateRaft('openraft', { ...request, format: 'html' }),
    scorecards: documentAsHtml('Scorecards', scorecardDocument(scorecards)),
  }
})
afterAll(() => rmSync(results, { recursive: true }))

test('a stall of 1.4 s stands above all figures', () => {
  const page = experimentPage(view)

  expect(page.indexOf('Stalls')).toBeLessThan(page.indexOf('Compared'))
  expect(page).toMatch(/waited <strong>1\.4 s<\/strong>, due 0\.6 s/)
})

test('the summary comes first, and every section has data or says why not', () => {
  const page = experimentPage(plain)

  expect(page).toMatch(/<h1>All records were read back; event\/wal is better than tick\/wal/)
  for (const id of ['compared', 'workload-steady', 'cpu', 'gates', 'environment', 'again']) {
    expect(page).toContain(`<h2 id="${id}">`)
  }
  expect(page).toMatch(/id="crossover".*Not here.*raftmark run crossover/s)
  expect(page).toMatch(/id="ablation".*Not here.*raftmark ablate tick event/s)
})

test('the map says where which wins, and the waterfall which choice did it', () => {
  const page = experimentPage(view)

  expect(page).toMatch(/event\/wal is better in\s+6 of 18 places/)
  expect(page.match(/event\/wal wins/g)).toHaveLength(6)
  expect(page).toContain('clock first')
  expect(page).toMatch(/what A buys is ×1\.40\s+\(1\.26–1\.54\) with B/)
})

test('the page holds no address and no script, whatever names and texts say', () => {
  const page = experimentPage(hostile(view))

  expect(page).toContain('&lt;img src=x')
  expect(page).not.toMatch(/<img|<script|<iframe|https?:|url\(/)
})

test('a history says first what became of the figure', () => {
  expect(historyPage(history)).toContain(
    '<h1>p50 of event/wal under steady is 6.15 ms now; its level changed ×1.50 at e10.</h1>',
  )
  expect(historyPage({ ...history, points: [], changes: [] })).toContain('No rankable run')
  expect(historyPage(hostile(history))).not.toMatch(/<img|<script|https?:/)
})

test('hostile evidence stays text', async () => {
  const { scorecards } = await scorecardsOf(['openraft'], { profile: 'chronik', results })
  const page = documentAsHtml('Scorecards', scorecardDocument(hostile(scorecards)))

  expect(page).toContain('&lt;img src=x')
  expect(page).not.toMatch(/<img|<script|<iframe/)
})

describe.skipIf(chromium === undefined)(`in Chromium (${CHROMIUM_MISSING})`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  test('an experiment reads on a desk and on a phone, in light and in dark', async () => {
    const { page, complaints, close } = await openPage(browser, experimentPage(view))
    for (const scheme of ['light', 'dark'] as const) {
      await look(page, { scheme, width: 375 })
      expect(await overflowOf(page)).toBe(0)
      expect(await barriersIn(page)).toEqual([])
    }
    expect(complaints).toEqual([])
    await close()
  })

  test('a history reads on a phone, in light and in dark', async () => {
    const { page, complaints, close } = await openPage(browser, historyPage(history))
    for (const scheme of ['light', 'dark'] as const) {
      await look(page, { scheme, width: 375 })
      expect(await overflowOf(page)).toBe(0)
      expect(await barriersIn(page)).toEqual([])
    }
    expect(complaints).toEqual([])
    await close()
  })

  test.each(['evaluation', 'scorecards'] as const)(
    'the %s: legible on a phone, in light and in dark, every fold open',
    async (name) => {
      const { page, complaints, close } = await openPage(browser, documents[name])
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true')
      await look(page, { scheme: 'light', width: 375 })
      expect(await overflowOf(page)).toBe(0)
      expect(await barriersIn(page)).toEqual([])
      await look(page, { scheme: 'dark', width: 375 })
      expect(await barriersIn(page, ['color-contrast'])).toEqual([])
      expect(complaints).toEqual([])
      await close()
    },
  )

  test('it prints', async () => {
    const { page, close } = await openPage(browser, experimentPage(view))
    const pdf = await page.pdf({ format: 'A4' })

    expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-')
    await close()
  })

  test('hostile names stay text', async () => {
    const { page, complaints, close } = await openPage(browser, experimentPage(hostile(view)))
    const made = await page.evaluate(
      'document.querySelectorAll("img, script, iframe, [onerror], [onload]").length',
    )

    expect(made).toBe(0)
    expect(complaints).toEqual([])
    await close()
  })
})

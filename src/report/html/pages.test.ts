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
import { hostile } from '../../../test/support/hostile.ts'
import { saveExperiment } from '../../../test/support/saved-results.ts'
import { viewExperiment } from '../../tasks/experiment-view.ts'
import { experimentPage } from './experiment-page.ts'
import type { ExperimentView } from './experiment-view.ts'

let results: string
let view: ExperimentView

beforeAll(() => {
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
  view = { ...viewExperiment(results, 'e1'), ...everySection }
})
afterAll(() => rmSync(results, { recursive: true }))

test('a stall of 1.4 s stands above all figures', () => {
  const page = experimentPage(view)

  expect(page.indexOf('Stalls')).toBeLessThan(page.indexOf('Compared'))
  expect(page).toMatch(/waited <strong>1\.4 s<\/strong>, due 0\.6 s/)
})

test('the summary comes first, and every section has data or says why not', () => {
  const { crossover: _, ablation: __, ...plain } = view
  const page = experimentPage(plain)

  expect(page).toMatch(/<h1>All records were read back; event\/wal is better than tick\/wal/)
  for (const id of ['compared', 'workload-steady', 'cpu', 'gates', 'environment', 'again']) {
    expect(page).toContain(`<h2 id="${id}">`)
  }
  expect(page).toMatch(/id="crossover".*Not here.*raftmark run crossover/s)
  expect(page).toMatch(/id="ablation".*Not here.*raftmark ablate tick event/s)
})

test('the page holds no address and no script, whatever names and texts say', () => {
  const page = experimentPage(hostile(view))

  expect(page).toContain('&lt;img src=x')
  expect(page).not.toMatch(/<img|<script|<iframe|https?:|url\(/)
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

const everySection: Pick<ExperimentView, 'crossover' | 'ablation'> = {
  crossover: {
    a: 'tick/wal',
    b: 'event/wal',
    metric: 'p50 response time',
    cells: [0, 1, 5].flatMap((syncMs) =>
      [0, 2, 20].flatMap((roundTripMs) =>
        [1, 64].map((inFlight) => ({
          ...{ syncMs, roundTripMs, inFlight },
          estimate: 1 - syncMs / 10,
          low: 0.9 - syncMs / 10,
          high: 1.1 - syncMs / 10,
          verdict: syncMs === 0 ? ('undecided' as const) : ('better' as const),
        })),
      ),
    ),
  },
  ablation: {
    from: 'tick',
    to: 'event',
    steps: ['clock', 'disk'].map((axis) => ({
      ...{ axis, from: 'lockstep', to: 'overlap' },
      metrics: [
        { metric: 'responseMs.p50', estimate: 0.8, low: 0.7, high: 0.9, verdict: 'better' },
      ],
    })),
  },
}

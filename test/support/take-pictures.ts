// Pictures of a saved experiment's page, for the documentation:
//   npm run pictures -- RESULTS EXPERIMENT
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'puppeteer-core'
import { experimentPage } from '../../src/report/html/experiment-page.ts'
import { viewExperiment } from '../../src/tasks/experiment-view.ts'
import { CHROMIUM_MISSING, chromium, look, openPage, startBrowser } from './browser.ts'

/** Which part of the page, how wide its reader's screen is, and what it likes. */
const pictures = [
  { name: 'report-top', part: 'header', width: 1100, scheme: 'light' },
  { name: 'report-compared', part: '#compared', width: 1100, scheme: 'light' },
  { name: 'report-latency', part: '#workload-slow-sync', width: 1100, scheme: 'light' },
  { name: 'report-cpu', part: '#cpu', width: 1100, scheme: 'dark' },
  { name: 'report-phone', part: '#workload-steady', width: 375, scheme: 'light' },
] as const

const SCALE = 1.25
/** Enough for a chart; the page itself has the rest. */
const HEIGHT_MAX = 900

async function main([results = 'results', experiment = 'last']: readonly string[]): Promise<void> {
  if (chromium === undefined) throw new Error(CHROMIUM_MISSING)
  const browser = await startBrowser()
  const { page, close } = await openPage(
    browser,
    experimentPage(viewExperiment(results, experiment)),
  )
  for (const picture of pictures) await take(page, picture)
  await close()
  await browser.close()
}

async function take(page: Page, picture: (typeof pictures)[number]): Promise<void> {
  const { name, part, width, scheme } = picture
  await look(page, { scheme, width })
  await page.setViewport({ width, height: 800, deviceScaleFactor: SCALE })
  const selector = part.startsWith('#') ? `section:has(> ${part})` : part
  const element = await page.$(selector)
  const box = await element?.boundingBox()
  if (element === null || !box) {
    process.stderr.write(`no ${part} on this page: ${name}.png is not made\n`)
    return
  }
  const clip = { ...box, x: 0, width, height: Math.min(HEIGHT_MAX, box.height) }
  const png = await page.screenshot({ clip, captureBeyondViewport: true })
  writeFileSync(join('docs', 'pictures', `${name}.png`), png)
}

await main(process.argv.slice(2))

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'

const places = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser']

/** Where Chromium is; undefined where it is not installed: such tests then say so and skip. */
export const chromium: string | undefined = places.find(
  (place) => place !== undefined && existsSync(place),
)

export const CHROMIUM_MISSING =
  'skipped without Chromium: apt-get install chromium, or set CHROMIUM'

/** Pages are ours and load nothing, so the sandbox, which containers lack, has nothing to do. */
export const startBrowser = (): Promise<Browser> =>
  puppeteer.launch({
    executablePath: chromium ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })

export type OpenedPage = {
  readonly page: Page
  /** What the console said, and every address that was asked for beside the page itself. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** Opens a page from a file, as a reader would. */
export async function openPage(browser: Browser, text: string): Promise<OpenedPage> {
  const folder = mkdtempSync(join(tmpdir(), 'raftmark-page-'))
  const file = join(folder, 'page.html')
  writeFileSync(file, text)
  const page = await browser.newPage()
  // Axe is injected as a script, which the page's policy rightly forbids.
  await page.setBypassCSP(true)
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${String(error)}`))
  page.on('request', (request) => {
    if (request.url() !== `file://${file}`) complaints.push(`request: ${request.url()}`)
  })
  await page.goto(`file://${file}`)
  const close = async () => {
    await page.close()
    rmSync(folder, { recursive: true })
  }
  return { page, complaints, close }
}

export type Look = { readonly scheme: 'light' | 'dark'; readonly width: number }

export async function look(page: Page, { scheme, width }: Look): Promise<void> {
  await page.setViewport({ width, height: 800 })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
}

/** How many pixels the page is wider than its window. */
export const overflowOf = async (page: Page): Promise<number> =>
  Number(
    await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    ),
  )

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe finds wrong, each with its first place; by `rules`, where given, alone. */
export async function barriersIn(
  page: Page,
  rules?: readonly string[],
): Promise<readonly string[]> {
  const isLoaded = await page.evaluate('"axe" in globalThis')
  if (isLoaded !== true) await page.addScriptTag({ path: axeFile })
  const options = rules === undefined ? '{}' : JSON.stringify({ runOnly: rules })
  const { violations } = (await page.evaluate(`axe.run(${options})`)) as AxeResults
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.length}) ${nodes[0]?.html ?? ''}`,
  )
}

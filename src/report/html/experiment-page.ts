import type {
  ExperimentDocument,
  MetricComparison,
  PlannedWorkload,
} from '../../judgement/history/experiment-record.ts'
import { summarySentence } from '../summary-sentence.ts'
import { ablationSection } from './ablation-section.ts'
import { comparisonRows } from './comparison-rows.ts'
import { cpuRows } from './cpu-section.ts'
import { crossoversOf } from './crossover.ts'
import { crossoverMap } from './crossover-section.ts'
import { environmentSection } from './environment-section.ts'
import type { ExperimentView } from './experiment-view.ts'
import { noteOf } from './figure-notes.ts'
import { gatesSection } from './gates-section.ts'
import { loadCurves } from './load-section.ts'
import { html, type Markup, nothing } from './markup.ts'
import { navigation, renderPage } from './page.ts'
import { durationLabel } from './scale.ts'
import { longestWait } from './time-chart.ts'
import { workloadSection } from './workload-section.ts'

type Section = { readonly id: string; readonly title: string; readonly body: Markup }

/** An experiment as one HTML file: what came out first, then how it is known. */
export function experimentPage(view: ExperimentView): string {
  const { document } = view
  const sections = sectionsOf(view)
  return renderPage({
    title: `${document.name}: raftmark experiment ${document.id}`,
    header: headerOf(view, sections),
    main: sections.map(sectionMarkup),
    footer: html`<p>raftmark experiment ${document.id}, ${document.startedAt}. This page needs no
network; its figures come from the folders of its runs.</p>`,
  })
}

const sectionMarkup = ({ id, title, body }: Section): Markup =>
  html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>`

function headerOf(view: ExperimentView, sections: readonly Section[]): Markup {
  const { document } = view
  return html`<p class="kicker">raftmark · ${document.name} · ${document.startedAt.slice(0, 16).replace('T', ' ')} UTC</p>
<h1>${summarySentence(document)}</h1>
<p class="muted">${document.question}</p>
${factsOf(view)}${stalls(view)}${navigation(sections)}`
}

function factsOf(view: ExperimentView): Markup {
  const { document, cells } = view
  const runs = cells.flatMap((cell) => cell.runs)
  const rankable = runs.filter((run) => run.rankable).length
  const machine = document.machine as {
    readonly cpuModel?: unknown
    readonly cores?: unknown
  } | null
  const durabilities = [...new Set(document.results.map((one) => one.claimedDurability))]
  const facts: readonly (readonly [string, string])[] = [
    ['Records read back', document.verdict],
    ['Runs', `${document.runsDone} of ${document.runsPlanned}, ${rankable} rankable`],
    [
      'Nodes',
      `${document.nodes}, ${document.placement === 'process' ? 'one machine' : 'one process'}`,
    ],
    ['Durability claimed', durabilities.sort().join(', ')],
    ['Machine', `${machine?.cpuModel ?? 'unknown'}, ${machine?.cores ?? '?'} cores`],
  ]
  return html`<dl class="facts">${facts.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`
}

/** A wait that a user would notice, and far above what is usual in its workload. */
const STALL_MS_MIN = 100
const STALL_FACTOR = 20

function stalls({ cells, document }: ExperimentView): Markup {
  const found = cells.flatMap(({ workload, subject, series }) => {
    const worst = longestWait(series)
    const result = document.results.find(
      (one) => one.workload === workload && one.subject === subject,
    )
    const usual = result?.responseMs.p50 ?? Number.POSITIVE_INFINITY
    const isStall =
      worst !== undefined && worst.ms >= STALL_MS_MIN && worst.ms >= STALL_FACTOR * usual
    return isStall ? [{ workload, subject, ...worst }] : []
  })
  if (found.length === 0) return nothing
  const items = found
    .sort((one, other) => other.ms - one.ms)
    .map(
      ({ workload, subject, ms, run, point }) =>
        html`<li><a href="#${sectionId(fileNamed(document, workload))}">${workload}</a>: an operation of
<strong>${subject}</strong> waited <strong>${durationLabel(ms)}</strong>, due ${point.x.toFixed(1)} s
into run ${run.run}.</li>`,
    )
  return html`<div class="callout"><strong>Stalls</strong><ul>${items}</ul></div>`
}

const fileNamed = ({ workloads }: ExperimentDocument, name: string): string =>
  workloads.find((one) => one.name === name)?.file ?? name

function sectionsOf(view: ExperimentView): readonly Section[] {
  const { document } = view
  const carried = document.workloads.filter(({ name }) =>
    document.results.some(({ workload }) => workload === name),
  )
  const files = [...new Set(carried.map(fileOf))]
  const special = specialSections(view)
  return [
    { id: 'compared', title: 'Compared', body: comparisonsBody(document) },
    ...special.filter(({ hasData }) => hasData),
    {
      id: 'conclusions',
      title: 'What can and what cannot be concluded',
      body: html`<ul>${document.conclusions.map((text) => html`<li>${text}</li>`)}</ul>`,
    },
    ...files.map((file) => workloadEntry(view, file)),
    { id: 'cpu', title: 'CPU per record', body: cpuRows(view) ?? absent('no run measured it.') },
    ...special.filter(({ hasData }) => !hasData),
    { id: 'gates', title: 'Gates', body: gatesSection(view) },
    { id: 'environment', title: 'Environment', body: environmentSection(document) },
    { id: 'again', title: 'Again', body: againBody(document) },
  ]
}

const againBody = ({ id, command }: ExperimentDocument): Markup =>
  html`<p>The same experiment, from the same seed:</p><pre tabindex="0"><code>${command}</code></pre>
<p>This page: <code>raftmark report ${id} --format html -o out.html</code></p>`

type SpecialSection = Section & { readonly hasData: boolean }

/** What an experiment may have been made for: shown at its top then, and else with the reason. */
function specialSections(view: ExperimentView): readonly SpecialSection[] {
  const curves = loadCurves(view)
  const maps = crossoversOf(view.document)
  const { ablation } = view.document
  return [
    {
      ...{ id: 'crossover', title: 'Crossover map', hasData: maps.length > 0 },
      body:
        maps.length > 0
          ? html`${maps.map((map) => crossoverMap(view, map))}`
          : absent('this experiment does not vary sync and round trip.', 'raftmark run crossover'),
    },
    {
      ...{ id: 'ablation', title: 'What each choice buys', hasData: ablation !== undefined },
      body:
        ablation === undefined
          ? absent('no walk from one design to another.', 'raftmark ablate tick event')
          : ablationSection(ablation),
    },
    {
      ...{ id: 'load', title: 'Load curves', hasData: curves.length > 0 },
      body:
        curves.length > 0
          ? html`<div class="pair">${curves}</div>`
          : absent('no workload here varies its load.', 'raftmark run rate-ladder max-rate'),
    },
  ]
}

/** Plans of earlier versions name no file. */
const fileOf = ({ file, name }: PlannedWorkload): string => file ?? name

/** A workload's file, with all cases of its sweep. */
function workloadEntry(view: ExperimentView, file: string): Section {
  const cases = view.document.workloads.filter((one) => fileOf(one) === file)
  const [first] = cases
  const caveat = first?.caveat ?? null
  return {
    id: sectionId(file),
    title: file,
    body: html`<p>${first?.question}</p>${
      caveat === null ? nothing : html`<p class="muted">${caveat}</p>`
    }${workloadSection(
      view,
      cases.map(({ name }) => name),
    )}`,
  }
}

/** Names of workloads come from files: as an address only their letters and digits are kept. */
const sectionId = (name: string): string => `workload-${name.replace(/[^A-Za-z0-9]+/g, '-')}`

function comparisonsBody({ comparisons }: ExperimentDocument): Markup {
  if (comparisons.length === 0) {
    return absent('the experiment has no two subjects that carried the same workload.')
  }
  const pairs = [...new Map(comparisons.map(({ a, b }) => [`${a} ${b}`, { a, b }])).values()]
  return html`${pairs.map(({ a, b }) => {
    const own = comparisons.filter((one) => one.a === a && one.b === b)
    return html`<h3>${b} against ${a}</h3>
<p class="small muted">Left of ×1 the figure of ${b} is lower. Grey: too small to matter.</p>${pairRows(own)}`
  })}${noteOf('ratio')}`
}

/** What was declared to be decided stands open; of the rest there may be a lot. */
function pairRows(comparisons: readonly MetricComparison[]): Markup {
  const primary = comparisons.filter(({ role }) => role === 'primary')
  const secondary = comparisons.filter(({ role }) => role !== 'primary')
  const rest = secondary.length === 0 ? nothing : comparisonRows(secondary)
  return html`${primary.length === 0 ? nothing : comparisonRows(primary)}${
    secondary.length === 0
      ? nothing
      : html`<details><summary>${secondary.length} secondary ones, which only say where to look</summary>${rest}</details>`
  }`
}

const absent = (reason: string, command?: string): Markup =>
  html`<p class="muted">Not here: ${reason}${
    command === undefined ? nothing : html` To measure it: <code>${command}</code>`
  }</p>`

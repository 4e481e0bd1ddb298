import type { ExperimentDocument } from '../../judgement/history/experiment-record.ts'
import { summarySentence } from '../summary-sentence.ts'
import { ablationWaterfalls } from './ablation-section.ts'
import { comparisonRows } from './comparison-rows.ts'
import { cpuRows } from './cpu-section.ts'
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
        html`<li><a href="#${sectionId(workload)}">${workload}</a>: an operation of
<strong>${subject}</strong> waited <strong>${durationLabel(ms)}</strong>, due ${point.x.toFixed(1)} s
into run ${run.run}.</li>`,
    )
  return html`<div class="callout"><strong>Stalls</strong><ul>${items}</ul></div>`
}

function sectionsOf(view: ExperimentView): readonly Section[] {
  const { document } = view
  const names = document.workloads.map(({ name }) => name)
  const carried = names.filter((name) => document.results.some(({ workload }) => workload === name))
  return [
    { id: 'compared', title: 'Compared', body: comparisonsBody(document) },
    {
      id: 'conclusions',
      title: 'What can and what cannot be concluded',
      body: html`<ul>${document.conclusions.map((text) => html`<li>${text}</li>`)}</ul>`,
    },
    ...carried.map((name) => workloadEntry(view, name)),
    { id: 'cpu', title: 'CPU per record', body: cpuRows(view) ?? absent('no run measured it.') },
    { id: 'load', title: 'Load curves', body: loadBody(view) },
    { id: 'crossover', title: 'Crossover map', body: crossoverBody(view) },
    { id: 'ablation', title: 'What each choice buys', body: ablationBody(view) },
    { id: 'gates', title: 'Gates', body: gatesSection(view) },
    { id: 'environment', title: 'Environment', body: environmentSection(document) },
    {
      id: 'again',
      title: 'Again',
      body: html`<p>The same experiment, from the same seed:</p><pre tabindex="0"><code>${document.command}</code></pre>
<p>This page: <code>raftmark report ${document.id} --format html -o out.html</code></p>`,
    },
  ]
}

function workloadEntry(view: ExperimentView, name: string): Section {
  const planned = view.document.workloads.find((one) => one.name === name)
  const caveat = planned?.caveat ?? null
  return {
    id: sectionId(name),
    title: name,
    body: html`<p>${planned?.question}</p>${
      caveat === null ? nothing : html`<p class="muted">${caveat}</p>`
    }${workloadSection(view, name)}`,
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
<p class="small muted">Left of ×1 the figure of ${b} is lower. Grey: too small to matter.</p>${comparisonRows(own)}`
  })}${noteOf('ratio')}`
}

function loadBody(view: ExperimentView): Markup {
  const curves = loadCurves(view)
  return curves.length > 0
    ? html`<div class="pair">${curves}</div>`
    : absent('no workload of this experiment varies its load.', 'raftmark run rate-ladder max-rate')
}

const crossoverBody = (view: ExperimentView): Markup =>
  view.crossover === undefined
    ? absent('this experiment does not vary sync time and round trip.', 'raftmark run crossover')
    : crossoverMap(view, view.crossover)

const ablationBody = (view: ExperimentView): Markup =>
  view.ablation === undefined
    ? absent(
        'this experiment does not go from one design to another.',
        'raftmark ablate tick event',
      )
    : ablationWaterfalls(view.ablation)

const absent = (reason: string, command?: string): Markup =>
  html`<p class="muted">Not here: ${reason}${
    command === undefined ? nothing : html` To measure it: <code>${command}</code>`
  }</p>`

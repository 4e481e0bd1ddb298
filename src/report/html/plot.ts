import { html, type Markup, nothing } from './markup.ts'
import type { Scale, Tick } from './scale.ts'

export type Point = { readonly x: number; readonly y: number }

/** A chart this low has room for the powers of ten alone. */
const LOW = 140

/**
 * Axes with layers over them, as SVG. All places are shares of the width and the height, so that
 * a chart fits every screen while its text and its lines keep their size.
 */
export function plot(chart: {
  readonly x: Scale
  readonly y: Scale
  readonly height: number
  readonly xTitle: string
  readonly yTitle: string
  /** What somebody hears who does not see it. */
  readonly label: string
  readonly layers: readonly Markup[]
}): Markup {
  const { x, y, height, xTitle, yTitle, label, layers } = chart
  return html`<svg class="plot ${yTitle === '' ? '' : 'titled'}" role="img" aria-label="${label}" style="height:${height}px">
${ticksFor(y, height).map((tick) => yTick(y, tick))}
${x.ticks.map((tick) => xTick(x, tick))}
<line class="axis" x1="0" x2="100%" y1="100%" y2="100%"/>
${layers}
<text class="title" x="100%" y="100%" dy="32" text-anchor="end">${xTitle}</text>
<text class="title" x="-46" y="-12">${yTitle}</text>
</svg>`
}

function ticksFor({ ticks }: Scale, height: number): readonly Tick[] {
  const major = ticks.filter(({ isMinor }) => !isMinor)
  return height > LOW || major.length < 2 ? ticks : major
}

function yTick(y: Scale, { value, label }: Tick): Markup {
  const at = percent(1 - y.at(value))
  return html`<line class="grid" x1="0" x2="100%" y1="${at}" y2="${at}"/>
<text x="-6" y="${at}" dy="4" text-anchor="end">${label}</text>`
}

function xTick(x: Scale, { value, label, isMinor }: Tick): Markup {
  const at = percent(x.at(value))
  const anchor = x.at(value) > 0.99 ? 'end' : x.at(value) < 0.01 ? 'start' : 'middle'
  return html`<line class="grid" y1="0" y2="100%" x1="${at}" x2="${at}"/>
<text class="${isMinor ? 'minor' : ''}" x="${at}" y="100%" dy="16" text-anchor="${anchor}">${label}</text>`
}

/** Lines in the chart; what would lie beyond its frame is cut off. `kind` is a class of the style. */
export function line(
  { x, y }: { readonly x: Scale; readonly y: Scale },
  points: readonly (Point | null)[],
  kind: string,
): Markup {
  let path = ''
  let isDown = false
  for (const point of points) {
    if (point === null) {
      isDown = false
      continue
    }
    path += `${isDown ? 'L' : 'M'}${units(x.at(point.x))} ${units(1 - y.at(point.y))}`
    isDown = true
  }
  if (path === '') return nothing
  return html`<svg width="100%" height="100%" viewBox="0 0 1000 1000" preserveAspectRatio="none"
><path class="line ${kind}" d="${path}"/></svg>`
}

/** A dot with what is shown when somebody points at it. */
export function dot(
  { x, y }: { readonly x: Scale; readonly y: Scale },
  point: Point,
  options: { readonly kind: string; readonly title: string; readonly radius?: number },
): Markup {
  const [cx, cy] = [percent(x.at(point.x)), percent(1 - y.at(point.y))]
  return html`<circle class="dot ${options.kind}" cx="${cx}" cy="${cy}" r="${options.radius ?? 3.5}"
><title>${options.title}</title></circle>`
}

/** A share as CSS and SVG want it, on two digits. */
export const percent = (share: number): string => `${Number((100 * share).toFixed(2))}%`

const units = (share: number): string => String(Math.round(1_000 * share * 10) / 10)

import { html, type Markup } from './markup.ts'

/** What the lines of a chart stand for, with their colour and their dashes. */
export const legend = (
  entries: readonly { readonly label: string; readonly kind: string }[],
): Markup =>
  html`<ul class="legend">${entries.map(
    ({ label, kind }) =>
      html`<li><svg aria-hidden="true"><path class="line ${kind}" d="M0 5H26"/></svg>${label}</li>`,
  )}</ul>`

export const swatch = (tone: string): Markup =>
  html`<span class="swatch ${tone}" aria-hidden="true"></span>`

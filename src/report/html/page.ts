import { html, type Markup, styleElement } from './markup.ts'
import { STYLE } from './style.ts'

/**
 * A page that is one file and needs nothing else. The policy forbids every script and every
 * address: even text that slipped through the escaping could load and run nothing.
 */
export function renderPage(page: {
  readonly title: string
  readonly header: Markup
  readonly main: Markup | readonly Markup[]
  readonly footer: Markup
}): string {
  const { title, header, main, footer } = page
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${styleElement(STYLE)}
</head>
<body>
<header>${header}</header>
<main>${main}</main>
<footer>${footer}</footer>
</body>
</html>
`
  return document.text
}

/** A folded remark: what a figure is, and when not to trust it. */
export const fold = (summary: string, body: Markup | readonly Markup[]): Markup =>
  html`<details class="note"><summary>${summary}</summary>${body}</details>`

/** A table that may be wider than a phone: it scrolls, also by keyboard, and the page does not. */
export const scrolled = (label: string, table: Markup): Markup =>
  html`<div class="scroll" role="group" aria-label="${label}" tabindex="0">${table}</div>`

export const navigation = (
  links: readonly { readonly id: string; readonly title: string }[],
): Markup =>
  html`<nav aria-label="Sections"><ul>${links.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>`

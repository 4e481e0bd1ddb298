const SECRET = Symbol('markup')

/** Text that is HTML already. Only the template `html` makes it. */
export class Markup {
  readonly text: string

  /** @internal Use the template `html`. */
  constructor(text: string, secret: symbol) {
    if (secret !== SECRET) throw new Error('markup comes from the template html alone')
    this.text = text
  }
}

export type Insertable = string | number | Markup | readonly Markup[] | undefined

/**
 * HTML in which every inserted text is escaped, in an element as in a quoted attribute: a name of
 * an adapter or workload cannot become markup, because there is no other way to insert one.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Insertable[]): Markup {
  const text = parts.map((part, at) => part + textOf(values[at])).join('')
  return new Markup(text, SECRET)
}

export const nothing: Markup = new Markup('', SECRET)

/** The one style sheet of a page: our own constant, in which a `>` must stay one. */
export const styleElement = (css: string): Markup => new Markup(`<style>${css}</style>`, SECRET)

function textOf(value: Insertable): string {
  if (value === undefined) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map(({ text }) => text).join('\n')
  return escaped(String(value))
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (found) => entities[found] ?? '')

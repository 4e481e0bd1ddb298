declare const brand: unique symbol

/** A primitive that only its own constructor makes: `Brand<number, 'Term'>` is no `LogIndex`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }

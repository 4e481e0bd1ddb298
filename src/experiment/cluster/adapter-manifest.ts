import type { Durability } from '../../contract/durability.ts'

/** What `adapter.json` says: how a raft in any language is built, started and what it claims. */
export type AdapterManifest = {
  readonly name: string
  readonly kind: 'raft'
  readonly language: string
  /** Of the library that is measured, not of the adapter. */
  readonly version: string
  /** Version of the contract that the adapter was written for. */
  readonly contract: number
  /** Arguments of the command that builds it, run in its folder; absent when nothing is built. */
  readonly build?: readonly string[]
  /** Folders beside its own that go into the build, relative to it. */
  readonly sources?: readonly string[]
  /** Arguments of the command that starts a node; the configuration's path is appended. */
  readonly start: readonly string[]
  readonly claims: AdapterClaims
  /** `@NAME` of a subject → the adapter's own words. */
  readonly tuning: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>
  /** What it does otherwise than the contract says, and why. */
  readonly exceptions: readonly { readonly rule: string; readonly reason: string }[]
}

export type AdapterClaims = {
  /** Stores that its nodes can open; empty for a raft without a store. */
  readonly stores: readonly string[]
  /** The strongest durability that it promises. */
  readonly durability: Durability
}

/** An adapter where it stands. */
export type Adapter = {
  /** Absolute; the working directory of its commands. */
  readonly directory: string
  readonly manifest: AdapterManifest
}

/** What `adapter.json` says of a store of the TypeScript designs. */
export type StoreManifest = Pick<
  AdapterManifest,
  'name' | 'language' | 'version' | 'contract' | 'build'
> & {
  readonly kind: 'store'
  /** The file of its folder that exports `adapter`. */
  readonly module: string
  /** Every durability that it can be opened with, the default first. */
  readonly claims: { readonly durability: readonly Durability[] }
}

/** A store where it stands. */
export type StoreFolder = {
  /** Absolute. */
  readonly directory: string
  readonly manifest: StoreManifest
}

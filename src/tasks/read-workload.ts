import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { RaftmarkError } from '../base/errors.ts'
import { casesOf } from '../experiment/workload/cases.ts'
import { contradictionOf } from '../experiment/workload/contradiction.ts'
import {
  loopOf,
  type Suite,
  type Workload,
  type WorkloadFile,
} from '../experiment/workload/workload.ts'
import { metricsOf } from './compared-metrics.ts'
import { isObject, readYaml, type YamlFile } from './read-yaml.ts'
import { createSchemaCheck, type SchemaCheck } from './schema-check.ts'

/** The names of what a folder like `workloads/` holds, sorted. */
export type WorkloadNames = {
  readonly workloads: readonly string[]
  readonly suites: readonly string[]
}

const EXTENSION = '.yaml'
const SUITES = 'suites'

/** Reads and checks the workloads and suites of one folder, schemas included. */
export class WorkloadLibrary {
  readonly #folder: string
  #checkWorkload: SchemaCheck | undefined
  #checkSuite: SchemaCheck | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  async names(): Promise<WorkloadNames> {
    return {
      workloads: await this.#namesIn(this.#folder),
      suites: await this.#namesIn(join(this.#folder, SUITES)),
    }
  }

  /**
   * The workload of this name, or of this file when it ends in `.yaml`; a file with a sweep is
   * several. Rejects with `suite-not-found` or `workload-invalid`.
   */
  async workloads(nameOrFile: string): Promise<readonly Workload[]> {
    const file = await this.#open(nameOrFile, this.#folder)
    this.#checkWorkload ??= await this.#schema('workload.schema.json')
    const workload = this.#checkWorkload(file) as WorkloadFile
    refuseForeignName(file, workload.name)
    const contradiction = contradictionOf(workload)
    if (contradiction !== undefined) {
      const { key, message } = contradiction
      throw invalid(file, key.split('.'), `${key}: ${message}`, 'Change one of the values.')
    }
    return casesOf(workload)
  }

  /**
   * The suite of this name or file, with every workload that it names checked. Rejects with
   * `suite-not-found` or `workload-invalid`.
   */
  async suite(nameOrFile: string): Promise<Suite> {
    const file = await this.#open(nameOrFile, join(this.#folder, SUITES))
    this.#checkSuite ??= await this.#schema('suite.schema.json')
    const suite = this.#checkSuite(file) as Suite
    refuseForeignName(file, suite.name)
    const known = await this.#namesIn(this.#folder)
    for (const [partAt, part] of suite.parts.entries()) {
      for (const [at, name] of part.workloads.entries()) {
        if (known.includes(name)) continue
        const keys = ['parts', String(partAt), 'workloads', String(at)]
        throw invalid(file, keys, `There is no workload “${name}”.`, nearest(name, known))
      }
    }
    for (const at of (suite.primary ?? []).keys()) await this.#refuseUndecidable(file, suite, at)
    return suite
  }

  /** A primary metric is one that is compared under a workload of the suite. */
  async #refuseUndecidable(file: YamlFile, suite: Suite, at: number): Promise<void> {
    const { workload: name = '', metric = '' } = suite.primary?.[at] ?? {}
    const keys = ['primary', String(at)]
    const own = [...new Set(suite.parts.flatMap(({ workloads }) => workloads))]
    if (!own.includes(name)) {
      const message = `The suite does not run a workload “${name}”.`
      throw invalid(file, [...keys, 'workload'], message, nearest(name, own))
    }
    for (const workload of await this.workloads(name)) {
      const known = metricsOf(loopOf(workload)).map((one) => one.name)
      if (known.includes(metric)) continue
      const message = `${name} is not compared by ${metric}.`
      throw invalid(file, [...keys, 'metric'], message, nearest(metric, known))
    }
  }

  async #open(nameOrFile: string, folder: string): Promise<YamlFile> {
    if (nameOrFile.endsWith(EXTENSION)) return readYaml(resolve(nameOrFile))
    const names = await this.#namesIn(folder)
    if (names.includes(nameOrFile)) return readYaml(join(folder, nameOrFile + EXTENSION))
    const all = await this.names()
    throw new RaftmarkError('suite-not-found', `There is no suite or workload “${nameOrFile}”.`, {
      nextStep: nearest(nameOrFile, [...all.suites, ...all.workloads]),
    })
  }

  async #namesIn(folder: string): Promise<string[]> {
    const files = await readdir(folder).catch((cause: unknown) => {
      throw new RaftmarkError('directory-unusable', `Workloads cannot be read from ${folder}.`, {
        nextStep: 'Check that the folder exists and can be read.',
        place: { file: folder },
        cause,
      })
    })
    return files
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => basename(name, EXTENSION))
      .sort()
  }

  async #schema(name: string): Promise<SchemaCheck> {
    const text = await readFile(join(this.#folder, name), 'utf8')
    const schema: unknown = JSON.parse(text)
    return createSchemaCheck(isObject(schema) ? schema : {})
  }
}

/** A file whose name and whose own name differ would be found under one and reported as another. */
function refuseForeignName(file: YamlFile, name: string): void {
  const expected = basename(file.path, EXTENSION)
  if (name === expected) return
  throw invalid(
    file,
    ['name'],
    `name: “${name}” stands in the file ${expected}${EXTENSION}.`,
    `Write name: ${expected}, or rename the file.`,
  )
}

function nearest(wanted: string, known: readonly string[]): string {
  if (known.length === 0) return 'There is none in this folder.'
  const guess = closest(wanted, known)
  return `Did you mean ${guess}? There are: ${known.join(', ')}.`
}

function invalid(
  file: YamlFile,
  keys: readonly string[],
  message: string,
  nextStep: string,
): RaftmarkError {
  return new RaftmarkError('workload-invalid', message, { nextStep, place: file.placeOf(keys) })
}

// Runs bench/NAME.ts on the sources, without a build: npm run bench -- NAME
// Its one line of JSON goes to stdout, everything else to stderr; exit 1 when a claim fails.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = import.meta.dirname
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
// What the product's load generator runs with: see GENERATOR_V8_FLAGS.
const generatorFlags = [
  '--interrupt-budget=5000',
  '--max-semi-space-size=16',
  '--single-threaded-gc',
]
const v8Flags = { ceiling: generatorFlags, generator: generatorFlags }
const [name, ...rest] = process.argv.slice(2)

if (name === undefined || !names.includes(name)) {
  console.error(`usage: npm run bench -- NAME, with NAME one of: ${names.join(', ')}`)
  process.exitCode = 2
} else {
  const script = join(folder, `${name}.ts`)
  const flags = [...(v8Flags[name] ?? []), '--import', 'tsx', '--conditions', 'raftmark-source']
  const { status } = spawnSync(process.execPath, [...flags, script, ...rest], { stdio: 'inherit' })
  process.exitCode = status ?? 70
}

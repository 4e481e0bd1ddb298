// The real node of raftmark, after some bad luck at its start.
// usage: real-node-after.mjs slow-start|port-taken DIST CONFIG.json
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

const SLOW_START_MS = 3_000

const [way, program, configFile] = process.argv.slice(2)
if (way === 'slow-start') await new Promise((resolve) => setTimeout(resolve, SLOW_START_MS))
if (way === 'port-taken') await takePortOnce(JSON.parse(readFileSync(configFile, 'utf8')).listen)

process.argv.splice(2, Infinity, configFile)
await import(program)

/** Somebody was faster: at the first start of this node its port is in use. */
function takePortOnce(address) {
  const mark = `${configFile}.port-was-taken`
  if (existsSync(mark)) return
  writeFileSync(mark, '')
  const [host, port] = address.split(':')
  return new Promise((resolve) => createServer().listen({ host, port: Number(port) }, resolve))
}

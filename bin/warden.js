#!/usr/bin/env node
// Kills what the command line started and removes its temporary directories once the command line
// is gone, however it went: the pipe on standard input then ends. It is a program of its own, in
// plain JavaScript, so that it runs from sources and from the package alike.
//
// usage: warden.js TOKEN. Each line of standard input is one of
//   {"started":{"pid":1,"startTime":2}}  {"ended":{"pid":1}}  {"made":"/path"}  {"removed":"/path"}
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

const GONE_MS_MAX = 10_000
const LOOK_EVERY_MS = 20

const token = process.argv[2]
if (token === undefined) throw new Error('usage: warden.js TOKEN')

const started = new Map()
const directories = new Set()

// Ctrl-C goes to everybody on the terminal; the warden must outlast the command line.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(name, () => {})

createInterface({ input: process.stdin })
  .on('line', (line) => note(JSON.parse(line)))
  .on('close', () => void cleanUp())

function note(event) {
  if (event.started) started.set(event.started.pid, event.started.startTime)
  if (event.ended) started.delete(event.ended.pid)
  if (event.made) directories.add(event.made)
  if (event.removed) directories.delete(event.removed)
}

async function cleanUp() {
  // Again and again: what is being killed may just have started a process of its own.
  for (let waitedMs = 0; waitedMs < GONE_MS_MAX; waitedMs += LOOK_EVERY_MS) {
    const left = survivors()
    if (left.length === 0) break
    for (const pid of left) kill(pid)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  for (const directory of directories) {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  }
  process.exit(0)
}

/**
 * What was reported and still is the same process (a number alone may have been given to another
 * one since), and whatever carries the token that children inherit: what a node started, and what
 * was started in the instant before the command line could report it.
 */
function survivors() {
  const reported = [...started].filter(([pid, time]) => startTimeOf(pid) === time)
  const marked = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && carriesToken(pid))
  return [...new Set([...reported.map(([pid]) => pid), ...marked])]
}

/** Field 22 of /proc/PID/stat; undefined when the process is gone or only a zombie. */
function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : Number(fields[19])
  } catch {
    return undefined
  }
}

function carriesToken(pid) {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
    return environment.split('\0').includes(`RAFTMARK_GUARD=${token}`)
  } catch {
    return false // gone, or another user's
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone in the meantime.
  }
}

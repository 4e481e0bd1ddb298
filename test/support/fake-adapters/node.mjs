// A node that keeps no log: it only starts, and ends, in the way that its first argument names.
// usage: node.mjs WAY CONFIG.json
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

const [way, configFile] = process.argv.slice(2)
const config = JSON.parse(readFileSync(configFile, 'utf8'))
const line = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)
const handshake = { raftmark: 1, address: config.listen }
const serve = (message = handshake) => {
  const [host, port] = config.listen.split(':')
  const server = createServer()
  server.once('error', () => process.exit(98))
  server.listen({ host, port: Number(port) }, () => line(message))
}
const endWithInput = () => process.stdin.on('end', () => process.exit(0)).resume()
const stay = () => setInterval(() => undefined, 60_000)

const ways = {
  good: () => {
    endWithInput()
    serve()
  },
  slow: () => {
    endWithInput()
    setTimeout(serve, 300)
  },
  'exits-at-once': () => {
    process.stderr.write('cannot open the store\nbecause it is damaged\n')
    process.exitCode = 3
  },
  'prints-nothing': () => {
    process.stderr.write('still thinking\n')
    endWithInput()
  },
  rubbish: () => {
    endWithInput()
    process.stdout.write('Server listening!\n')
  },
  twice: () => {
    endWithInput()
    serve()
    setTimeout(() => line(handshake), 50)
  },
  'wrong-contract': () => {
    endWithInput()
    serve({ ...handshake, raftmark: 99 })
  },
  'wrong-address': () => {
    endWithInput()
    serve({ ...handshake, address: '127.0.0.1:1' })
  },
  stubborn: () => {
    process.on('SIGTERM', () => process.stderr.write('SIGTERM? No.\n'))
    stay()
    serve()
  },
  'waits-for-sigterm': () => {
    stay()
    serve()
  },
  'ends-later': () => {
    endWithInput()
    serve()
    setTimeout(() => process.exit(7), 400)
  },
  'port-taken-once': () => {
    const mark = `${configFile}.tried`
    if (existsSync(mark)) return ways.good()
    writeFileSync(mark, '')
    process.exit(98)
  },
  'port-taken-always': () => process.exit(98),
}

ways[way]()

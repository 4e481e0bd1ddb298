// A node of raftmark in TypeScript. What a node must do stands in handshake.md, and
// `raftmark adapter check DIR` holds it to that.
import { readFileSync } from 'node:fs'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { type Config, CONTRACT, serveContract } from './contract.ts'

const config: Config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
if (config.contract !== CONTRACT) {
  fail(2, `contract ${config.contract} is not spoken here, but ${CONTRACT}`)
}
const server = new Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 })
serveContract(server, config)
server.bindAsync(config.listen, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) fail(error.message.includes('EADDRINUSE') ? 98 : 2, error.message)
  process.stdin.on('end', () => process.exit(0))
  process.stdin.resume()
  process.on('SIGTERM', () => process.exit(0))
  process.stdout.write(`${JSON.stringify({ raftmark: CONTRACT, address: config.listen })}\n`)
})

function fail(code: number, message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}

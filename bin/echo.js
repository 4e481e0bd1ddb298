#!/usr/bin/env node
// Sends back what it is sent, on a port of 127.0.0.1 that it prints: the other end of the loopback
// round trip that calibration measures. It ends when its standard input ends.
import { createServer } from 'node:net'

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => undefined)
  socket.pipe(socket)
})
server.listen({ host: '127.0.0.1', port: 0 }, () => {
  process.stdout.write(`${server.address().port}\n`)
})
process.stdin.on('end', () => process.exit(0)).resume()

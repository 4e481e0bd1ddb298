import { createServer, type Server } from 'node:net'

/** The exit code with which a node says that its port is in use: errno EADDRINUSE of Linux. */
export const EXIT_PORT_TAKEN = 98

/**
 * `count` different TCP ports of 127.0.0.1 that nobody listens on now. Another program may take
 * one before a node does: then the node ends with `EXIT_PORT_TAKEN`, and others are tried.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere))
  const ports = servers.map(portOf)
  await Promise.all(servers.map(close))
  return ports
}

function listenAnywhere(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0 }, () => resolve(server))
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

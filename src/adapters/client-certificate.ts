import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../ports.js'

/** What a TLS connection shows of its peer. */
export function clientCertificate(socket: Socket): ClientCertificate {
  if (!(socket instanceof TLSSocket)) return { verified: false, problem: 'no TLS' }
  const certificate = socket.getPeerCertificate()
  if (Object.keys(certificate).length === 0) return { verified: false, problem: 'no certificate' }
  const { subject, subjectaltname = '' } = certificate
  // Several values of one kind come as a list, whatever the types say.
  const commonNames: unknown[] = [subject.CN].flat()
  const names = [...commonNames.filter(isText), ...dnsNames(subjectaltname)]
  if (socket.authorized) return { verified: true, names }
  const { authorizationError } = socket
  return {
    verified: false,
    problem: `certificate of ${names.join(', ') || 'nobody'}: ${String(authorizationError)}`,
  }
}

/** `DNS:a, IP Address:b, DNS:"c, d"`: quoted is what holds what would separate. */
function dnsNames(text: string): string[] {
  return text.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4)] : []))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

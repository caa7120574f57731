/** CALLs that make a charge point fetch firmware or send what it logged. Times are wall ms. */
import { given } from './outbound-call.js'
import type { OutboundCall } from './outbound-call.js'
import { formatTime } from './time.js'

/** How often it tries in all, and how long it waits between. */
export interface Attempts {
  readonly retries?: number | undefined
  readonly retryIntervalS?: number | undefined
}

export interface LoggedBetween {
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

export function updateFirmware(
  update: { readonly location: string; readonly retrieveAtMs: number } & Attempts,
): OutboundCall<'UpdateFirmware'> {
  const { location, retrieveAtMs, retries, retryIntervalS } = update
  const retrieveDate = formatTime(retrieveAtMs)
  return {
    action: 'UpdateFirmware',
    payload: given({ location, retrieveDate, retries, retryInterval: retryIntervalS }),
  }
}

export function getDiagnostics(
  wanted: { readonly location: string } & Attempts & LoggedBetween,
): OutboundCall<'GetDiagnostics'> {
  const { location, retries, retryIntervalS, fromMs, toMs } = wanted
  return {
    action: 'GetDiagnostics',
    payload: given({
      location,
      retries,
      retryInterval: retryIntervalS,
      startTime: timeOf(fromMs),
      stopTime: timeOf(toMs),
    }),
  }
}

/** Security whitepaper: the firmware comes with the signature of its maker. */
export function signedUpdateFirmware(
  update: {
    readonly requestId: number
    readonly location: string
    readonly retrieveAtMs: number
    readonly installAtMs?: number | undefined
    /** PEM. */
    readonly signingCertificate: string
    /** Base64. */
    readonly signature: string
  } & Attempts,
): OutboundCall<'SignedUpdateFirmware'> {
  const { requestId, retries, retryIntervalS, location, retrieveAtMs, installAtMs } = update
  const { signingCertificate, signature } = update
  return {
    action: 'SignedUpdateFirmware',
    payload: given({
      requestId,
      retries,
      retryInterval: retryIntervalS,
      firmware: given({
        location,
        retrieveDateTime: formatTime(retrieveAtMs),
        installDateTime: timeOf(installAtMs),
        signingCertificate,
        signature,
      }),
    }),
  }
}

export function getLog(
  wanted: {
    readonly requestId: number
    readonly logType: 'DiagnosticsLog' | 'SecurityLog'
    readonly location: string
  } & Attempts &
    LoggedBetween,
): OutboundCall<'GetLog'> {
  const { requestId, logType, location, retries, retryIntervalS, fromMs, toMs } = wanted
  return {
    action: 'GetLog',
    payload: given({
      logType,
      requestId,
      retries,
      retryInterval: retryIntervalS,
      log: given({
        remoteLocation: location,
        oldestTimestamp: timeOf(fromMs),
        latestTimestamp: timeOf(toMs),
      }),
    }),
  }
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : formatTime(ms)
}

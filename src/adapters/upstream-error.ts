export type UpstreamErrorCode =
  /** There is no session with the broker. */
  | 'offline'
  /** Too many publishes are unanswered already. */
  | 'busy'
  /** No acknowledgement in time: the broker may have the message or not. */
  | 'timeout'
  /** The connection broke: the broker may have the message or not. */
  | 'lost'
  /** The broker answered that it does not take the message. */
  | 'refused'
  | 'stopped'

/** Why a message was not published. */
export class UpstreamError extends Error {
  readonly code: UpstreamErrorCode

  constructor(code: UpstreamErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'UpstreamError'
    this.code = code
  }
}

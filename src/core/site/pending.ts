/** A charge point that came and that the depot does not have. Times are wall ms. */
export interface PendingCharger {
  readonly chargePointId: string
  readonly remoteAddress: string
  readonly state: PendingState
  readonly connected: boolean
  /** Connections it asked for. */
  readonly attempts: number
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  readonly vendor: string | undefined
  readonly model: string | undefined
  readonly serialNumber: string | undefined
  readonly firmwareVersion: string | undefined
  /** As far as it says; 0: it does not. */
  readonly connectors: number
  /** It has taken a limit of 0 A. */
  readonly heldAtZero: boolean
  /** Transactions it began, each of which was refused. */
  readonly starts: number
  /** As it last reported. */
  readonly powerW: number | undefined
}

/** `pending`: connected, and waits for a place. */
export type PendingState = 'pending' | 'turned-away' | 'rejected'

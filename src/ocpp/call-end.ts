/** How a CALL of ours ended. */
export type CallEnd =
  | { readonly type: 'answered'; readonly payload: unknown; readonly late: boolean }
  | {
      readonly type: 'refused'
      readonly code: string
      readonly description: string
      readonly late: boolean
    }
  | { readonly type: 'timedOut' }
  /** Not connected, or the connection went away before the answer. */
  | { readonly type: 'disconnected' }
  /** Never sent: it would work around the ledger, or too many wait. */
  | { readonly type: 'notSent'; readonly reason: string }

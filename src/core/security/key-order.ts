/** How an operator gives a charge point an authorization key, and what comes of it. */

export interface KeyOrder {
  /** By hand: people type it into the charge point. */
  readonly via: 'ocpp' | 'hand'
  /** In hex; undefined: a new random one. */
  readonly key?: string | undefined
  /** By hand only: the older keys end at once, they may be known to others. */
  readonly revokesOthers?: boolean
}

export type KeyOutcome =
  /** By hand: this is the only time it can be seen. */
  | { readonly type: 'made'; readonly hex: string; readonly text: string | undefined }
  /** Over OCPP: the older ones end when it connects with the new one. */
  | { readonly type: 'accepted' }
  /** The older ones stay valid, alone. */
  | { readonly type: 'refused'; readonly why: string }
  /** Both are valid until it connects with one of them. */
  | { readonly type: 'unanswered'; readonly why: string }
  | { readonly type: 'invalid' | 'conflict'; readonly message: string }

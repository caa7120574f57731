/** What the site keeps of the security of its charge points. */

/** OCPP 1.6 security whitepaper: 0 nothing, 1 Basic authentication, 2 with TLS, 3 client certificates. */
export type SecurityProfile = 0 | 1 | 2 | 3

/** An authorization key as it is kept. Both in hex. */
export interface KeyHash {
  readonly salt: string
  readonly hash: string
}

export interface StoredKey extends KeyHash {
  /** Sent: it may or may not have arrived. Accepted: the charge point has said so, or an operator. */
  readonly state: 'sent' | 'accepted'
}

/** Valid keys of a charge point, oldest first; more than one while they are being changed. */
export type StoredKeys = readonly StoredKey[]

export interface ChargePointSecurity {
  keys: StoredKeys
  /** The highest profile that it has used, unless an operator has lowered it since. */
  usedProfile: SecurityProfile
}

export interface SecurityEvent {
  /** Unique for ever. */
  readonly id: string
  /** When it was noted. */
  readonly wallMs: number
  readonly source: 'charge_point' | 'gateway'
  /** A word of the whitepaper (section 8) or one of ours, written in the same way. */
  readonly event: string
  readonly critical: boolean
  /** The charge point it is about; of a login the one that somebody claims to be. */
  readonly chargePointId: string | undefined
  readonly remoteAddress: string | undefined
  readonly text: string | undefined
  /** As the charge point dates it. */
  readonly atWallMs: number | undefined
  /** How often it has happened since it was noted last. */
  readonly count: number
}

export interface SecurityState {
  /** By charge point id; only of those the depot knows. */
  readonly chargePoints: Map<string, ChargePointSecurity>
  /** Oldest first, bounded. */
  readonly events: SecurityEvent[]
  /** How many this process has noted: a part of the next id. */
  noted: number
}

/** These keys, and no others, are valid from now on. */
export interface KeysChanged {
  readonly type: 'keysChanged'
  readonly chargePointId: string
  readonly keys: StoredKeys
}

/** It has used this profile, or an operator has lowered what it must use at least. */
export interface ProfileUsed {
  readonly type: 'profileUsed'
  readonly chargePointId: string
  readonly profile: SecurityProfile
}

export interface SecurityEventNoted {
  readonly type: 'securityEventNoted'
  readonly noted: SecurityEvent
}

import type { Depot, IdTag } from './depot.js'

export type IdTagStatus = 'Accepted' | 'Blocked' | 'Invalid'

/** With no id tags configured every tag is accepted. Tags compare without case (OCPP 1.6 3.9). */
export function authorise(depot: Depot, idTag: string): IdTagStatus {
  if (depot.idTags.size === 0) return 'Accepted'
  const known = findIdTag(depot, idTag)
  if (!known) return 'Invalid'
  return known.blocked === true ? 'Blocked' : 'Accepted'
}

export function findIdTag(depot: Depot, idTag: string): IdTag | undefined {
  return depot.idTags.get(idTag.toLowerCase())
}

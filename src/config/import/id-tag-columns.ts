/** What a table of id tags may state. */
export const ID_TAG_COLUMNS = [
  'id_tag',
  'parent_id_tag',
  'expires_at',
  'max_active_transactions',
  'priority',
  'blocked',
] as const

export type IdTagColumn = (typeof ID_TAG_COLUMNS)[number]

/** What a charger said it can do when it was asked, and what it takes of what it is asked to send. */
export interface Capabilities {
  /** Wall ms. */
  readonly atMs: number
  /** Of whom: another firmware is asked anew. */
  readonly vendor: string | undefined
  readonly model: string | undefined
  readonly firmware: string | undefined
  /** Whether it tells all its settings at once, one by one, or none. */
  readonly configuration: 'all' | 'single' | 'none'
  readonly featureProfiles?: readonly string[] | undefined
  /** Of limits. */
  readonly units?: readonly ('A' | 'W')[] | undefined
  /** Levels from 0 to this. */
  readonly maxStackLevel?: number | undefined
  readonly maxPeriods?: number | undefined
  readonly maxProfiles?: number | undefined
  readonly connectors?: number | undefined
  /** In one GetConfiguration. */
  readonly maxKeys?: number | undefined
  /** Undefined: it takes no list. */
  readonly measurands?: readonly string[] | undefined
  /** Between samples, as it takes it. */
  readonly meterIntervalS?: number | undefined
}

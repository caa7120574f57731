/** What a charge point shows of itself, as plain data. */
import type { SimulatedChargePoint } from '../simulated-charge-point.js'
import type { SteeredEv } from '../steered-ev.js'
import { timeText } from '../wire-fields.js'
import type { ChargePointRig } from './rig.js'

export interface ConnectorReport {
  readonly connector: number
  readonly status: string
  /** A per phase: what its control pilot offers the car; 0 without a transaction. */
  readonly offer: number
  /** A per phase: what its profiles and its hardware allow, with or without a transaction. */
  readonly limit: number
  /** A: the highest phase of what the car draws. */
  readonly draw: number
  readonly power_w: number
  /** Wh: the register of the connector. */
  readonly energy: number
  readonly transaction: number | null
  readonly id_tag: string | null
  /** %, of the car that is there. */
  readonly soc: number | null
  readonly phases: number | null
}

export interface ChargePointReport {
  readonly charge_point: string
  readonly connected: boolean
  readonly accepted: boolean
  readonly status: string
  /** By its own clock. */
  readonly time: string
  readonly profiles: number
  /** Messages about transactions that wait for an answer. */
  readonly queue: number
  /** CALLs received so far. */
  readonly calls: Readonly<Record<string, number>>
  /** Frames that no charge point could understand. */
  readonly complaints: number
  readonly connectors: readonly ConnectorReport[]
}

const VOLTAGE_V = 230

export function reportOf(
  { chargePoint }: ChargePointRig,
  carOf: (connectorId: number) => SteeredEv | undefined,
): ChargePointReport {
  return {
    charge_point: chargePoint.identity,
    connected: chargePoint.isConnected(),
    accepted: chargePoint.isAccepted(),
    status: chargePoint.status(0),
    time: timeText(chargePoint.wallMs()),
    profiles: chargePoint.profiles().length,
    queue: chargePoint.keptMessages(),
    calls: Object.fromEntries(chargePoint.callsReceived()),
    complaints: chargePoint.complaints().length,
    connectors: chargePoint.connectors.map((_, index) => {
      return connectorReport(chargePoint, index + 1, carOf(index + 1))
    }),
  }
}

export function connectorReport(
  chargePoint: SimulatedChargePoint,
  id: number,
  car: SteeredEv | undefined,
): ConnectorReport {
  const drawA = chargePoint.drawA(id)
  return {
    connector: id,
    status: chargePoint.status(id),
    offer: tenths(chargePoint.offeredA(id)),
    limit: tenths(chargePoint.limitA(id)),
    draw: tenths(Math.max(...drawA)),
    power_w: Math.round((drawA[0] + drawA[1] + drawA[2]) * VOLTAGE_V),
    energy: Math.floor(chargePoint.energyWh(id)),
    transaction: chargePoint.transactionId(id) ?? null,
    id_tag: chargePoint.idTag(id) ?? null,
    soc: car ? tenths(car.socPercent()) : null,
    phases: car?.phases ?? null,
  }
}

export function connectorText(report: ConnectorReport): string {
  const { connector, status, offer, draw, energy, transaction, id_tag: idTag, soc } = report
  return [
    `connector ${connector} ${status}`,
    `offer ${offer} A`,
    `draws ${draw} A`,
    `${(energy / 1000).toFixed(2)} kWh`,
    ...(transaction === null ? [] : [`transaction ${transaction} (${idTag})`]),
    ...(soc === null ? [] : [`car at ${soc} %`]),
  ].join(', ')
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}

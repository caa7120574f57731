/**
 * What is known of models of chargers, by public reports. Of several that fit the later one wins, so
 * what is of one model or firmware stands behind what is of the whole vendor. Whoever has a charger
 * that is none of these states the same fields of it himself.
 */
import type { QuirkRecord } from '../../core/site/quirks.js'

const ENERGY = 'Energy.Active.Import.Register'
const POWER = 'Power.Active.Import'
const CURRENT = 'Current.Import'

export const QUIRK_RECORDS: readonly QuirkRecord[] = [
  {
    id: 'abb-terra-ac',
    vendor: /^abb\b/i,
    model: /terra|^mtfa|^tac/i,
    quirks: { stackLevel: 0, pauseMethod: 'remoteStop' },
    symptom: 'refuses profiles above stack level 0, and a limit of 0 A',
    source: 'evcc-io/evcc #15493, #28868, #12728; mobilityhouse/ocpp #372',
  },
  {
    id: 'abb-terra-ac-1.8.21',
    vendor: /^abb\b/i,
    model: /terra|^mtfa|^tac/i,
    firmware: { upTo: '1.8.21' },
    quirks: { measurands: [ENERGY, POWER] },
    symptom: 'boots without end once it is asked for many measurands',
    source: 'lbbrhzn/ocpp #1275',
  },
  {
    id: 'wallbox',
    vendor: /^wall ?box/i,
    quirks: { kind: 'Relative', pollMeterValues: true, clearOnConnect: true },
    symptom:
      'ignores absolute profiles, accepts an interval and sends no meter values, keeps the limit of ' +
      'another back end (9 A)',
    source: 'evcc-io/evcc #31597, #27203, template ocpp-wallbox',
  },
  {
    id: 'wallbox-5',
    vendor: /^wall ?box/i,
    firmware: { from: '5' },
    quirks: { stackLevel: 0, autoRemoteStart: true },
    symptom: 'from firmware 5 on: profiles at stack level 0 alone, and starts nothing by itself',
    source: 'evcc-io/evcc template ocpp-wallbox-fw5',
  },
  {
    id: 'easee',
    vendor: /^easee/i,
    quirks: { meterIntervalMinS: 30, profileIntervalMinS: 30, autoRemoteStart: true },
    symptom: 'takes no interval below 30 s, and starts nothing by itself',
    source: 'evcc-io/evcc template ocpp-easee',
  },
  {
    id: 'evbox',
    vendor: /^ev-?box/i,
    quirks: { measurands: [CURRENT, POWER, ENERGY] },
    symptom: 'refuses a list of measurands with Current.Offered, Power.Offered or SoC in it',
    source: 'lbbrhzn/ocpp #221, #1703; evcc-io/evcc template',
  },
  {
    id: 'huawei-scharger',
    vendor: /^huawei/i,
    quirks: { unit: 'W', pauseMethod: 'minimum' },
    symptom: 'knows limits in watts only, and ends the session at 0 W',
    source: 'evcc-io/evcc #29274, #29272; lbbrhzn/ocpp #1144',
  },
  {
    id: 'en-plus',
    vendor: /^(?:en\+|en ?plus|autoaid|solax|sungrow)/i,
    quirks: { autoRemoteStart: true, noChangeAvailability: true, pollMeterValues: true },
    symptom:
      'goes from Preparing to Finishing unless it is told to start, refuses ChangeAvailability, accepts ' +
      'measurands and sends none',
    source: 'evcc-io/evcc #15752, #14673, #15691, template',
  },
  {
    id: 'autel',
    vendor: /^autel/i,
    quirks: { autoRemoteStart: true },
    symptom: 'starts nothing by itself',
    source: 'evcc-io/evcc template',
  },
  {
    id: 'mennekes',
    vendor: /^mennekes/i,
    quirks: { meterIntervalMinS: 60, profileIntervalMinS: 60, profileDurationS: 600 },
    symptom: 'takes no interval below 60 s',
    source: 'evcc-io/evcc templates; mikuso/ocpp-rpc #69',
  },
  {
    id: 'alpitronic',
    vendor: /^alpitronic/i,
    quirks: { minPowerW: 3600, pauseMethod: 'minimum' },
    symptom: 'goes Unavailable (NoFreePower) at 0 W, and gives nothing below about 3.6 kW',
    source: 'evcc-io/evcc #28493, #26043',
  },
]

/** What is reported of chargers in the field, and what is done about each: a record, or why there is none. */
export interface FieldReport {
  readonly who: string
  readonly what: string
  /** Ids of records. */
  readonly records: readonly string[]
  /** What holds for every charger, or why nothing is done; empty where the records say it all. */
  readonly why: string
}

export const FIELD_REPORTS: readonly FieldReport[] = [
  {
    who: 'ABB Terra AC',
    what: 'refuses profiles at its highest stack level, and 0 A',
    records: ['abb-terra-ac'],
    why: '',
  },
  {
    who: 'ABB Terra AC up to 1.8.21',
    what: 'boots without end when many measurands are configured',
    records: ['abb-terra-ac-1.8.21'],
    why: 'Measurands and interval are read first, and written only where they differ',
  },
  {
    who: 'ABB Terra AC',
    what: 'sends StartTransaction again with the time it had, resets after a new key',
    records: [],
    why: 'A start that comes again gets the transaction id it had, with every charger',
  },
  {
    who: 'Alfen Eve',
    what: 'a context that is no word, stored history in a flood',
    records: [],
    why: 'A wrong word never costs the message, and what is old by its time is history, with every charger',
  },
  {
    who: 'Wallbox Pulsar, Copper',
    what: 'no BootNotification, meter values that never come, old limits, relative profiles only',
    records: ['wallbox', 'wallbox-5'],
    why: 'Without a boot its model is not known: state its quirks with the charger',
  },
  {
    who: 'Wallbox',
    what: 'unknown transaction ids, meter values months old',
    records: [],
    why: 'What belongs to no transaction changes none, and is answered, with every charger',
  },
  {
    who: 'Easee',
    what: 'no interval below 30 s, does not start by itself',
    records: ['easee'],
    why: '',
  },
  {
    who: 'Zaptec Go, Pro',
    what: 'no smart charging, or no power in OCPP mode; registers near 2^32',
    records: [],
    why: 'Its capabilities say so; it takes no limit, counts as unprotected, and goes out of service where that does not fit. An impossible register is passed over',
  },
  {
    who: 'EVBox Elvi, BusinessLine',
    what: 'refuses limits of the charge point and long lists of measurands, wrong phase rotation',
    records: ['evbox'],
    why: 'Limits of the charge point are the last form that is tried. The rotation is of the wiring: state phase_rotation, or let the probe find it',
  },
  {
    who: 'Huawei SCharger',
    what: 'watts only, 0 W ends the session, an unknown measurand',
    records: ['huawei-scharger'],
    why: '',
  },
  {
    who: 'EN+, Autoaid, SolaX, Sungrow',
    what: 'Finishing after a while in Preparing, many DataTransfers, no measurands, no ChangeAvailability',
    records: ['en-plus'],
    why: 'A DataTransfer that nobody knows is answered UnknownVendorId, with every charger',
  },
  {
    who: 'Autel MaxiCharger',
    what: 'no relative limits of the charge point, does not start by itself',
    records: ['autel'],
    why: 'Limits of the charge point are never relative',
  },
  {
    who: 'Heidelberg, Amperfied',
    what: 'empty texts, takes profiles and ignores them, state of charge in volts',
    records: [],
    why: 'Empty texts are no zeros, and who draws more than he may counts with what he draws, with every charger',
  },
  {
    who: 'Schneider EVlink',
    what: 'long serial numbers, a setting that keeps others from controlling it',
    records: [],
    why: 'No length of a text matters. The setting is to be changed at the charger; `stack_level: max` stands above what is in it',
  },
  {
    who: 'Charge Amps, Legrand, Grizzl-E',
    what: 'Hz for a unit, Error for an error code, no subprotocol, ignores limits of the charge point',
    records: [],
    why: 'Words are read as far as they make sense, with every charger; limits of the charge point are the last form that is tried. Who offers no subprotocol is refused: before the connection there is no charger to know anything of',
  },
  {
    who: 'Mennekes ACU, 4you',
    what: 'cannot read fractions of a second, no interval below 60 s',
    records: ['mennekes'],
    why: 'No time that is sent has a fraction of a second, to no charger',
  },
  {
    who: 'go-e',
    what: 'refuses a start with a profile, takes a profile and ignores it',
    records: [],
    why: 'A profile is sent once the transaction runs, never with its start; ignoring shows in what is drawn',
  },
  {
    who: 'Phoenix CHARX',
    what: 'takes RemoteStart only with FreeMode on',
    records: [],
    why: 'A setting of the charger, to be made there',
  },
  {
    who: 'Daheimladen and others',
    what: 'no allowed unit, spaces in lists, W and A for units',
    records: [],
    why: 'Lists are read with any separators, and what is not said is amperes, with every charger',
  },
  {
    who: 'Orbis Viaris',
    what: 'nonsense in the composite schedule, local time as UTC',
    records: [],
    why: 'A composite schedule is a hint, no more than was told; clocks are compared with ours, with every charger',
  },
  {
    who: 'FoxESS',
    what: 'dials again after 6 to 19 minutes only',
    records: [],
    why: 'Out of sight a charger keeps its share, and nobody waits for it',
  },
  {
    who: 'KEBA',
    what: 'a setting of its own for the limit, huge numbers',
    records: [],
    why: 'A setting neither ends by itself nor says what it limits: it is not used. Numbers that cannot be are passed over',
  },
  {
    who: 'Alpitronic HYC',
    what: 'Unavailable at 0 W, nothing below 3.6 kW',
    records: ['alpitronic'],
    why: '',
  },
  {
    who: 'Ocular, BS',
    what: 'meter values after StopTransaction, Finishing until unplugged',
    records: [],
    why: 'Late values are answered and change nothing, with every charger',
  },
  {
    who: 'Kempower, Delta, Webasto',
    what: 'nothing in particular',
    records: [],
    why: 'Nothing to do',
  },
  {
    who: 'any clock',
    what: 'local time as UTC, 1970',
    records: [],
    why: 'The time of receipt counts beside the time that is said, and absolute profiles go only to clocks that were seen right, with every charger',
  },
  {
    who: 'any HTTP stack',
    what: 'no Connection: Upgrade',
    records: [],
    why: 'It is not asked for, of no charger',
  },
  {
    who: 'any line',
    what: 'a second connection while the first is not closed',
    records: [],
    why: 'The newest connection counts, and the late end of the old one changes nothing, with every charger',
  },
  {
    who: 'any profile',
    what: 'a moment at full power while a profile is replaced',
    records: [],
    why: 'A profile is replaced by its id, never cleared before, with every charger',
  },
  {
    who: 'any stack, offline',
    what: 'keeps a TxProfile, misses that the line is dead',
    records: [],
    why: 'Every offer above the fallback ends by itself, and a line without an answer to two pings is dead, with every charger',
  },
]

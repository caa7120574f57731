/** The arguments of `yardmaster certs`. */
import { type Command, InvalidArgumentError } from 'commander'
import type { Io } from './io.js'

/** Adds `certs` to the program; its exit code goes to `ended`. */
export function addCertsCommand(program: Command, io: Io, ended: (exitCode: number) => void): void {
  const certs = program
    .command('certs')
    .description('make and look after the certificates of a site (OCPP security profiles 2 and 3)')
  const dir = ['--dir <dir>', 'folder of the CA and of all it makes', 'certs'] as const
  // Loaded when it is called: the library behind it is not small.
  const load = async () => await import('./certs.js')

  certs
    .command('ca')
    .description('make the CA of the site, once')
    .option(...dir)
    .option('--name <name>', 'name of the CA and of the organisation', 'Yardmaster site CA')
    .option('--days <n>', 'valid for so long', days, 7300)
    .action(async (options: CaOptions) => ended(await (await load()).makeCa(options, io)))

  certs
    .command('server')
    .description('make or renew the certificates of the gateway, one RSA and one EC')
    .option(...dir)
    .requiredOption('--host <host...>', 'names and addresses that chargers reach it by')
    .option('--days <n>', 'valid for so long', days, 397)
    .action(async (options: ServerOptions) => ended(await (await load()).makeServer(options, io)))

  certs
    .command('charger')
    .description('make the certificate of a charger (profile 3)')
    .argument('<id>', 'its charge point id')
    .option(...dir)
    .option('--rsa', 'with an RSA key, for chargers that know no EC')
    .option('--days <n>', 'valid for so long', days, 730)
    .action(async (id: string, options: ChargerOptions) =>
      ended(await (await load()).makeCharger(id, options, io)),
    )

  certs
    .command('sign')
    .description('sign the certificate request (CSR) of a charger')
    .argument('<file>', 'the request, PEM')
    .requiredOption('--charge-point-id <id>', 'whose it is')
    .option(...dir)
    .option('--days <n>', 'valid for so long', days, 730)
    .action(async (file: string, options: SignOptions) =>
      ended(await (await load()).signRequest(file, options, io)),
    )

  certs
    .command('revoke')
    .description('revoke a certificate that this CA has made: adds it to crl.pem')
    .argument('<file>', 'the certificate, PEM')
    .option(...dir)
    .action(async (file: string, options: DirOptions) =>
      ended(await (await load()).revoke(file, options, io)),
    )

  certs
    .command('list')
    .description('list the certificates and when they expire; exit 1 if one does soon')
    .option(...dir)
    .option('--warn-days <n>', 'soon is within so many days', days, 30)
    .action(async (options: ListOptions) => ended(await (await load()).list(options, io)))
}

export interface DirOptions {
  readonly dir: string
}

export interface CaOptions extends DirOptions {
  readonly name: string
  readonly days: number
}

export interface ServerOptions extends DirOptions {
  readonly host: readonly string[]
  readonly days: number
}

export interface ChargerOptions extends DirOptions {
  readonly rsa?: boolean
  readonly days: number
}

export interface SignOptions extends DirOptions {
  readonly chargePointId: string
  readonly days: number
}

export interface ListOptions extends DirOptions {
  readonly warnDays: number
}

function days(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= 36_500) return value
  throw new InvalidArgumentError('It must be a whole number of days from 1 to 36500.')
}

import type { Command } from 'commander'
import { VEHICLE_COLUMNS } from '../config/import/vehicle-columns.js'
import type { ImportHolidaysOptions } from './import.js'
import { ID_TAG_COLUMNS } from '../config/import/id-tag-columns.js'
import type { ExportIdTagsOptions, ImportIdTagsOptions } from './id-tags.js'
import type { ImportVehiclesOptions } from './import-vehicles.js'
import type { ImportBalanzOptions } from './import-balanz.js'
import type { Io } from './io.js'

export function addImportCommand(
  program: Command,
  io: Io,
  ended: (exitCode: number) => void,
): void {
  const all = program
    .command('import')
    .description('turn what other programs wrote into a configuration')

  all
    .command('balanz')
    .description('the model of balanz: groups.csv, chargers.csv, tags.csv of a folder')
    .argument('<dir>', 'folder of the model files')
    .option('--out <file>', 'write there instead of stdout')
    .option('--timezone <zone>', 'of the times (default: that of this machine)')
    .action(async (folder: string, options: ImportBalanzOptions) => {
      const { importBalanz } = await import('./import-balanz.js')
      ended(await importBalanz(folder, options, io))
    })

  all
    .command('holidays')
    .description('the days of a calendar file (ICS) as a list that schedules can name')
    .argument('<file>', 'calendar file, such as the public holidays of a state')
    .option('--name <id>', 'what schedules call the list', 'holidays')
    .option('--out <file>', 'write there instead of stdout')
    .action(async (file: string, options: ImportHolidaysOptions) => {
      const { importHolidays } = await import('./import.js')
      ended(await importHolidays(file, options, io))
    })

  all
    .command('id-tags')
    .description('add and change the id tags of a running gateway by a table (CSV)')
    .argument('<file>', `CSV with a head line: ${ID_TAG_COLUMNS.join(', ')}`)
    .option('--url <url>', 'the gateway', 'http://127.0.0.1:8000')
    .option('--token <token>', 'its REST token (default: $YARDMASTER_TOKEN)')
    .option('--replace', 'delete the id tags that the table does not name')
    .option('--dry-run', 'say what would be done, and do nothing')
    .addHelpText('after', '\nExit codes: 0 done, 1 the gateway refused or is away, 2 bad file')
    .action(async (file: string, options: ImportIdTagsOptions) => {
      const { importIdTags } = await import('./id-tags.js')
      ended(await importIdTags(file, options, io))
    })

  all
    .command('vehicles')
    .description('create or change the vehicles of a running gateway by a table (CSV)')
    .argument('<file>', `CSV with a head line: ${VEHICLE_COLUMNS.join(', ')}`)
    .option('--url <url>', 'the gateway', 'http://127.0.0.1:8000')
    .option('--token <token>', 'its REST token (default: $YARDMASTER_TOKEN)')
    .option('--dry-run', 'say what would be done, and do nothing')
    .addHelpText('after', '\nExit codes: 0 done, 1 the gateway refused or is away, 2 bad file')
    .action(async (file: string, options: ImportVehiclesOptions) => {
      const { importVehicles } = await import('./import-vehicles.js')
      ended(await importVehicles(file, options, io))
    })
}

export function addExportCommand(
  program: Command,
  io: Io,
  ended: (exitCode: number) => void,
): void {
  program
    .command('export')
    .description('write what a running gateway holds')
    .command('id-tags')
    .description('the id tags as a table (CSV) that import takes')
    .option('--out <file>', 'write there instead of stdout')
    .option('--url <url>', 'the gateway', 'http://127.0.0.1:8000')
    .option('--token <token>', 'its REST token (default: $YARDMASTER_TOKEN)')
    .action(async (options: ExportIdTagsOptions) => {
      const { exportIdTags } = await import('./id-tags.js')
      ended(await exportIdTags(options, io))
    })
}

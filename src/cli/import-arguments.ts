import type { Command } from 'commander'
import type { ImportHolidaysOptions } from './import.js'
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
    .command('holidays')
    .description('the days of a calendar file (ICS) as a list that schedules can name')
    .argument('<file>', 'calendar file, such as the public holidays of a state')
    .option('--name <id>', 'what schedules call the list', 'holidays')
    .option('--out <file>', 'write there instead of stdout')
    .action(async (file: string, options: ImportHolidaysOptions) => {
      const { importHolidays } = await import('./import.js')
      ended(await importHolidays(file, options, io))
    })
}

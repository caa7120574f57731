/** Preloaded into a measured server: SIGUSR2 collects its garbage, as V8 would do sooner or later. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
process.on('SIGUSR2', () => {
  // What the first one frees may keep finalizers waiting for the second.
  collect()
  collect()
})

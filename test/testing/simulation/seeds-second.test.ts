import { fixedSeedsHold } from './seed-batch.js'

fixedSeedsHold('second')

import { fixedSeedsHold } from './seed-batch.js'

fixedSeedsHold('first')

import { seedsOfTheDayHold } from './seed-batch.js'

seedsOfTheDayHold('second')

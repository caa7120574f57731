/** Writes docs/quirks.md from the built records: npm run build && node scripts/generate-quirks-doc.js */
import { writeFileSync } from 'node:fs'
import { quirkFields, quirkWireName } from '../dist/config/quirk-schema.js'
import { quirksDocument } from '../dist/ocpp/quirks/document.js'

const file = new URL('../docs/quirks.md', import.meta.url)
writeFileSync(file, quirksDocument(quirkFields(), quirkWireName))

/** /files and /firmware: what charge points have sent, and what they may fetch. */
import { z } from 'zod'
import { formatTime } from '../ocpp/v16/time.js'
import type { StoredFile } from '../ports.js'
import type { Backend } from './backend.js'
import type { Call, Endpoint } from './endpoint.js'
import { bodyOf, fileResponse } from './file-transfers.js'
import { json } from './json.js'
import { refusal } from './refusal.js'

export const fileSchema = z.object({
  id: z.string(),
  kind: z.enum(['log', 'firmware']).describe('log: sent by a charge point; firmware: for them'),
  name: z.string(),
  bytes: z.number(),
  sha256: z.string().describe('Hexadecimal'),
  at: z.string(),
  charger_id: z.string().nullable().describe('Who sent it'),
  ocpp_charge_point_id: z.string().nullable(),
})

export function fileEndpoints(backend: Backend): Endpoint[] {
  const { files } = backend

  const shown = (file: StoredFile): z.infer<typeof fileSchema> => {
    const { chargers } = backend.view()
    const { chargePointId } = file
    const found = chargers.find(({ charger }) => charger.ocppChargePointId === chargePointId)
    return {
      id: file.id,
      kind: file.kind,
      name: file.name,
      bytes: file.bytes,
      sha256: file.sha256,
      at: formatTime(file.wallMs),
      charger_id: chargePointId === undefined ? null : (found?.charger.id ?? null),
      ocpp_charge_point_id: chargePointId ?? null,
    }
  }

  const download = async ({ request, id }: Call): Promise<Response> => {
    const file = files.list().find((one) => one.id === id)
    return file ? fileResponse(files, request, file) : unknown(id)
  }

  const remove = async ({ id }: Call): Promise<Response> =>
    (await files.remove(id)) ? new Response(null, { status: 204 }) : unknown(id)

  const store = async ({ request, id: name }: Call): Promise<Response> => {
    const outcome = await files.store(name, bodyOf(request))
    if (outcome === 'none') return refusal(409, 'this gateway keeps no files')
    if (outcome.ok) return json(201, shown(outcome.file))
    switch (outcome.why) {
      case 'brokenOff':
        return refusal(400, 'the body broke off')
      case 'noRoom':
        return refusal(409, 'there is no room: delete firmware that nobody needs any more')
      case 'tooLarge':
        return refusal(413, 'the firmware is too large')
    }
  }

  return [
    {
      tag: 'files',
      method: 'get',
      path: '/files',
      summary: 'Logs that charge points have sent, and firmware for them',
      success: { status: 200, listOf: 'File' },
      answer: () => json(200, files.list().map(shown)),
    },
    {
      tag: 'files',
      method: 'get',
      path: '/files/{id}',
      summary: 'Download',
      success: { status: 200, binary: 'The file' },
      answer: download,
    },
    {
      tag: 'files',
      method: 'delete',
      path: '/files/{id}',
      summary: 'Delete it; who was told to fetch it cannot any more',
      success: { status: 204 },
      answer: remove,
    },
    {
      tag: 'files',
      method: 'put',
      path: '/firmware/{id}',
      summary: 'Keep firmware under this name for charge points to fetch',
      binaryBody: true,
      success: { status: 201, schema: 'File' },
      answer: store,
    },
  ]
}

function unknown(id: string): Response {
  return refusal(404, `no file has the id ${JSON.stringify(id)}`)
}

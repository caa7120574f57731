/** Changes of the depot through REST: one after the other, each on what the one before left. */
import type { DepotEdit } from '../core/site/edit.js'
import type { View } from '../core/site/view.js'
import type { Backend } from './backend.js'
import { refusal, refusedEdit } from './refusal.js'

export interface Changes {
  /**
   * `wanted` looks at the site as it is when its turn comes, and gives the edit or a refusal;
   * `done` answers with the site as it is afterwards.
   */
  make(
    wanted: (view: View) => DepotEdit | Response,
    done: (view: View) => Response,
  ): Promise<Response>
}

const MAX_WAITING = 100

/** `failed` is told when a change could not be written. */
export function createChanges(backend: Backend, failed: (error: unknown) => void): Changes {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const makeNow: Changes['make'] = async (wanted, done) => {
    const edit = wanted(backend.view())
    if (edit instanceof Response) return edit
    try {
      const outcome = await backend.change(edit)
      if (!outcome.ok) return refusedEdit(outcome.problem)
    } catch (error) {
      failed(error)
      return refusal(503, 'the change could not be written to disk, so it was not made')
    }
    return done(backend.view())
  }

  return {
    make(wanted, done) {
      if (waiting >= MAX_WAITING) {
        const message = `${MAX_WAITING} changes are waiting for the disk: try again later`
        return Promise.resolve(refusal(503, message, [], { 'retry-after': '5' }))
      }
      waiting += 1
      const response = last
        .then(() => makeNow(wanted, done))
        .finally(() => {
          waiting -= 1
        })
      last = response.catch(() => undefined)
      return response
    },
  }
}

/** Server-sent events out of pieces of text, as the gateway sends them; only `data` counts. */

export interface EventReader {
  /** The data of each event that is complete with this piece. */
  take(piece: string): readonly string[]
}

export function eventReader(): EventReader {
  let rest = ''
  let data: string[] = []
  return {
    take(piece) {
      const complete: string[] = []
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) complete.push(data.join('\n'))
          data = []
        } else if (line.startsWith('data:')) {
          data.push(line.slice(line.startsWith('data: ') ? 6 : 5))
        }
      }
      return complete
    },
  }
}

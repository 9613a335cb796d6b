/** Calls of tools and their results, which this dialect joins by name and order where nobody wrote ids. */
export interface Calls {
  /** The id of a call: its own, or one that is the same whenever this request is read. */
  called(id: string | undefined, name: string): string
  /** The id of the call that a result belongs to. */
  answered(id: string | undefined, name: string): string
}

export function createCalls(): Calls {
  let made = 0
  const open: { readonly id: string; readonly name: string }[] = []
  return {
    called(id, name) {
      const own = id ?? `call_${made++}`
      open.push({ id: own, name })
      return own
    },
    answered(id, name) {
      const same = open.findIndex((call) => call.id === id)
      const at = same >= 0 ? same : open.findIndex((call) => call.name === name)
      const [call] = at < 0 ? [] : open.splice(at, 1)
      return call?.id ?? id ?? `call_${made++}`
    },
  }
}

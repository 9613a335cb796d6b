/** The first words of answers of a server that will take the step in a moment, or of which another one will. */
const PASSING = ['LOADING', 'READONLY', 'CLUSTERDOWN', 'MASTERDOWN', 'TRYAGAIN', 'BUSY']

const MENDS: ReadonlyMap<string, string> = new Map([
  ['LOADING', 'it is still loading its data'],
  ['READONLY', 'it is a replica and takes no writes: name its master in the url'],
  ['CLUSTERDOWN', 'its cluster is down: see that a master serves each slot'],
  ['BUSY', 'it is busy with a script: see which with `SLOWLOG GET`'],
  ['OOM', 'it is out of memory: give it more with `maxmemory`'],
  ['MISCONF', 'it cannot save its data and takes no writes: its own log says why'],
  ['NOAUTH', 'it wants a password: put it into the url'],
  ['WRONGPASS', 'it knows no such user and password: mend them in the url'],
  ['NOPERM', 'its user may not do this: let it run scripts and use the keys under the prefix'],
  ['MOVED', 'it is a node of a cluster: write `cluster: true`'],
])

/** No answer within a step's time. */
export const TIMEOUT = new Error('timeout')

export function isSilence(error: unknown): boolean {
  return error === TIMEOUT || messageOf(error) === 'Command timed out'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** It failed quickly, and may well succeed in a moment: no connection, or an answer that says so. */
export function passes(error: unknown): boolean {
  return isAnswer(error) ? PASSING.includes(wordOf(error)) : !isSilence(error)
}

/** A server that works refused it: asking again helps nobody, and others are not kept from asking. */
export function answered(error: unknown): boolean {
  return isAnswer(error) && !PASSING.includes(wordOf(error))
}

/** What went wrong and how to mend it. Nothing of the error travels on: it may hold what was sent, credentials too. */
export function meaning(error: unknown): string {
  const known = isAnswer(error) ? MENDS.get(wordOf(error)) : undefined
  return known ?? (isAnswer(error) ? `it refused a step: ${messageOf(error)}` : silence(messageOf(error)))
}

/** `trouble`: what is known of the connection. */
export function silence(trouble: string | undefined): string {
  if (trouble === undefined) return 'it did not answer within a second: see that it runs, and near enough'
  const known = MENDS.get(trouble.split(' ')[0] ?? '')
  if (known !== undefined) return known
  if (trouble.includes('cluster support disabled')) return 'it is no cluster: leave out `cluster: true`'
  return `there is no connection (${trouble}): see that it runs and that the url leads there`
}

function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

function wordOf(error: unknown): string {
  return messageOf(error).split(' ')[0] ?? ''
}

/** undefined: it is done already, as with a store in this process, whose steps cost less than a promise of them. */
export type Done = Promise<void> | undefined

/** Whether an answer is still to come, by a promise of whatever kind: a store that is given from outside may have its own. */
export function isComing<Answer>(answer: Answer | Promise<Answer>): answer is Promise<Answer> {
  const holder = typeof answer === 'object' || typeof answer === 'function' ? answer : null
  return holder !== null && 'then' in holder && typeof holder.then === 'function'
}

/** Begins it as an async function does: what throws is a rejection. */
export function started(work: () => Done): Done {
  try {
    return work()
  } catch (cause) {
    return Promise.reject(cause)
  }
}

/** Goes on when it is done: at once, where it is. */
export function afterwards(work: Done, next: () => Done): Done {
  return work ? work.then(next) : next()
}

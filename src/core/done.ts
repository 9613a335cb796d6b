/** undefined: it is done already, as with a store in this process, whose steps cost less than a promise of them. */
export type Done = Promise<void> | undefined

/** Goes on when it is done: at once, where it is. */
export function afterwards(work: Done, next: () => Done): Done {
  return work ? work.then(next) : next()
}

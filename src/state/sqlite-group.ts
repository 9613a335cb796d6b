/** Steps that wait for their turn. */
interface Group {
  /** Answers when it is written; rejects with what it threw. */
  add<Answer>(step: () => Answer): Promise<Answer>
  /** Does at once what waits. */
  flush(): void
}

/** A step in the group, and what it was given back. */
interface Waiting {
  run(): void
  done(): void
  failed(error: unknown): void
}

/**
 * Does in one transaction all steps that come in one turn of the event loop, in their order: a commit costs as much as a step. `together` does its
 * work whole or throws, and then nothing happened: each step is done by itself, so that one fails for none but its own caller.
 */
export function gathered(together: (run: () => void) => void): Group {
  let waiting: Waiting[] = []

  function flush(): void {
    const steps = waiting
    waiting = []
    if (!wentWell(steps)) for (const step of steps) wentWell([step])
  }

  /** False: one of several threw. What cannot even begin fails for all: each would wait as long again. */
  function wentWell(steps: readonly Waiting[]): boolean {
    let began = false
    try {
      together(() => {
        began = true
        for (const step of steps) step.run()
      })
    } catch (error) {
      if (began && steps.length > 1) return false
      for (const step of steps) step.failed(error)
      return true
    }
    for (const step of steps) step.done()
    return true
  }

  return {
    flush,
    add: (step) =>
      new Promise((resolve, failed) => {
        let answer: { readonly is: ReturnType<typeof step> }
        if (waiting.length === 0) setImmediate(flush)
        waiting.push({
          run() {
            answer = { is: step() }
          },
          done: () => resolve(answer.is),
          failed,
        })
      }),
  }
}

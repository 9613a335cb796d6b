/** Gathers lines and writes them once a turn of the event loop, so that a busy gateway pays for one write and not for hundreds. */
export function createLineWriter(write: (text: string) => void): (line: string) => void {
  let waiting: string[] = []
  return (line) => {
    if (waiting.length === 0) setImmediate(flush)
    waiting.push(line)
  }

  function flush(): void {
    const lines = waiting
    waiting = []
    write(`${lines.join('\n')}\n`)
  }
}

import type { Json } from '#src/core/json.ts'
import { readRecord, type Recorded } from '#src/pipeline/read-record.ts'
import { isGreeting } from './greeting.ts'
import { UsageError } from './usage-error.ts'

/** What a log gives, one line after another. */
export type LogLine = Recorded | 'other'

/** Reads a decision log. Empty lines are nothing. Throws UsageError that names file and line where one is broken. */
export async function* readLog(file: string, lines: AsyncIterable<string>): AsyncGenerator<LogLine> {
  let number = 0
  for await (const line of lines) {
    number++
    if (line.trim() === '') continue
    yield readLine(line, `${file}:${number}`)
  }
}

function readLine(line: string, place: string): LogLine {
  if (isGreeting(line)) return 'other'
  try {
    const json: Json = JSON.parse(line)
    return readRecord(json)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new UsageError(`${place}: this line of the log cannot be read: ${error.message}`)
  }
}

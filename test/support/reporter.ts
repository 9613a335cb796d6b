import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Ends a run with what did not run, and one line that counts. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    const skipped: string[] = []
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed++
      for (const test of module.children.allTests()) {
        counts[test.result().state]++
        if (test.result().state === 'skipped') skipped.push(nameOf(test) + noteOf(test))
      }
    }
    if (skipped.length > 0) process.stdout.write(`\ndid not run:\n${skipped.map((name) => `  ${name}\n`).join('')}`)
    process.stdout.write(`\ntests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
  }
}

function nameOf(test: TestCase): string {
  return `${test.project.name}: ${test.module.relativeModuleId}: ${test.fullName}`
}

/** Why it did not run, where the suite says so. */
function noteOf(test: TestCase): string {
  const result = test.result()
  return result.state === 'skipped' && result.note !== undefined ? ` (${result.note})` : ''
}

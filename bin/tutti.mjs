#!/usr/bin/env node
// The program. Plain JavaScript that an old Node can read: it says what to do, or hands over to a Node that is new enough.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const home = dirname(dirname(fileURLToPath(import.meta.url)))
const built = join(home, 'dist', 'node.js')
const source = join(home, 'src', 'node.ts')
const entry = existsSync(source) ? source : built
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const own = join(home, 'node_modules', 'node', 'bin', 'node')

if (major > 22 || (major === 22 && minor >= 19)) {
  const { run } = await import(pathToFileURL(entry).href)
  process.exitCode = await run(process.argv.slice(2))
} else if (existsSync(own)) {
  const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1)
  })
} else {
  console.error(
    `tutti needs Node 22.19 or newer; this is ${process.version}. Install a newer Node, or run \`npm install\` in a checkout, which brings one.`,
  )
  process.exitCode = 1
}

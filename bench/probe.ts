// Loaded into a measured Node process by `--import`: tells, when it is asked, how long its event loop was held up.
import { monitorEventLoopDelay } from 'node:perf_hooks'

const delay = monitorEventLoopDelay({ resolution: 1 })

/** `begin` starts the watch, `end` stops it and answers with the longest delay, in ms. */
process.on('message', (ask: 'begin' | 'end') => {
  if (ask === 'begin') {
    delay.reset()
    delay.enable()
    process.send?.(0)
  } else {
    delay.disable()
    process.send?.(delay.max / 1e6)
  }
})
// The channel alone keeps no process alive.
process.channel?.unref()

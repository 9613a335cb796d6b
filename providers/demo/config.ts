import type { Script } from './script.ts'

/** What `tutti serve` serves without a file (INTERFACE.md section 6), in the syntax of tutti.yaml. */
export const DEMO_CONFIG = `version: 1
providers:
  demo:
    type: demo
    models:
      cheap:  { developer: tutti-demo, lineage: [], price: { input: 0.05, cachedInput: 0.01, output: 0.2 } }
      good:   { developer: tutti-demo, lineage: [], price: { input: 0.5, cachedInput: 0.1, output: 2 } }
      slow:   { developer: tutti-demo, lineage: [], price: { input: 0.3, output: 1.2 } }
      flaky:  { developer: tutti-demo, lineage: [], price: { input: 0.1, output: 0.4 } }
      denied: { developer: tutti-demo, lineage: [], price: { input: 0.01, output: 0.04 } }
models:
  demo:
    targets: [demo/cheap, demo/good, demo/slow, demo/flaky, demo/denied]
    strategy: cheapest
  demo/cheap:  { targets: [demo/cheap, demo/good] }
  demo/good:   { targets: [demo/good] }
  demo/slow:   { targets: [demo/slow] }
  demo/flaky:  { targets: [demo/flaky, demo/good] }
  demo/denied: { targets: [demo/denied] }
policies:
  - name: demo-denied
    deny: { provider: demo, model: denied }
    reason: demo/denied costs least and is not permitted here, to show what a rule does
`

const UNAVAILABLE = 'the flaky demo model fails now and then, on purpose'

/** What the demo's models do: slow takes its time, flaky fails the first attempt of about every third request, the others just answer. */
export const DEMO_SCRIPT: Script = {
  models: ['cheap', 'good', 'slow', 'flaky', 'denied'],
  // Plain data: the builders would bring the checks of foreign scripts into the worker.
  answers: [
    {
      when: { model: 'flaky', attempt: 1, chance: 0.34 },
      error: { status: 503, message: UNAVAILABLE, code: 'demo_flaky' },
    },
    { when: { model: 'slow' }, timing: { headMs: 300, firstTokenMs: 900, tokenMs: 120 } },
    { when: { model: 'good' }, timing: { firstTokenMs: 120, tokenMs: 25 } },
  ],
  otherwise: { timing: { firstTokenMs: 40, tokenMs: 15 } },
}

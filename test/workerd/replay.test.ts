import { expect, inject, test } from 'vitest'
import { startWorkerd, type Bundle } from '../../scripts/workerd.ts'
import { loadRecorded } from '../clients/recorded/cases.ts'
import { textsFor } from '../clients/recorded/gateway.ts'
import { piecesOf } from '../clients/recorded/replay.ts'
import { SPLITS } from '../clients/recorded/splits.ts'
import { whyNotRecorded } from '../support/runtime.ts'

/** What the suites of recorded traffic rest on: in workerd each piece of a split arrives by itself. */
const absent = whyNotRecorded()

/** Says how long the pieces are in which it gets what it fetches. */
const COUNTING: Bundle = {
  script: `import 'tutti.yaml'
export default {
  async fetch(request) {
    const { body } = await fetch('https://' + new URL(request.url).pathname.slice(1))
    const lengths = []
    for await (const { length } of body) lengths.push(length)
    return Response.json(lengths)
  },
}`,
  config: { module: 'tutti.yaml', text: '' },
}

/** bytes: a reader there takes no more at once. */
const MOST = 4096

function taken({ length }: Uint8Array): readonly number[] {
  const whole = Array.from({ length: Math.floor(length / MOST) }, () => MOST)
  return length % MOST === 0 ? whole : [...whole, length % MOST]
}

if (absent !== undefined) test.skip(`pieces in workerd: skipped, ${absent}`, () => {})

test.skipIf(absent !== undefined).each(SPLITS)('every case arrives in its pieces, %s', async (split) => {
  const byHost = new Map(loadRecorded().map((one, index) => [`case-${index}.example`, one]))
  const script = inject('bundles')?.replay ?? ''
  const { url, close } = await startWorkerd(COUNTING, { outside: { script, texts: textsFor(byHost, split) } })
  for (const [host, one] of byHost) {
    const lengths: unknown = await (await fetch(`${url}/${host}`)).json()
    expect(lengths, one.id).toEqual(piecesOf(one, split).flatMap(taken))
  }
  await close()
})

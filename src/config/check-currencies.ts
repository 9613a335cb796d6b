import { currencyOf } from './compile-price.ts'
import type { Context } from './context.ts'
import type { ProviderEntry } from './facts.ts'
import type { CurrenciesFile } from './schema-price.ts'

/** A currency that nothing is said of would be taken for dollars. */
export function checkCurrencies(
  entries: ReadonlyMap<string, ProviderEntry>,
  currencies: CurrenciesFile | undefined,
  { report }: Context,
): void {
  for (const [name, { file }] of entries) {
    for (const [model, { price }] of Object.entries(file.models ?? {})) {
      if (price?.currency === undefined || price.currency === 'USD' || currencyOf(currencies, price.currency)) continue
      const path = ['providers', name, 'models', model, 'price', 'currency']
      const message = `nothing says what ${report.shown(path)} is worth`
      report.error({
        path,
        message,
        mend: 'write under `currencies` how much of it is one USD',
      })
    }
  }
}

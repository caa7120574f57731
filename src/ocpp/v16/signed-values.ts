/** Signed meter values of a StopTransaction: evidence, kept as it came. */
import { isRecord } from './fields.js'

/** As JSON; more is not kept at all, since a part of it proves nothing. */
const MAX_LENGTH = 8_192

/** The elements of `transactionData` that hold signed values; undefined: none, or too much. */
export function signedValues(transactionData: readonly unknown[]): readonly unknown[] | undefined {
  const signed = transactionData.filter(isSigned)
  if (signed.length === 0 || JSON.stringify(signed).length > MAX_LENGTH) return undefined
  return signed
}

function isSigned(element: unknown): boolean {
  const values = isRecord(element) ? element['sampledValue'] : undefined
  return (
    Array.isArray(values) &&
    values.some((value: unknown) => isRecord(value) && value['format'] === 'SignedData')
  )
}

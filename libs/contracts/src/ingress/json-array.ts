import { isUtf8 } from 'node:buffer';
import { CLOSE_ARRAY, OPEN_ARRAY, skipSeparators, skipValue } from './json-scan.js';

/**
 * The elements of a JSON array, each as the bytes it was written as; `undefined` where the bytes are not one JSON array
 * in UTF-8. For the CloudEvents batch format.
 */
export function splitJsonArray(bytes: Buffer): Buffer[] | undefined {
  if (!isJson(bytes)) return undefined;
  let i = skipSeparators(bytes, 0);
  if (bytes[i] !== OPEN_ARRAY) return undefined;
  const elements: Buffer[] = [];
  for (i = skipSeparators(bytes, i + 1); bytes[i] !== CLOSE_ARRAY; i = skipSeparators(bytes, i)) {
    const end = skipValue(bytes, i);
    elements.push(bytes.subarray(i, end));
    i = end;
  }
  return elements;
}

function isJson(bytes: Buffer): boolean {
  if (!isUtf8(bytes)) return false;
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

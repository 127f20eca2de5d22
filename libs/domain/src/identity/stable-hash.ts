import { hash } from 'node:crypto';

/**
 * 128 bits of SHA-256 over the parts, as 32 hexadecimal digits. Each part is preceded by its length, so that no two
 * different lists of parts can be read as the same bytes.
 */
export function stableHash(...parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  return hash('sha256', text, 'hex').slice(0, 32);
}

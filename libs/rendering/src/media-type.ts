/** How an event's data goes into a JSON payload. */
export type DataKind = 'json' | 'text' | 'binary';

/**
 * Reads an event's content type (RFC 9110 §8.3.1).
 *
 * JSON is what CloudEvents 1.0 calls JSON: any type whose subtype is `json` or ends in `+json`, and data without a
 * content type. Text is `text/*` in UTF-8 or ASCII; a text in another charset is handed on byte by byte, as is
 * everything else.
 */
export function dataKindOf(contentType: string | undefined): DataKind {
  if (contentType === undefined || contentType === 'application/json') return 'json';

  const [essence = '', ...parameters] = contentType.toLowerCase().split(';');
  const [type = '', subtype = ''] = essence.trim().split('/');
  if (essence.trim() === '' || subtype === 'json' || subtype.endsWith('+json')) return 'json';
  return type === 'text' && parameters.every(keepsUtf8) ? 'text' : 'binary';
}

function keepsUtf8(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=');
  if (name.trim() !== 'charset') return true;
  return ['utf-8', 'utf8', 'us-ascii'].includes(value.trim().replace(/^"(.*)"$/, '$1'));
}

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const LOCAL_URL = 'http://127.0.0.1:8080';

/** docs/openapi.json: the document that config-api serves, of an installation on this machine. */
export async function openApiPage(root: string): Promise<string> {
  const built = join(root, 'apps/config-api/dist/http/open-api-document.js');
  const module = (await import(pathToFileURL(built).href)) as { openApiDocument: (publicUrl: string) => unknown };
  return JSON.stringify(module.openApiDocument(LOCAL_URL));
}

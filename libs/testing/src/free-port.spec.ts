import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort, isPortFree } from './free-port.js';

describe('freePort', () => {
  let busy: Server | undefined;
  afterEach(() => {
    busy?.close();
  });

  it('gives the preferred port when nobody listens on it', async () => {
    const port = await freePort();
    expect(await freePort(port)).toBe(port);
  });

  it('gives another port when the preferred one is busy', async () => {
    const port = await freePort();
    busy = createServer();
    await new Promise<void>((resolve) => busy?.listen(port, '127.0.0.1', resolve));
    expect(await isPortFree(port)).toBe(false);
    expect(await freePort(port)).not.toBe(port);
  });
});
